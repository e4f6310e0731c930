import Foundation
import PatientExport
import PatientGen
import Testing

@Suite("Compression")
struct DeflaterTests {
    /// What `gzip -dc` makes of bytes.
    private func gunzip(_ bytes: [UInt8]) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(path: "deflater-\(UUID().uuidString).gz")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return data
    }

    @Test("gzip reads what was compressed in pieces", arguments: [1, 6, 9])
    func pieces(level: Int) throws {
        let generator = PatientGenerator(scenario: Scenario(), seed: 7)
        var plain: [UInt8] = []
        generator.write(0..<300, with: PatientFormat.ndjson.writer(for: generator), into: &plain)
        let gzip = try Deflater(.gzip, level: level)
        var packed: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: 7_001) {
            try gzip.append(plain[start..<min(plain.count, start + 7_001)], into: &packed)
        }
        try gzip.finish(into: &packed)
        #expect(packed.count < plain.count / 3)
        #expect(try gunzip(packed) == Data(plain))
    }

    @Test("nothing becomes an empty stream, and the same bytes always the same stream")
    func edges() throws {
        var first: [UInt8] = []
        try Deflater(.gzip).finish(into: &first)
        var second: [UInt8] = []
        try Deflater(.gzip).finish(into: &second)
        #expect(try gunzip(first).isEmpty)
        #expect(first == second)
    }

    @Test("what is appended after the end is an error")
    func afterTheEnd() throws {
        let gzip = try Deflater(.gzip)
        var packed: [UInt8] = []
        try gzip.finish(into: &packed)
        #expect(throws: ExportError.self) { try gzip.append([1, 2, 3], into: &packed) }
    }
}
