import Foundation
import LogAnalysis
import Testing

@Suite("Log reader", .timeLimit(.minutes(2)))
struct LogReaderTests {
    private func withFile(_ bytes: [UInt8], _ body: (FileHandle) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/log-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try body(try #require(FileHandle(forReadingAtPath: path)))
    }

    @Test("lines of all lengths, at the buffer's ends and without a last line feed, are read as they are")
    func lengths() throws {
        var random = SystemRandomNumberGenerator()
        var lines = [1, 2, 1 << 20, (1 << 20) - 1, (1 << 20) + 1, 3 << 20, 7, 1].map {
            [UInt8](repeating: UInt8.random(in: 32...126, using: &random), count: $0)
        }
        for _ in 0..<2000 { lines.append([UInt8](repeating: 65, count: Int.random(in: 1...3000, using: &random))) }
        var read: [[UInt8]] = []
        try withFile(Array(lines.joined(separator: [10]))) { file in
            try LogReader(file).forEachLine { read.append(Array($0)) }
        }
        #expect(read.count == lines.count && read == lines)
    }

    @Test("a million lines are summed up right, in flat memory")
    func million() throws {
        var bytes: [UInt8] = []
        for index in 0..<1000 {
            bytes += Array(
                #"{"ts":"2025-06-01T12:00:00.000000Z","level":"info","msg":"request","logger":"patient-server","request_id":"3f2a9c1b5d7e8f01","bytes":512,"duration_ms":\#(index).5,"endpoint":"/api/v1/route/\#(index % 10)","method":"GET","status":\#(index % 100 == 0 ? 500 : 200)}"#
                    .utf8)
            bytes.append(10)
        }
        var summary = LogSummary()
        try withFile(bytes) { file in
            for _ in 0..<1000 {
                try file.seek(toOffset: 0)
                try LogReader(file).forEachLine { summary.add(line: $0) }
            }
        }
        #expect(summary.lines == 1_000_000 && summary.unreadable == 0)
        #expect(summary.routes.count == 10 && summary.routes.allSatisfy { $0.count == 100_000 })
        #expect(summary.routes.map(\.failures).reduce(0, +) == 10_000)
        #expect(summary.routes.allSatisfy { abs($0.durations.quantile(0.5) / 495 - 1) < 0.02 })
    }
}
