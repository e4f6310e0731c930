import Foundation
import PatientExport
import PatientGen

/// One run of the generator into its files: chunks in order, packed in the tasks that made them, memory flat.
struct GenerateRun {
    let generator: PatientGenerator
    let range: Range<UInt64>
    let plan: OutputPlan
    let gzip: Bool
    let password: String?
    let threads: Int
    let order: String
    let counts: Bool

    /// A chunk that is ready to be written.
    private struct Packed: Sendable {
        let chunk: EncodedChunk
        /// What each piece's part of it became.
        let parts: [Part]
        /// Resources in each piece of a bulk export.
        let lines: [Int]
    }

    private enum Part: Sendable {
        case plain
        /// A gzip file is a sequence of members, so that chunks are packed apart and a run can go on after any.
        case member([UInt8])
        /// Of the worksheet in a workbook.
        case sheet(DeflatedPiece)
    }

    /// - Returns: the counts, where they were asked for.
    func run(resume: Bool) async throws -> PatientStatistics? {
        if let folder = plan.folder {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let paths = plan.pieces.map(plan.path)
        var state =
            try resume ? plan.checkpointPath.flatMap { try Checkpoint.read(from: $0, order: order, files: paths) } : nil
        let start = state?.next ?? range.lowerBound
        let outputs = try plan.pieces.enumerated().map { place, piece in
            let file =
                plan.isStandardOutput
                ? FileOutput() : try FileOutput(path: paths[place], keeping: state?.files[place].bytes ?? 0)
            return try PieceOutput(
                file: file, patients: UInt64(range.count), isWorkbook: piece.isWorkbook, password: password)
        }
        var files =
            state?.files ?? paths.map { Checkpoint.File(path: $0, bytes: 0, lines: 0) }
        var total = counts ? PatientStatistics(scenario: generator.scenario) : nil
        // What an earlier run wrote is generated again, to be counted: that is faster than anything is written.
        if counts { generator.forEach(in: range.lowerBound..<start) { total?.count(copy $0) } }
        var bar = ProgressBar(
            total: UInt64(range.count), earlier: (start - range.lowerBound, bytes(outputs)))
        var saved = ContinuousClock.now
        try frame(outputs, isAbsent: range.lowerBound > 0) { $0.header(into: &$1) }
        for try await packed in packedChunks(start..<range.upperBound) {
            for (place, output) in outputs.enumerated() {
                switch packed.parts[place] {
                case .plain:
                    let part = packed.chunk.parts[place]
                    try packed.chunk.withBytes { try output.append(UnsafeBufferPointer(rebasing: $0[part])) }
                case .member(let member): try member.withUnsafeBufferPointer { try output.append($0) }
                case .sheet(let piece): try output.append(piece)
                }
                files[place].lines += packed.lines[place]
            }
            if let statistics = packed.chunk.statistics { total?.add(statistics) }
            bar.update(packed.chunk.patients.upperBound - range.lowerBound, bytes: bytes(outputs))
            if let path = plan.checkpointPath, password == nil, ContinuousClock.now - saved >= .seconds(1) {
                saved = .now
                for place in files.indices { files[place].bytes = outputs[place].file.count }
                state = Checkpoint(order: order, next: packed.chunk.patients.upperBound, files: files)
                try state?.write(to: path)
            }
        }
        try frame(outputs, isAbsent: range.upperBound < generator.count) { $0.footer(into: &$1) }
        for output in outputs { try output.finish() }
        bar.finish(bytes: bytes(outputs))
        if plan.pieces.contains(where: { $0.type != nil }) { try writeManifest(files) }
        if let path = plan.checkpointPath { try? FileManager.default.removeItem(atPath: path) }
        return total
    }

    /// A workbook is whole whatever its range, so it gets the begin and end that a piece of the whole lacks.
    private func frame(
        _ outputs: [PieceOutput], isAbsent: Bool, _ write: (any PatientWriter, inout UTF8Sink) -> Void
    ) throws {
        for (piece, output) in zip(plan.pieces, outputs) where piece.isWorkbook && isAbsent {
            var sink = UTF8Sink()
            write(piece.writer, &sink)
            try sink.withBytes { try output.append(DeflatedPiece($0)) }
        }
    }

    private func packedChunks(_ range: Range<UInt64>) -> OrderedWork<Packed> {
        let packs = gzip
        let pieces = plan.pieces.map { (isBulk: $0.type != nil, isWorkbook: $0.isWorkbook) }
        return generator.chunks(
            of: range, writers: plan.pieces.map(\.writer), patientsPerChunk: plan.patientsPerChunk, width: threads,
            statistics: counts
        ) { chunk in
            let parts = try zip(chunk.parts, pieces).map { part, piece in
                try chunk.withBytes { bytes -> (Part, lines: Int) in
                    let bytes = UnsafeBufferPointer(rebasing: bytes[part])
                    let lines = piece.isBulk ? bytes.count { $0 == UInt8(ascii: "\n") } : 0
                    if piece.isWorkbook { return (.sheet(try DeflatedPiece(bytes)), lines) }
                    return (packs ? .member(try Self.gzipped(bytes)) : .plain, lines)
                }
            }
            return Packed(chunk: chunk, parts: parts.map(\.0), lines: parts.map(\.lines))
        }
    }

    private static func gzipped(_ bytes: UnsafeBufferPointer<UInt8>) throws -> [UInt8] {
        var member: [UInt8] = []
        guard !bytes.isEmpty else { return member }
        let packer = try Deflater(.gzip)
        try packer.append(bytes, into: &member)
        try packer.finish(into: &member)
        return member
    }

    private func bytes(_ outputs: [PieceOutput]) -> Int { outputs.reduce(0) { $0 + $1.file.count } }

    /// The manifest of a FHIR bulk export. Its time is the scenario's first day, so that it is the same each time.
    private func writeManifest(_ files: [Checkpoint.File]) throws {
        struct Manifest: Encodable {
            struct Output: Encodable {
                var type: String
                var url: String
                var count: Int
            }
            var transactionTime: String
            var request: String
            var requiresAccessToken = false
            var output: [Output]
            var error: [Output] = []
        }
        var manifest = Manifest(
            transactionTime: "\(generator.scenario.baseDate)T00:00:00Z",
            request: "patientgen --format fhir-ndjson --seed \(generator.seed) --count \(generator.count)", output: [])
        for (place, piece) in plan.pieces.enumerated() where files[place].lines > 0 {
            guard let type = piece.type else { continue }
            manifest.output.append(
                .init(
                    type: type.rawValue, url: (files[place].path as NSString).lastPathComponent,
                    count: files[place].lines))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = ((plan.folder ?? "") as NSString).appendingPathComponent("manifest.json")
        try FileOutput(path: path).write(Array(try encoder.encode(manifest)) + [UInt8(ascii: "\n")])
    }
}

/// A file and what is done to its bytes on the way: a workbook around them, encryption.
private final class PieceOutput {
    let file: FileOutput
    private var workbook: Workbook?
    private var encryptor: Encryptor?
    private var buffer: [UInt8] = []
    private var sealed: [UInt8] = []

    init(file: FileOutput, patients: UInt64, isWorkbook: Bool, password: String?) throws {
        self.file = file
        workbook = isWorkbook ? try Workbook(patients: patients) : nil
        encryptor = try password.map { try Encryptor(password: $0) }
    }

    func append(_ bytes: UnsafeBufferPointer<UInt8>) throws { try seal(bytes) }

    func append(_ sheet: DeflatedPiece) throws {
        buffer.removeAll(keepingCapacity: true)
        try workbook?.append(sheet, into: &buffer)
        try buffer.withUnsafeBufferPointer(seal)
    }

    func finish() throws {
        buffer.removeAll(keepingCapacity: true)
        try workbook?.finish(into: &buffer)
        try buffer.withUnsafeBufferPointer(seal)
        sealed.removeAll(keepingCapacity: true)
        try encryptor?.finish(into: &sealed)
        try file.write(sealed)
    }

    private func seal(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        guard encryptor != nil else { return try file.write(bytes) }
        sealed.removeAll(keepingCapacity: true)
        try encryptor?.append(Array(bytes)[...], into: &sealed)
        try file.write(sealed)
    }
}
