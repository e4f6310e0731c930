import CoreMetrics
import Logging
import ServiceIntegration
import ServiceMetrics
import Synchronization
import Testing

@Suite("swift-metrics log lines")
struct SwiftMetricsLogTests {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    struct Recorder: LogHandler {
        let lines: Lines
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let reason = event.metadata?["reason"]?.description ?? ""
            let metric = event.metadata?["metric"]?.description ?? ""
            lines.all.withLock { $0.append("\(event.level) \(metric): \(reason)") }
        }
    }

    @Test func `what cannot be registered is said once`() {
        let lines = Lines()
        let registry = MetricRegistry()
        let factory = RegistryMetricsFactory(
            registry: registry, logger: Logger(label: "test") { _ in Recorder(lines: lines) })
        factory.makeMeter(label: "a", dimensions: []).set(1.0)
        for _ in 0..<3 {
            factory.makeRecorder(label: "a", dimensions: [], aggregate: true).record(1.0)
            factory.makeCounter(label: "", dimensions: []).increment(by: 1)
        }
        let said = lines.all.withLock { $0 }
        #expect(said == ["warning a: a is another kind of metric already", "warning : it has no name"])
        #expect(registry.text().contains("metrics_registration_errors_total 6.0"))
    }
}
