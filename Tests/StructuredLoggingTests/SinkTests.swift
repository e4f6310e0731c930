import Foundation
import Logging
import StructuredLogging
import Testing

@Suite("Log sink", .timeLimit(.minutes(1)))
struct SinkTests {
    @Test("a reader that does not read costs lines, which are counted, and no memory; then lines say how many")
    func slowReader() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let sink = LogSink(descriptor: ends[1], capacity: 64 * 1024)
        let logger = Logger(label: "slow") { JSONLogHandler(label: $0, sink: sink) }
        for index in 0..<10_000 { logger.info("line \(index)") }
        #expect(sink.dropped > 0 && sink.waiting <= 64 * 1024)
        #expect(!sink.flush(within: 0))
        let dropped = Int(sink.dropped)
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var (lines, told) = (0, 0)
        while lines < 10_000 - dropped || told < dropped {
            let count = read(ends[0], &chunk, chunk.count)
            guard count > 0 else { break }
            text += chunk[..<count]
            guard text.last == 10 else { continue }
            let records = text.split(separator: 10).compactMap {
                try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
            }
            lines = records.count { ($0["msg"] as? String)?.hasPrefix("line ") == true }
            told = records.reduce(0) { $0 + ($1["dropped"] as? Int ?? 0) }
        }
        #expect(lines == 10_000 - dropped && told == dropped)
        #expect(sink.dropped == dropped)
    }

    @Test("lines of many threads never mix")
    func threads() {
        let log = LogFile()
        let logger = log.logger()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for index in 0..<500 { logger.info("\(thread) \(index)") }
        }
        let messages = log.records.compactMap { $0["msg"] as? String }
        #expect(messages.count == 4000 && Set(messages).count == 4000)
        for thread in 0..<8 {
            let own = messages.filter { $0.hasPrefix("\(thread) ") }
            #expect(own == (0..<500).map { "\(thread) \($0)" })
        }
    }

    @Test("a descriptor that is gone costs the lines, and nothing else")
    func gone() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        let sink = LogSink(descriptor: ends[1])
        let logger = Logger(label: "gone") { JSONLogHandler(label: $0, sink: sink) }
        logger.info("nobody reads")
        #expect(sink.flush())
        #expect(sink.dropped == 1)
    }
}
