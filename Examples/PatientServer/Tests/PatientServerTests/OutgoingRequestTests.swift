import AsyncHTTPClient
import HummingbirdIntegration
import NIOCore
import NIOHTTP1
import NIOPosix
import ServerTestSupport
import ServiceIntegration
import ServiceMetrics
import Testing

/// AsyncHTTPClient and SwiftNIO report nothing through swift-metrics; the integrations give their figures.
@Suite("Outgoing requests")
struct OutgoingRequestTests {
    @Test func `what AsyncHTTPClient sends and how its event loops do stand in the scrape`() async throws {
        let registry = MetricRegistry()
        let outgoing = try OutgoingRequestMetrics(registry: registry)
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: 1, metricsDelegate: try EventLoopTicks(registry: registry))
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        func send(_ url: String) async throws -> HTTPClientResponse {
            try await outgoing.observe("GET", host: "patients", status: { Int($0.status.code) }) {
                try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
            }
        }
        try await RunningServer.with { server in
            for path in ["/api/v1/health/live", "/api/v1/health/live", "/nowhere"] {
                _ = try await send(server.base + path).body.collect(upTo: 1 << 20)
            }
        }
        let closed = try TestPort.free()
        await #expect(throws: (any Error).self) { try await send("http://127.0.0.1:\(closed)/") }
        try await client.shutdown()
        try await group.shutdownGracefully()

        let ended = registry.observations(of: "http_client_request_duration_seconds", by: "status")?.counts
        #expect((ended ?? [:]).mapValues { $0.reduce(0, +) } == ["200": 2, "404": 1, "error": 1])
        #expect(registry.total(of: "http_client_requests_in_flight") == 0)
        let ticks = registry.observations(of: "nio_event_loop_tick_seconds")?.counts.reduce(0, +) ?? 0
        #expect(ticks > 0)
        #expect((registry.value(of: "nio_event_loop_tasks_total") ?? 0) > 0)
    }
}
