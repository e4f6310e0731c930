#if Hummingbird
    import CoreMetrics
    import Hummingbird
    import HummingbirdTesting
    import ServiceIntegration
    import ServiceMetrics
    import Testing

    /// Libraries that know nothing of the registry report into it through swift-metrics.
    @Suite("Metrics of libraries", .serialized)
    struct LibraryMetricsTests {
        private static let registry: MetricRegistry = {
            let registry = MetricRegistry()
            MetricsSystem.bootstrap(RegistryMetricsFactory(registry: registry))
            return registry
        }()

        @Test func `what Hummingbird reports of a real server's requests appears`() async throws {
            let registry = Self.registry
            let router = Router()
            router.add(middleware: MetricsMiddleware())
            router.get("wards/{id}") { _, _ in "full" }
            router.get("refused") { _, _ -> String in throw HTTPError(.conflict) }
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
            try await application.test(.live) { client in
                for _ in 0..<3 {
                    let answer = try await client.executeRequest(
                        uri: "/wards/7", method: .get, headers: [:], body: nil)
                    #expect(answer.status == .ok)
                }
                let refused = try await client.executeRequest(uri: "/refused", method: .get, headers: [:], body: nil)
                #expect(refused.status == .conflict)
            }
            var bytes: [UInt8] = []
            registry.write(.prometheusText, into: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(registry.total(of: "hb_requests_total") == 4)
            #expect(registry.total(of: "hb_request_errors_total") == 1)
            #expect(text.contains("http_server_request_duration_seconds_count"))
            #expect(text.contains(#"="/wards/{id}""#))
            #expect(registry.total(of: "http_server_active_requests") == 0)
        }
    }
#endif
