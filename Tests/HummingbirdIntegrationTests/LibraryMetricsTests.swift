#if Hummingbird
    import Metrics
    import Foundation
    import Hummingbird
    import HummingbirdIntegration
    import HummingbirdTesting
    import NIOCore
    import NIOPosix
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

        @Test(.timeLimit(.minutes(1)))
        func `a blocked event loop shows as lag while the others go on`() async throws {
            let registry = MetricRegistry()
            let lag = EventLoopLag(factory: RegistryMetricsFactory(registry: registry))
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let blocked = DispatchSemaphore(value: 0)
            let reached = group.any().makePromise(of: Void.self)
            let loop = try #require(group.makeIterator().first { $0 !== reached.futureResult.eventLoop })
            loop.execute {
                reached.succeed()
                blocked.wait()
            }
            try await reached.futureResult.get()
            let began = ContinuousClock.now
            let following = Task { await lag.follow(group, every: .milliseconds(1)) }
            // All of these are the other loop's.
            while Self.count(registry, "nio_event_loop_lag_seconds") < 5 { await Task.yield() }
            while ContinuousClock.now - began < .milliseconds(60) { await Task.yield() }
            blocked.signal()
            while Self.count(registry, "nio_event_loop_lag_seconds", above: 0.05) < 1 { await Task.yield() }
            following.cancel()
            await following.value
            try await group.shutdownGracefully()
        }

        @Test(.timeLimit(.minutes(1)))
        func `the turns of a server's own event loops are counted and timed, a slow handler's among them`() async throws
        {
            let registry = MetricRegistry()
            let group = MultiThreadedEventLoopGroup(
                numberOfThreads: 1,
                metricsDelegate: EventLoopTicks(factory: RegistryMetricsFactory(registry: registry)))
            let router = Router()
            router.get("slow") { _, _ in
                try await group.any().submit { Thread.sleep(forTimeInterval: 0.03) }.get()
                return "at last"
            }
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                eventLoopGroupProvider: .shared(group))
            try await application.test(.live) { client in
                let answer = try await client.executeRequest(uri: "/slow", method: .get, headers: [:], body: nil)
                #expect(answer.status == .ok)
                while Self.count(registry, "nio_event_loop_tick_seconds", above: 0.025) < 1 { await Task.yield() }
            }
            let ticks = Self.count(registry, "nio_event_loop_tick_seconds")
            #expect(ticks > 1 && registry.value(of: "nio_event_loop_tasks_total") ?? 0 >= 1)
            try await group.shutdownGracefully()
        }

        @Test(.timeLimit(.minutes(1)))
        func `what a service sends is timed by its end: a status, an error, a cancellation`() async throws {
            struct Unreachable: Error {}
            let registry = MetricRegistry()
            let outgoing = OutgoingRequestMetrics(factory: RegistryMetricsFactory(registry: registry))
            let waiting = AsyncStream<Void>.makeStream()
            let silence = AsyncStream<Void>.makeStream()
            let router = Router()
            router.get("wards") { _, _ in "full" }
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
            try await application.test(.live) { client in
                @Sendable func send(_ path: String) async throws -> TestResponse {
                    try await outgoing.observe("GET", host: "wards", status: { $0.status.code }) {
                        try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
                    }
                }
                for path in ["/wards", "/wards", "/nowhere"] { _ = try await send(path) }
                await #expect(throws: Unreachable.self) {
                    try await outgoing.observe("GET", host: "wards", status: { $0 }) { throw Unreachable() }
                }
                let given = Task {
                    try await outgoing.observe("GET", host: "wards", status: { $0 }) {
                        waiting.continuation.yield()
                        // Nothing comes; a cancelled task's stream ends.
                        for await _ in silence.stream {}
                        try Task.checkCancellation()
                        return 200
                    }
                }
                for await _ in waiting.stream { break }
                #expect(registry.total(of: "http_client_active_requests") == 1)
                given.cancel()
                _ = await given.result
            }
            #expect(registry.total(of: "http_client_active_requests") == 0)
            let ended = registry.observations(
                of: "http_client_request_duration_seconds", by: "http_response_status_code")?.counts
            let counts = (ended ?? [:]).mapValues { $0.reduce(0, +) }
            #expect(counts == ["200": 2, "404": 1, "error": 1, "cancelled": 1])
        }

        /// Observations of a histogram, those above one of its bounds or all.
        private static func count(_ registry: MetricRegistry, _ name: String, above bound: Double = -1) -> UInt64 {
            guard let seen = registry.observations(of: name) else { return 0 }
            return zip(seen.buckets.bounds + [Double.infinity], seen.counts).reduce(0) {
                $1.0 > bound ? $0 + $1.1 : $0
            }
        }
    }
#endif
