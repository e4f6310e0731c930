public import ServiceMetrics

/// Counts and times the HTTP requests that a service sends, with whatever client it sends them: AsyncHTTPClient reports
/// nothing through swift-metrics, nor does URLSession.
///
/// ```swift
/// let outgoing = try OutgoingRequestMetrics(registry: registry)
/// let response = try await outgoing.observe("GET", host: "registry.example", status: { Int($0.status.code) }) {
///     try await HTTPClient.shared.execute(request, timeout: .seconds(5))
/// }
/// ```
///
/// | metric | labels |
/// |---|---|
/// | `http_client_request_duration_seconds` | `method`, `host`, `status` |
/// | `http_client_requests_in_flight` | `host` |
///
/// `status` is the response's, `cancelled` where the task was, `error` where there was no response. Give `host` a few
/// values: the name of the service, not what a stranger wrote into an address.
public struct OutgoingRequestMetrics: Sendable {
    private let durations: HistogramFamily
    private let inFlight: GaugeFamily

    /// Registers the two metrics.
    /// - Throws: `MetricError` when one of the names is taken by a metric of another type.
    public init(registry: MetricRegistry) throws(MetricError) {
        durations = try registry.histogram(
            "http_client_request_duration_seconds", help: "Time from sending a request until its response.",
            labels: "method", "host", "status", buckets: .latency)
        inFlight = try registry.gauge(
            "http_client_requests_in_flight", help: "Requests sent and not answered yet.", labels: "host")
    }

    /// Sends a request and observes how it ends.
    /// - Parameters:
    ///   - method: Its method, in capitals.
    ///   - host: Whom it is sent to.
    ///   - status: The status code of a response.
    ///   - send: Sends it. What it takes is the duration: until the response's head where the client returns then, as
    ///     AsyncHTTPClient does, until its last byte where `send` reads the body as well.
    /// - Returns: What `send` returns.
    /// - Throws: What `send` throws.
    public func observe<Response>(
        _ method: String, host: String, isolation: isolated (any Actor)? = #isolation, status: (Response) -> Int,
        _ send: () async throws -> Response
    ) async rethrows -> Response {
        let waiting = inFlight.with(host)
        waiting.increment()
        defer { waiting.decrement() }
        let start = ContinuousClock.now
        do {
            let response = try await send()
            durations.with(method, host, String(status(response))).observe(ContinuousClock.now - start)
            return response
        } catch {
            let end = Task.isCancelled || error is CancellationError ? "cancelled" : "error"
            durations.with(method, host, end).observe(ContinuousClock.now - start)
            throw error
        }
    }
}
