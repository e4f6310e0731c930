#if Hummingbird
    import HTTPTypes
    import Logging
    import ServiceMetrics

    /// The metrics of requests, registered once and shared by all of them.
    final class RequestInstruments: Sendable {
        let requests: CounterFamily
        let durations: HistogramFamily
        let inFlight: Gauge
        let sent: CounterFamily
        let received: CounterFamily

        init(registry: MetricRegistry) throws {
            requests = try registry.counter(
                "api_requests_total", help: "Requests answered.", labels: "method", "endpoint", "status")
            durations = try registry.histogram(
                "api_request_duration_seconds", help: "Time from a request's head to its response's.",
                labels: "endpoint", buckets: .latency)
            inFlight = try registry.gauge("api_requests_in_flight", help: "Requests being answered.")
            sent = try registry.counter(
                "api_response_bytes_total", help: "Bytes of response bodies sent.", labels: "endpoint")
            received = try registry.counter(
                "api_request_bytes_total", help: "Bytes of request bodies announced.", labels: "endpoint")
        }
    }

    /// One request under observation. Ends exactly once.
    struct ObservedRequest: Sendable {
        let instruments: RequestInstruments
        let method: HTTPRequest.Method
        let path: String
        let id: String
        let received: Int
        let logger: Logger?
        private let start = ContinuousClock.now

        init(
            instruments: RequestInstruments, method: HTTPRequest.Method, path: String, id: String, received: Int,
            logger: Logger?
        ) {
            self.instruments = instruments
            self.method = method
            self.path = path
            self.id = id
            self.received = received
            self.logger = logger
            instruments.inFlight.increment()
        }

        var elapsed: Duration { ContinuousClock.now - start }

        /// - Parameter answered: When the response's head was there, which is the time that counts: how long a client takes for
        ///   a long body, or listens to events, is not the service's. The log line has the whole time.
        func end(endpoint: String?, status: Int, sent: Int, aborted: Bool, answered: Duration? = nil) {
            let elapsed = elapsed
            // Hummingbird's own word for a path that no route has.
            let endpoint = endpoint.flatMap { $0 == "NotFound" ? nil : $0 } ?? "unmatched"
            instruments.inFlight.decrement()
            instruments.requests.with(Self.label(method), endpoint, statusText(status)).increment()
            instruments.durations.with(endpoint).observe(answered ?? elapsed)
            if sent > 0 { instruments.sent.with(endpoint).increment(by: sent) }
            if received > 0 { instruments.received.with(endpoint).increment(by: received) }
            guard let logger else { return }
            logger.log(
                level: status >= 500 ? .error : .info, aborted ? "request aborted" : "request",
                metadata: [
                    "method": .string(method.rawValue), "endpoint": .string(endpoint), "path": .string(path),
                    "status": .stringConvertible(status), "bytes": .stringConvertible(sent),
                    "duration_ms": .string(formatMilliseconds(elapsed)),
                ])
        }

        /// The methods of HTTP keep their names; what a client makes up is one value.
        private static func label(_ method: HTTPRequest.Method) -> String {
            switch method {
            case .get: "GET"
            case .post: "POST"
            case .put: "PUT"
            case .delete: "DELETE"
            case .head: "HEAD"
            case .patch: "PATCH"
            case .options: "OPTIONS"
            default: "OTHER"
            }
        }
    }

    /// The usual status codes without an allocation.
    private func statusText(_ status: Int) -> String {
        switch status {
        case 200: "200"
        case 202: "202"
        case 404: "404"
        default: String(status)
        }
    }

    private func formatMilliseconds(_ duration: Duration) -> String {
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
#endif
