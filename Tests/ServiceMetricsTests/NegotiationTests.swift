import ServiceMetrics
import Testing

@Suite("Negotiation")
struct NegotiationTests {
    @Test(
        arguments: [
            (nil, .prometheusText), ("", .prometheusText), ("*/*", .prometheusText), ("text/plain", .prometheusText),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2", .openMetrics),
            ("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5", .prometheusText),
            ("application/openmetrics-text;q=0", .prometheusText), ("text/html", .prometheusText),
            ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", .prometheusText),
            ("application/openmetrics-text;\tq=0.9, text/plain;q=nan", .openMetrics),
            ("application/openmetrics-text;q=high,text/plain;q=0.5", .openMetrics), (";;,,q=1", .prometheusText),
            ("APPLICATION/OpenMetrics-Text ; Q=0.9 , */* ; q=0.1", .openMetrics),
            // What Prometheus 2.42 and 3 send.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;"
                    + "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                    + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;q=0.3",
                .openMetrics
            ),
        ] as [(String?, ExpositionFormat)])
    func `the client's preference decides`(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat.negotiate(accept: accept) == format)
    }
}
