import AsyncHTTPClient
import Hummingbird
import HummingbirdIntegration
import HummingbirdTesting
import Metrics
import NIOCore
import NIOHTTP1
import NIOPosix
import ServerTestSupport
import ServiceIntegration
import ServiceMetrics
import Testing

/// What the libraries below a service do, through the swift-metrics that a process is bootstrapped with.
@Suite("Metrics of libraries")
struct LibraryMetricsTests {
    @Test func `Hummingbird, SwiftNIO and AsyncHTTPClient stand in one scrape through swift-metrics`() async throws {
        let registry = MetricRegistry()
        MetricsSystem.bootstrap(RegistryMetricsFactory(registry: registry))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1, metricsDelegate: EventLoopTicks())
        let watching = Task { await EventLoopLag().follow(group, every: .milliseconds(1)) }
        let router = Router()
        router.add(middleware: MetricsMiddleware())
        router.get("wards/{id}") { _, _ in "full" }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            eventLoopGroupProvider: .shared(group))
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        let outgoing = OutgoingRequestMetrics()
        @Sendable func send(_ port: Int, _ path: String) async throws -> HTTPClientResponse {
            try await outgoing.observe("GET", host: "wards", status: { Int($0.status.code) }) {
                try await client.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)"), timeout: .seconds(10))
            }
        }
        try await application.test(.live) { server in
            let port = try #require(server.port)
            for path in ["/wards/7", "/wards/8", "/nowhere"] {
                _ = try await send(port, path).body.collect(upTo: 1 << 20)
            }
        }
        let closed = try TestPort.free()
        await #expect(throws: (any Error).self) { try await send(closed, "/") }
        try await client.shutdown()
        watching.cancel()
        await watching.value
        try await group.shutdownGracefully()

        var bytes: [UInt8] = []
        registry.write(.openMetrics, into: &bytes)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        func figure(_ start: String) -> Double? {
            lines.first { $0.hasPrefix(start) }?.split(separator: " ").last.flatMap { Double($0) }
        }
        // Hummingbird.
        let ward = #"{http_request_method="GET",http_response_status_code="200",http_route="/wards/{id}"}"#
        #expect(figure("hb_requests_total" + ward) == 2)
        #expect(figure("http_server_request_duration_seconds_count" + ward) == 2)
        #expect(figure("http_server_active_requests{") == 0)
        // SwiftNIO.
        #expect(figure("nio_event_loop_tick_seconds_count") ?? 0 > 0)
        #expect(figure("nio_event_loop_tasks_total") ?? 0 > 0)
        #expect(figure("nio_event_loop_lag_seconds_count") ?? 0 > 0)
        // AsyncHTTPClient.
        for (status, count) in [("200", 2.0), ("404", 1), ("error", 1)] {
            let labels =
                #"{http_request_method="GET",http_response_status_code="\#(status)",server_address="wards"}"#
            #expect(figure("http_client_request_duration_seconds_count" + labels) == count, "\(status)")
        }
        #expect(figure("http_client_active_requests{") == 0)
        #expect(figure("metrics_registration_errors_total") ?? 0 == 0)
    }
}
