import HTTPTypes
import Hummingbird
import Logging
import PatientExport

/// Finished generations as files, generated again from the seed while they are sent: any server has them all.
struct DownloadRoutes: Sendable {
    let generations: Generations

    func add(to router: some RouterMethods<AppContext>) {
        router.get("downloads/{id}", use: download)
    }

    @Sendable func download(_ request: Request, _ context: AppContext) async throws -> Response {
        let (job, manifest) = try await generations.finished(context.parameters.get("id"))
        let choice = try DownloadChoice(request, of: job)
        var headers: HTTPFields = [
            .contentType: choice.contentType, .acceptRanges: choice.isPlain ? "bytes" : "none",
            .contentDisposition:
                "attachment; filename=\"\(choice.fileName(context.parameters.get("id") ?? ""))\"",
        ]
        let tag = choice.tag(manifest)
        if let tag {
            headers[.eTag] = tag
            if matches(request.headers[.ifNoneMatch], tag) { return Response(status: .notModified, headers: headers) }
        } else {
            headers[.cacheControl] = "no-store"
        }
        let logger = context.logger
        guard choice.isPlain, let length = manifest.bytes(choice.formats[0].rawValue) else {
            let source = DownloadBody(generator: try job.parameters.generator(), manifest: manifest, choice: choice)
            let body = ResponseBody { writer in
                do {
                    try await source.write { try await writer.write(ByteBuffer(bytes: $0)) }
                } catch let error as RegeneratedFile.Difference {
                    logger.error("a download was cut", metadata: ["error": "\(error)"])
                    throw error
                }
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: headers, body: body)
        }
        var wanted = 0..<length
        var status = HTTPResponse.Status.ok
        if let range = request.headers[.range], request.headers[.ifRange].map({ $0 == tag }) ?? true {
            switch ByteRange(range, of: length) {
            case .ignored: break
            case .unsatisfiable:
                throw APIError(
                    status: .rangeNotSatisfiable, detail: "the file has \(length) bytes",
                    headers: [.contentRange: "bytes */\(length)"])
            case .part(let part):
                wanted = part
                status = .partialContent
                headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
            }
        }
        let file = RegeneratedFile(
            generator: try job.parameters.generator(), format: choice.formats[0], manifest: manifest)
        let range = wanted
        let body = ResponseBody(contentLength: range.count) { writer in
            do {
                try await file.write(range) { try await writer.write(ByteBuffer(bytes: $0)) }
            } catch let error as RegeneratedFile.Difference {
                logger.error("a download was cut", metadata: ["error": "\(error)"])
                throw error
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// `If-None-Match`: any of a list, or `*`; weak tags count as strong ones here (RFC 9110, section 13.1.2).
    private func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let text = part.trimming()
            return text == "*" || text == tag || text == "W/" + tag
        }
    }
}

extension Substring {
    fileprivate func trimming() -> Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
