import LogAnalysis
import Testing

@Suite("Log summary")
struct LogSummaryTests {
    @Test("requests are counted and timed by endpoint, whatever else is in the log")
    func endpoints() throws {
        var summary = LogSummary()
        for milliseconds in 1...100 {
            summary.add(
                line:
                    #"{"ts":"t","level":"info","msg":"request","endpoint":"/jobs/{id}","status":200,"duration_ms":"\#(milliseconds).0"}"#
                    .utf8)
        }
        summary.add(line: #"{"level":"error","msg":"request","endpoint":"/jobs/{id}","status":503}"#.utf8)
        summary.add(line: "no JSON".utf8)
        summary.add(line: #"{"level":"info","msg":"started"}"#.utf8)
        #expect(summary.lines == 103 && summary.unreadable == 1)
        #expect(summary.levels == ["info": 101, "error": 1])
        let endpoint = try #require(summary.endpoints["/jobs/{id}"])
        #expect(endpoint.requests == 101 && endpoint.failures == 1)
        #expect(endpoint.percentile(95) == 96)
    }
}
