#if Hummingbird
    import HTTPTypes
    import Hummingbird
    import HummingbirdIntegration
    import HummingbirdTesting
    import NIOCore
    import ServiceMetrics
    import Synchronization
    import Testing

    /// What a Hummingbird service gets for one line: every request counted and timed, however it ends.
    @Suite("Request metrics")
    struct RequestMetricsTests {
        private struct Broken: Error {}

        private func application(_ registry: MetricRegistry) throws -> some ApplicationProtocol {
            let router = Router()
            router.add(middleware: try RequestObservation(registry: registry, accessLog: false))
            router.addMetricsRoute(registry)
            router.get("jobs/{id}") { _, context in "job \(try context.parameters.require("id"))" }
            router.post("jobs") { request, _ in
                var size = 0
                for try await part in request.body { size += part.readableBytes }
                return "\(size)"
            }
            router.get("refused") { _, _ -> String in throw HTTPError(.conflict, message: "no") }
            router.get("broken") { _, _ -> String in throw Broken() }
            router.get("large") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        for _ in 0..<100 { try await writer.write(ByteBuffer(repeating: 0x61, count: 10_000)) }
                        try await writer.finish(nil)
                    })
            }
            router.get("cut") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await writer.write(ByteBuffer(repeating: 0x61, count: 1000))
                        throw Broken()
                    })
            }
            router.get("events") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await Task.sleep(for: .milliseconds(600))
                        try await writer.write(ByteBuffer(string: "data: 1\n\n"))
                        try await writer.finish(nil)
                    })
            }
            router.get("in-flight") { _, _ in "\(registry.value(of: "api_requests_in_flight") ?? -1)" }
            return Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        }

        private func requests(
            _ registry: MetricRegistry, _ method: String, _ endpoint: String, _ status: String
        ) -> Double? {
            registry.total(
                of: "api_requests_total", where: ["method": method, "endpoint": endpoint, "status": status])
        }

        @Test func `requests are counted by template, never by path`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.router) { client in
                for number in 1...20 {
                    let answer = try await client.executeRequest(
                        uri: "/jobs/\(number)", method: .get, headers: [:], body: nil)
                    #expect(answer.status == .ok)
                }
                for path in ["/nowhere", "/nowhere/else", "/jobs/1/2/3"] {
                    let answer = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
                    #expect(answer.status == .notFound)
                }
            }
            #expect(requests(registry, "GET", "/jobs/{id}", "200") == 20)
            #expect(requests(registry, "GET", "unmatched", "404") == 3)
            #expect(registry.total(of: "api_requests_total") == 23)
            #expect(registry.observations(of: "api_request_duration_seconds")?.counts.reduce(0, +) == 23)
        }

        @Test func `a method that a client makes up is one value`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.router) { client in
                for name in ["BREW", "PROPFIND", "X1"] {
                    let method = try #require(HTTPRequest.Method(rawValue: name))
                    _ = try await client.executeRequest(uri: "/jobs", method: method, headers: [:], body: nil)
                }
            }
            #expect(registry.total(of: "api_requests_total", where: ["method": "OTHER"]) == 3)
        }

        @Test func `an error that is thrown counts with its status and its time`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.live) { client in
                let refused = try await client.executeRequest(uri: "/refused", method: .get, headers: [:], body: nil)
                #expect(refused.status == .conflict)
                let broken = try await client.executeRequest(uri: "/broken", method: .get, headers: [:], body: nil)
                #expect(broken.status == .internalServerError)
            }
            #expect(requests(registry, "GET", "/refused", "409") == 1)
            #expect(requests(registry, "GET", "/broken", "500") == 1)
            #expect(registry.observations(of: "api_request_duration_seconds")?.counts.reduce(0, +) == 2)
            #expect(registry.value(of: "api_requests_in_flight") == 0)
        }

        @Test func `a stream counts when its last byte is written, with its size`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.live) { client in
                let answer = try await client.executeRequest(uri: "/large", method: .get, headers: [:], body: nil)
                #expect(answer.body.readableBytes == 1_000_000)
            }
            #expect(requests(registry, "GET", "/large", "200") == 1)
            #expect(registry.total(of: "api_response_bytes_total", where: ["endpoint": "/large"]) == 1_000_000)
        }

        @Test func `a stream that lasts is not a slow answer`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.live) { client in
                let answer = try await client.executeRequest(uri: "/events", method: .get, headers: [:], body: nil)
                #expect(answer.body.readableBytes == 9)
            }
            let observed = try #require(registry.observations(of: "api_request_duration_seconds"))
            let slowest = try #require(observed.buckets.quantile(1, counts: observed.counts))
            #expect(slowest < 0.5)
        }

        @Test func `ids that the service gives are sixteen hexadecimal digits and never the same`() async throws {
            let id = try #require(HTTPField.Name("X-Request-ID"))
            let seen = Mutex<Set<String>>([])
            try await application(MetricRegistry()).test(.router) { client in
                for _ in 0..<1000 {
                    let answer = try await client.executeRequest(uri: "/jobs/1", method: .get, headers: [:], body: nil)
                    let text = try #require(answer.headers[id])
                    #expect(text.count == 16 && UInt64(text, radix: 16) != nil && text == text.lowercased())
                    seen.withLock { _ = $0.insert(text) }
                }
            }
            #expect(seen.withLock { $0.count } == 1000)
        }

        @Test func `a stream that breaks off counts with what it sent, and is no longer in flight`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.live) { client in
                _ = try? await client.executeRequest(uri: "/cut", method: .get, headers: [:], body: nil)
            }
            #expect(requests(registry, "GET", "/cut", "200") == 1)
            #expect(registry.total(of: "api_response_bytes_total", where: ["endpoint": "/cut"]) == 1000)
            #expect(registry.value(of: "api_requests_in_flight") == 0)
        }

        @Test func `a body's announced size is counted`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.live) { client in
                let body = ByteBuffer(repeating: 0x62, count: 12_345)
                let answer = try await client.executeRequest(uri: "/jobs", method: .post, headers: [:], body: body)
                #expect(String(buffer: answer.body) == "12345")
            }
            #expect(registry.total(of: "api_request_bytes_total", where: ["endpoint": "/jobs"]) == 12_345)
        }

        @Test func `the gauge shows what is being answered`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.router) { client in
                let answer = try await client.executeRequest(uri: "/in-flight", method: .get, headers: [:], body: nil)
                #expect(String(buffer: answer.body) == "1.0")
            }
            #expect(registry.value(of: "api_requests_in_flight") == 0)
        }

        @Test func `a response says how long it took and whose it is`() async throws {
            let registry = MetricRegistry()
            let time = try #require(HTTPField.Name("X-Response-Time"))
            let id = try #require(HTTPField.Name("X-Request-ID"))
            try await application(registry).test(.router) { client in
                let answer = try await client.executeRequest(
                    uri: "/jobs/1", method: .get, headers: [id: "abc-1.2_3"], body: nil)
                let seconds = try #require(answer.headers[time].flatMap(Double.init))
                #expect(seconds >= 0 && seconds < 10)
                #expect(answer.headers[id] == "abc-1.2_3")
                for hostile in ["a b", String(repeating: "x", count: 129), "<script>", "ä"] {
                    let answer = try await client.executeRequest(
                        uri: "/jobs/1", method: .get, headers: [id: hostile], body: nil)
                    #expect(answer.headers[id]?.count == 16)
                }
            }
        }

        @Test func `the page of metrics is in the format that is asked for`() async throws {
            let registry = MetricRegistry()
            try await application(registry).test(.live) { client in
                let classic = try await client.executeRequest(uri: "/metrics", method: .get, headers: [:], body: nil)
                #expect(classic.headers[.contentType] == ExpositionFormat.prometheusText.contentType)
                let open = try await client.executeRequest(
                    uri: "/metrics", method: .get, headers: [.accept: "application/openmetrics-text;version=1.0.0"],
                    body: nil)
                #expect(open.headers[.contentType] == ExpositionFormat.openMetrics.contentType)
                #expect(String(buffer: open.body).hasSuffix("# EOF\n"))
                #expect(String(buffer: open.body).contains(#"endpoint="/metrics",status="200"} 1"#))
            }
        }
    }
#endif
