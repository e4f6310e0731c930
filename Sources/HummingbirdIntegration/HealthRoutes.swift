#if Hummingbird
    public import HealthChecks
    public import Hummingbird
    import HTTPTypes

    /// How health is told over HTTP.
    public struct HealthRouteOptions: Sendable {
        /// How much `health` tells. Strangers need `HealthDetail.status` alone.
        public var detail: HealthDetail
        /// The status code of `health/ready` while the service drains: 503, or 404 for HAProxy's `disable-on-404`, which
        /// then keeps the sessions that are under way.
        public var drainingCode: Int
        /// Whether checks are looked at when somebody asks, at most once in this time for all who ask: for services that
        /// run no background refresh.
        public var onDemand: Duration?

        /// Options.
        public init(detail: HealthDetail = .full, drainingCode: Int = 503, onDemand: Duration? = nil) {
            self.detail = detail
            self.drainingCode = drainingCode
            self.onDemand = onDemand
        }
    }

    extension RouterMethods {
        /// Adds `health`, `health/live`, `health/ready`, `health/startup` and `health/groups/{tag}`.
        ///
        /// | path | answers |
        /// |---|---|
        /// | `health` | every check with its age, as `application/json`, or as `application/health+json` when the client accepts that; 503 when unhealthy |
        /// | `health/live` | `{"status":"alive"}`, or 503 when the process itself is stuck |
        /// | `health/ready` | `{"status":"ready"}`, or 503 without something critical, or while draining |
        /// | `health/startup` | `{"status":"started"}`, or 503 until the registry is told that the start is over |
        /// | `health/groups/{tag}` | like `health`, of the checks with a tag; 404 where none has it |
        ///
        /// All of them read the last results; none looks at anything, so a probe costs microseconds and a hanging check
        /// delays nobody. For one listener with all details and one with the status alone, add the routes to two routers.
        /// - Parameters:
        ///   - health: Whose checks are told.
        ///   - version: The service's version, as the reports say it.
        ///   - options: What is told.
        @discardableResult
        public func addHealthRoutes(
            _ health: HealthRegistry, version: String, options: HealthRouteOptions = HealthRouteOptions()
        ) -> Self {
            @Sendable func answer(_ report: HealthReport, _ request: Request) -> Response {
                let isDraft = request.headers[.accept]?.contains("application/health+json") ?? false
                return HummingbirdIntegration.answer(
                    isDraft
                        ? report.healthJSON(version: version, detail: options.detail)
                        : report.json(version: version, detail: options.detail),
                    isDraft ? "application/health+json" : "application/json", status: .init(code: report.httpStatus))
            }
            @Sendable func refresh() async {
                if let age = options.onDemand { _ = await health.report(noOlderThan: age) }
            }
            get("health") { request, _ in
                await refresh()
                return answer(health.report(), request)
            }
            get("health/groups/{tag}") { request, context in
                await refresh()
                let report = health.report(tags: [context.parameters.get("tag") ?? ""])
                guard !report.checks.isEmpty else { return word("no_such_group", 404) }
                return answer(report, request)
            }
            get("health/live") { _, _ in
                await refresh()
                return health.isLive ? alive : word("stuck", 503)
            }
            get("health/ready") { _, _ in
                await refresh()
                let code = health.readinessCode(whileDraining: options.drainingCode)
                return word(code == 200 ? "ready" : health.isDraining ? "draining" : "not_ready", code)
            }
            get("health/startup") { _, _ in
                await refresh()
                let isStarted = health.isStarted
                return word(isStarted ? "started" : "starting", isStarted ? 200 : 503)
            }
            return self
        }
    }

    /// What orchestrators hear every few seconds, made once.
    private let alive = answer(Array(#"{"status":"alive"}"#.utf8), "application/json")

    private func word(_ text: String, _ code: Int) -> Response {
        answer(Array("{\"status\":\"\(text)\"}".utf8), "application/json", status: .init(code: code))
    }

    /// Bytes that no cache may keep.
    func answer(_ body: [UInt8], _ contentType: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
#endif
