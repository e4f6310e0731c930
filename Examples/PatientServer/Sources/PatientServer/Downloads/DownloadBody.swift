import Crypto
import PatientExport
import PatientGen

/// The bytes of a download: generated again, held against the manifest, packed and encrypted as they pass.
struct DownloadBody: Sendable {
    let generator: PatientGenerator
    let manifest: Manifest
    let choice: DownloadChoice

    /// Writes everything.
    func write(to send: ([UInt8]) async throws -> Void) async throws {
        var encryptor = try choice.password.map { password throws(ExportError) in try Encryptor(password: password) }
        var archive = choice.isArchive ? ZIPArchive() : nil
        let deflater = choice.isCompressed ? try Deflater(.gzip) : nil
        func pass(_ bytes: [UInt8]) async throws {
            var bytes = bytes
            if encryptor != nil {
                var sealed: [UInt8] = []
                try encryptor?.append(bytes[...], into: &sealed)
                bytes = sealed
            }
            if !bytes.isEmpty { try await send(bytes) }
        }
        for format in choice.formats {
            var packed: [UInt8] = []
            func pack(_ plain: ArraySlice<UInt8>) throws {
                if archive != nil {
                    try archive?.append(plain, into: &packed)
                } else if let deflater {
                    try deflater.append(plain, into: &packed)
                } else {
                    packed += plain
                }
            }
            let size = UInt64(manifest.bytes(format.rawValue) ?? 0)
            try archive?.begin("patients.\(format.fileExtension)", size: size, into: &packed)
            var workbook = format == .workbook ? try Workbook(patients: manifest.count) : nil
            let file = RegeneratedFile(generator: generator, format: format, manifest: manifest)
            try await file.write(0..<Int(size)) { plain in
                if workbook != nil {
                    var part: [UInt8] = []
                    try workbook?.append(DeflatedPiece(plain), into: &part)
                    try pack(part[...])
                } else {
                    try pack(plain)
                }
                guard packed.count >= 16_384 else { return }
                try await pass(packed)
                packed.removeAll(keepingCapacity: true)
            }
            var end: [UInt8] = []
            try workbook?.finish(into: &end)
            if !end.isEmpty { try pack(end[...]) }
            try deflater?.finish(into: &packed)
            try await pass(packed)
        }
        var rest: [UInt8] = []
        archive?.finish(into: &rest)
        try await pass(rest)
        var last: [UInt8] = []
        try encryptor?.finish(into: &last)
        if !last.isEmpty { try await send(last) }
    }
}

/// A file that is generated again: only the chunks that a range touches.
struct RegeneratedFile: Sendable {
    let generator: PatientGenerator
    let format: FileFormat
    let manifest: Manifest

    /// Writes a range of the file's bytes. The last bytes of a chunk are sent only when the whole of it is what the
    /// manifest says.
    /// - Throws: ``Difference``, when it is not.
    func write(_ range: Range<Int>, to send: (ArraySlice<UInt8>) async throws -> Void) async throws {
        let writer = format.writer(for: generator)
        var position = 0
        var buffer: [UInt8] = []
        for chunk in manifest.chunks {
            let expected = chunk.formats[format.rawValue]
            let size = expected?.bytes ?? 0
            defer { position += size }
            guard position < range.upperBound, position + size > range.lowerBound else { continue }
            var at = position
            var hash = SHA256()
            for slice in slices(of: chunk.first..<chunk.first + chunk.count, size: 100) {
                guard at < range.upperBound else { break }
                try Task.checkCancellation()
                buffer.removeAll(keepingCapacity: true)
                generator.write(slice, with: writer, into: &buffer)
                hash.update(data: buffer)
                let from = max(0, range.lowerBound - at)
                let to = min(buffer.count, range.upperBound - at)
                at += buffer.count
                if slice.upperBound == chunk.first + chunk.count {
                    guard at == position + size, hash.finalize().hex == expected?.sha256 else {
                        throw Difference(first: chunk.first, format: format.rawValue)
                    }
                }
                if from < to { try await send(buffer[from..<to]) }
            }
        }
    }

    /// What was generated again is not what the manifest says.
    struct Difference: Error, CustomStringConvertible {
        var first: UInt64
        var format: String
        var description: String {
            "the chunk of patient \(first) in \(format) differs from the manifest; this server runs another model than the one that generated it"
        }
    }
}
