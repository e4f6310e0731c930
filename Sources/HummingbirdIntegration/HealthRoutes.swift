#if Hummingbird
    public import HealthChecks
    public import Hummingbird
    import HTTPTypes

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension RouterMethods {
        /// Adds `health`, `health/live`, `health/ready` and `health/startup`.
        ///
        /// | path | answers |
        /// |---|---|
        /// | `health` | every check with its age, as `application/json`, or as `application/health+json` when the client accepts that; 503 when unhealthy |
        /// | `health/live` | `{"status":"alive"}`, or 503 when the process itself is stuck |
        /// | `health/ready` | `{"status":"ready"}`, or 503 while starting, draining or without something critical |
        /// | `health/startup` | `{"status":"started"}`, or 503 until the registry is told that the start is over |
        ///
        /// All of them read the last results; none looks at anything, so a probe costs microseconds.
        /// - Parameters:
        ///   - health: Whose checks are told.
        ///   - version: The service's version, as the reports say it.
        ///   - details: Whether messages and figures are shown; leave them out where strangers can read them.
        @discardableResult
        public func addHealthRoutes(_ health: HealthRegistry, version: String, details: Bool = true) -> Self {
            get("health") { request, _ in
                let report = health.report()
                let timestamp = Date().formatted(.iso8601)
                let asDraft = request.headers[.accept]?.contains("application/health+json") ?? false
                let body =
                    asDraft
                    ? report.healthJSON(timestamp: timestamp, version: version, details: details)
                    : report.json(timestamp: timestamp, version: version, details: details)
                return answer(
                    body, asDraft ? "application/health+json" : "application/json",
                    status: .init(code: report.httpStatus))
            }
            get("health/live") { _, _ in word(health.isLive ? "alive" : "stuck", isWell: health.isLive) }
            get("health/ready") { _, _ in
                let isReady = health.isReady
                return word(isReady ? "ready" : "not_ready", isWell: isReady)
            }
            get("health/startup") { _, _ in
                let isStarted = health.isStarted
                return word(isStarted ? "started" : "starting", isWell: isStarted)
            }
            return self
        }
    }

    private func word(_ text: String, isWell: Bool) -> Response {
        answer(Array("{\"status\":\"\(text)\"}".utf8), "application/json", status: isWell ? .ok : .serviceUnavailable)
    }

    /// Bytes that no cache may keep.
    func answer(_ body: [UInt8], _ contentType: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
#endif
