#if Hummingbird
    public import Hummingbird
    public import RateLimiting
    import HTTPTypes
    import Logging

    /// Answers 429 to clients that ask too often, and tells every client where it stands.
    ///
    /// ```swift
    /// router.add(middleware: RateLimit(RateLimiter(limit: 100, period: .seconds(60), store: MemoryRateLimitStore())) {
    ///     request, context in context.remoteAddress?.ipAddress
    /// })
    /// ```
    /// A store that cannot answer lets the request pass: limits protect a service, they must not take it down.
    public struct RateLimit<Context: RequestContext>: RouterMiddleware {
        private let limiter: RateLimiter
        private let key: @Sendable (Request, Context) -> String?

        /// A limit.
        /// - Parameters:
        ///   - limiter: Decides.
        ///   - key: Whose request it is; without a limit for `nil`.
        public init(_ limiter: RateLimiter, key: @escaping @Sendable (Request, Context) -> String?) {
            self.limiter = limiter
            self.key = key
        }

        /// Lets a request pass, or answers 429 with `Retry-After`.
        /// - Throws: `HTTPError` 429, which an error middleware in front of this one may put in its own form.
        public func handle(
            _ request: Request, context: Context, next: (Request, Context) async throws -> Response
        ) async throws -> Response {
            guard let key = key(request, context) else { return try await next(request, context) }
            let decision: RateLimitDecision
            do {
                decision = try await limiter.check(key)
            } catch {
                context.logger.warning("rate limits are not enforced", metadata: ["error": "\(error)"])
                return try await next(request, context)
            }
            var headers = HTTPFields()
            for header in limiter.headers(for: decision) {
                if let name = HTTPField.Name(header.name) { headers[name] = header.value }
            }
            guard decision.isAllowed else {
                throw HTTPError(.tooManyRequests, headers: headers, message: "too many requests; wait and try again")
            }
            var response = try await next(request, context)
            for field in headers { response.headers[field.name] = field.value }
            return response
        }
    }
#endif
