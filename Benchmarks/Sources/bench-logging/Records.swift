import BenchHarness
import Foundation
import Logging
import StructuredLogging

/// The record that is written: an access-log line.
private struct Record: Encodable {
    var ts: Date
    var level: String
    var msg: String
    var logger: String
    var request_id: String
    var bytes: Int
    var duration_ms: String
    var endpoint: String
    var method: String
    var status: Int
}

/// Writes the same record through `JSONEncoder`: what a handler without a writer of its own would do.
private struct EncoderHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    let sink: LogSink
    private let encoder: JSONEncoder

    init(sink: LogSink) {
        self.sink = sink
        encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        func text(_ key: String) -> String { (event.metadata?[key]).map { "\($0)" } ?? "" }
        let record = Record(
            ts: Date(), level: event.level.rawValue, msg: event.message.description, logger: "bench",
            request_id: text("request_id"), bytes: 512, duration_ms: text("duration_ms"), endpoint: text("endpoint"),
            method: text("method"), status: 200)
        guard var line = try? encoder.encode(record) else { return }
        line.append(10)
        sink.write(Array(line))
    }
}

/// Records a second into `/dev/null`, through the sink and its thread, and on one thread or several.
func measureRecords(_ bench: Bench) async throws {
    let descriptor = open("/dev/null", O_WRONLY)
    let own = LogSink(descriptor: descriptor, capacity: 64 << 20)
    let other = LogSink(descriptor: descriptor, capacity: 64 << 20)
    let direct = Logger(label: "bench") { JSONLogHandler(label: $0, sink: own) }
    let encoded = Logger(label: "bench") { _ in EncoderHandler(sink: other) }
    @Sendable func write(_ logger: Logger, _ count: Int) {
        for index in 0..<count {
            logger.info(
                "request",
                metadata: [
                    "request_id": "3f2a9c1b5d7e8f01", "bytes": .stringConvertible(512), "duration_ms": "1.234",
                    "endpoint": "/api/v1/jobs/{id}", "method": "GET", "status": .stringConvertible(200 + index % 2),
                ])
        }
    }
    func rate(_ logger: Logger, _ sink: LogSink, _ count: Int, threads: Int) -> Double {
        let start = now()
        DispatchQueue.concurrentPerform(iterations: threads) { _ in write(logger, count / threads) }
        let lost = sink.dropped
        sink.flush()
        return (Double(count) - Double(sink.dropped - lost)) / (Double(now() - start) / 1e9)
    }
    let rates = try await bench.medians([
        { rate(direct, own, 100_000, threads: 1) }, { rate(encoded, other, 20_000, threads: 1) },
        { rate(direct, own, 100_000, threads: 2) }, { rate(encoded, other, 20_000, threads: 2) },
    ])
    bench.record(
        "records of 6 fields, one thread", rates[0], "1/s", floor: "JSONEncoder", floorValue: rates[1],
        target: .ratioAtLeast(3))
    bench.record(
        "records of 6 fields, two threads", rates[2], "1/s", floor: "JSONEncoder", floorValue: rates[3],
        target: .ratioAtLeast(3))
    let silent = Logger(label: "bench") { JSONLogHandler(label: $0, sink: own, level: .error) }
    let quiet = try await bench.medians([{ nanoseconds(per: 1_000_000) { silent.info("not written") } }])
    bench.record("a record below the level", quiet[0], "ns", target: .valueAtMost(50))
}
