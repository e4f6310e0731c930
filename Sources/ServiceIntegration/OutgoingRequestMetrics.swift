public import Metrics

/// Counts and times the HTTP requests that a service sends, with whatever client it sends them, through swift-metrics:
/// AsyncHTTPClient reports nothing of its own, nor does URLSession.
///
/// ```swift
/// let outgoing = OutgoingRequestMetrics()
/// let response = try await outgoing.observe("GET", host: "registry.example", status: { Int($0.status.code) }) {
///     try await HTTPClient.shared.execute(request, timeout: .seconds(5))
/// }
/// ```
///
/// | swift-metrics | in a scrape | dimensions |
/// |---|---|---|
/// | timer `http.client.request.duration` | `http_client_request_duration_seconds` | `http.request.method`, `server.address`, `http.response.status_code` |
/// | meter `http.client.active_requests` | `http_client_active_requests` | `server.address` |
///
/// The names are OpenTelemetry's, as Hummingbird's for the requests it answers. The status code is `cancelled` where the
/// task was, `error` where there was no response. Give `host` a few values: the name of the service, not what a stranger
/// wrote into an address.
public struct OutgoingRequestMetrics: Sendable {
    private let factory: any MetricsFactory

    /// Reports to a factory, by default the one that the process was bootstrapped with.
    public init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

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
        let active = Meter(
            label: "http.client.active_requests", dimensions: [("server.address", host)], factory: factory)
        active.increment()
        defer { active.decrement() }
        let start = ContinuousClock.now
        func ended(_ status: String) {
            let duration = ContinuousClock.now - start
            Timer(
                label: "http.client.request.duration",
                dimensions: [
                    ("http.request.method", method), ("server.address", host), ("http.response.status_code", status),
                ], preferredDisplayUnit: .seconds, factory: factory
            )
            .record(duration: duration)
        }
        do {
            let response = try await send()
            ended(String(status(response)))
            return response
        } catch {
            ended(Task.isCancelled || error is CancellationError ? "cancelled" : "error")
            throw error
        }
    }
}
