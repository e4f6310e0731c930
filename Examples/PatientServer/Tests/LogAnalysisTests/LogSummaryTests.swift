import Foundation
import LogAnalysis
import Testing

@Suite("Log summary")
struct LogSummaryTests {
    private func request(_ endpoint: String, _ status: Int, _ duration: Double, ts: String = "2025-06-01T12:00:00.5Z")
        -> String
    {
        #"{"ts":"\#(ts)","level":"info","msg":"request","logger":"l","endpoint":"\#(endpoint)","status":\#(status),"duration_ms":\#(duration)}"#
    }

    @Test("requests are counted and timed by route, whatever else is in the log")
    func routes() throws {
        var summary = LogSummary()
        for milliseconds in 1...100 { summary.add(line: request("/jobs/{id}", 200, Double(milliseconds))) }
        summary.add(line: #"{"level":"error","msg":"request","endpoint":"/jobs/{id}","status":503}"#)
        for line in ["no JSON", "{\"level\":\"info\"", "[1]", "{}", "{\"level\":\"info\",\"msg\":\"a\nb\"}"] {
            summary.add(line: line)
        }
        summary.add(line: #"{"level":"info","msg":"started","deep":{"a":["}",{"msg":"no"}]},"n":null}"#)
        #expect(summary.lines == 107 && summary.unreadable == 5)
        #expect(summary.levels == ["info": 101, "error": 1])
        let route = try #require(summary.routes.first)
        #expect(route.count == 101 && route.failures == 1 && abs(route.errorRate - 1 / 101) < 1e-9)
        #expect(abs(route.durations.quantile(0.95) - 95) < 0.5)
        #expect(summary.errors.first?.message == "request")
    }

    @Test("slow statements are grouped by fingerprint, with their wait for a connection")
    func statements() throws {
        var summary = LogSummary()
        for index in 1...10 {
            summary.add(
                line:
                    #"{"level":"warning","msg":"slow statement","statement":"SELECT \"x\" FROM t","fingerprint":"ab12","duration_ms":"\#(index * 100)","pool_wait_ms":"5","rows":"3"}"#
            )
        }
        let group = try #require(summary.statements.first)
        #expect(group.count == 10 && group.name == "ab12" && group.statement == "SELECT \"x\" FROM t")
        #expect(abs(group.durations.quantile(0.5) - 500) < 3 && abs(group.poolWaits.quantile(0.95) - 5) < 0.1)
    }

    @Test("only lines since a moment count")
    func since() {
        var summary = LogSummary(since: "2025-06-01T12:00:00")
        summary.add(line: request("/a", 200, 1, ts: "2025-06-01T11:59:59.999999Z"))
        summary.add(line: request("/a", 200, 1, ts: "2025-06-01T12:00:00.000001Z"))
        summary.add(line: request("/a", 200, 1, ts: "2026-01-01T00:00:00.000001Z"))
        #expect(summary.lines == 3 && summary.counted == 2)
    }

    @Test("--since takes moments and spans, and says what it takes")
    func sinceTexts() throws {
        let now = Date(timeIntervalSince1970: 1_748_779_200)
        #expect(try SinceTime.parse("15m", now: now) == "2025-06-01T11:45:00")
        #expect(try SinceTime.parse("1d", now: now) == "2025-05-31T12:00:00")
        #expect(try SinceTime.parse("2025-06-01T12:00:00Z") == "2025-06-01T12:00:00")
        #expect(try SinceTime.parse("2025-06-01") == "2025-06-01")
        for text in ["", "m", "-5m", "yesterday", "15x"] {
            #expect(throws: LogAnalysisError.self) { try SinceTime.parse(text) }
        }
    }

    @Test(
        "conditions hold or are broken",
        arguments: [
            ("p95>1000ms", false), ("p95>90ms", true), ("p50>0.01s", true), ("max>100ms", false), ("max > 99ms", true),
            ("error_rate>1%", true), ("error_rate>50%", false), ("errors>0", true), ("errors>1", false),
            ("unreadable>0", true), ("dropped>6", true), ("dropped>7", false),
        ])
    func conditions(text: String, isBroken: Bool) throws {
        var summary = LogSummary()
        for milliseconds in 1...98 { summary.add(line: request("/a", 200, Double(milliseconds))) }
        for _ in 0..<2 { summary.add(line: request("/a", 500, 100)) }
        summary.add(line: #"{"level":"error","msg":"it broke"}"#)
        summary.add(line: #"{"level":"warning","msg":"log lines dropped","dropped":7}"#)
        summary.add(line: "?")
        #expect(try FailureCondition(text).violations(in: summary).isEmpty == !isBroken)
    }

    @Test(
        "a condition that is none is refused with what is taken",
        arguments: ["", "p95", "p95<1ms", "p97>1ms", "p95>x", "errors>-1", "p95>1"])
    func badConditions(text: String) {
        #expect(throws: LogAnalysisError.self) { try FailureCondition(text) }
    }

    @Test("quantiles are within 0.5 % of the exact ones, over nine orders of magnitude")
    func quantiles() {
        var sketch = DurationSketch()
        var random = SystemRandomNumberGenerator()
        let values = (0..<50_000).map { _ in exp(Double.random(in: -4...14, using: &random)) }.sorted()
        for value in values { sketch.add(value) }
        for share in [0.01, 0.25, 0.5, 0.95, 0.99, 0.999] {
            let exact = values[Int((Double(values.count) * share).rounded(.up)) - 1]
            #expect(abs(sketch.quantile(share) / exact - 1) < 0.005, "\(share)")
        }
        #expect(sketch.count == 50_000 && DurationSketch().quantile(0.5) == 0)
    }

    @Test("lines are of the trace, request or job that they name")
    func trace() {
        func isOf(_ id: String, _ line: String) -> Bool {
            var line = line
            return line.withUTF8 { LogSummary.isOf(Array(id.utf8), $0) }
        }
        #expect(isOf("t1", #"{"trace_id":"t1","msg":"x"}"#))
        #expect(isOf("r1", #"{"msg":"x","request_id":"r1"}"#) && isOf("7", #"{"job_id":7}"#))
        #expect(!isOf("t1", #"{"msg":"t1","trace_id":"t12"}"#))
    }

    @Test("both outputs tell the same figures, and the text has no control characters")
    func outputs() throws {
        var summary = LogSummary()
        summary.add(line: request("/a\\u001b[31m", 500, 12))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(try summary.json().utf8)) as? [String: Any])
        let routes = try #require(json["routes"] as? [[String: Any]])
        #expect(routes.first?["count"] as? Int == 1 && routes.first?["error_rate"] as? Double == 1)
        #expect(routes.first?["name"] as? String == "/a\u{1b}[31m")
        #expect(summary.text.contains("100.0%") && !summary.text.contains("\u{1b}"))
    }
}
