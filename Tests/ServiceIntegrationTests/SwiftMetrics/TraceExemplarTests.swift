import Logging
import ServiceIntegration
import ServiceMetrics
import Testing
import Tracing

@Suite("Exemplars of traces")
struct TraceExemplarTests {
    /// Says what it was told to.
    struct Told: Instrument {
        let header: String?

        func extract<Carrier, Extract: Extractor>(
            _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
        ) where Extract.Carrier == Carrier {}

        func inject<Carrier, Inject: Injector>(
            _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
        ) where Inject.Carrier == Carrier {
            if let header { injector.inject(header, forKey: "Traceparent", into: &carrier) }
        }
    }

    @Test func `a sampled trace leaves its names at a bucket`() throws {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let exemplar = try #require(Exemplar(trace: .topLevel, instrument: Told(header: header)))
        let registry = MetricRegistry()
        try registry.histogram("h", help: "H.", buckets: Buckets([1])).observe(0.5, exemplar: exemplar)
        #expect(
            registry.text(.openMetrics).contains(
                ##"{span_id="00f067aa0ba902b7",trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.5"##))
    }

    @Test(arguments: [
        nil, "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "00-short-00f067aa0ba902b7-01", "x",
    ])
    func `no trace, or one that is not kept, leaves nothing`(header: String?) {
        #expect(Exemplar(trace: .topLevel, instrument: Told(header: header)) == nil)
        #expect(Exemplar(trace: nil, instrument: Told(header: header)) == nil)
    }
}

@Suite("Trace metadata")
struct TraceMetadataTests {
    @Test func `log records of a task in a trace carry its ids, others none`() {
        let told = TraceExemplarTests.Told(header: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
        let provider = Logger.MetadataProvider.traceIDs { told }
        #expect(provider.get().isEmpty)
        ServiceContext.withValue(.topLevel) {
            #expect(
                provider.get() == ["trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"])
        }
        let silent = Logger.MetadataProvider.traceIDs { TraceExemplarTests.Told(header: "nonsense") }
        ServiceContext.withValue(.topLevel) { #expect(silent.get().isEmpty) }
    }
}
