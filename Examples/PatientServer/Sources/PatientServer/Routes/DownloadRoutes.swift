import Foundation
import HTTPTypes
import Hummingbird
import PatientGen

/// Finished generations as files, generated again from the seed while they are sent.
struct DownloadRoutes: Sendable {
    let generations: Generations

    func add(to router: some RouterMethods<AppContext>) {
        router.get("downloads/{id}", use: download)
    }

    @Sendable func download(_ request: Request, _ context: AppContext) async throws -> Response {
        let (job, manifest) = try await generations.finished(context.parameters.get("id"))
        let name = request.uri.queryParameters["format"].map(String.init) ?? job.parameters.formats[0]
        guard let format = PatientFormat(rawValue: name), let length = manifest.bytes(name) else {
            throw APIError.invalid(
                "format", "takes one of the job's formats: \(job.parameters.formats.joined(separator: ", "))")
        }
        guard job.parameters.modelVersion == PatientGenerator.modelVersion else {
            throw APIError.conflict(
                "the job was made by model version \(job.parameters.modelVersion); generate it again")
        }
        let tag = manifest.tag(name)
        var headers: HTTPFields = [
            .contentType: format.contentType, .eTag: tag, .acceptRanges: "bytes",
            .contentDisposition:
                "attachment; filename=\"patients-\(context.parameters.get("id") ?? "").\(format.fileExtension)\"",
        ]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        var wanted = 0..<length
        var status = HTTPResponse.Status.ok
        if let range = request.headers[.range], request.headers[.ifRange] == nil || request.headers[.ifRange] == tag {
            guard let parsed = byteRange(range, of: length) else {
                throw APIError(
                    status: .rangeNotSatisfiable, detail: "the file has \(length) bytes",
                    headers: [.contentRange: "bytes */\(length)"])
            }
            wanted = parsed
            status = .partialContent
            headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(length)"
        }
        let file = RegeneratedFile(generator: try job.parameters.generator(), format: format, manifest: manifest)
        let range = wanted
        let body = ResponseBody(contentLength: range.count) { writer in
            try await file.write(range) { try await writer.write(ByteBuffer(bytes: $0)) }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}

/// `bytes=a-b`, `bytes=a-` or `bytes=-n` of a file; `nil` when nothing of it lies within.
func byteRange(_ header: String, of length: Int) -> Range<Int>? {
    guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
    let parts = header.dropFirst("bytes=".count).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    if parts[0].isEmpty {
        guard let count = Int(parts[1]), count > 0, length > 0 else { return nil }
        return max(0, length - count)..<length
    }
    guard let first = Int(parts[0]), first >= 0, first < length else { return nil }
    if parts[1].isEmpty { return first..<length }
    guard let last = Int(parts[1]), last >= first else { return nil }
    return first..<min(length, last + 1)
}

/// A file that is generated again: only the chunks that a range touches.
struct RegeneratedFile: Sendable {
    let generator: PatientGenerator
    let format: PatientFormat
    let manifest: Manifest

    func write(_ range: Range<Int>, to send: (ArraySlice<UInt8>) async throws -> Void) async throws {
        let writer = format.writer(for: generator)
        var position = 0
        var buffer: [UInt8] = []
        for chunk in manifest.chunks {
            let size = chunk.formats[format.rawValue]?.bytes ?? 0
            defer { position += size }
            guard position < range.upperBound, position + size > range.lowerBound else { continue }
            var at = position
            for slice in slices(of: chunk.first..<chunk.first + chunk.count, size: 100) {
                guard at < range.upperBound else { break }
                buffer.removeAll(keepingCapacity: true)
                generator.write(slice, with: writer, into: &buffer)
                let from = max(0, range.lowerBound - at)
                let to = min(buffer.count, range.upperBound - at)
                at += buffer.count
                if from < to { try await send(buffer[from..<to]) }
            }
        }
    }
}
