import HTTPTypes
import Hummingbird
import HummingbirdIntegration
import RateLimiting

/// Limits by key, or by address where there is no key.
struct Limits: RouterMiddleware {
    let store: any RateLimitStore
    /// Requests a minute from one address without a key.
    let perAddress: Int

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard Authentication.scope(of: request) != nil else { return try await next(request, context) }
        let limit = context.key?.requestsPerMinute ?? perAddress
        let limiter = RateLimiter(limit: limit, period: .seconds(60), store: store)
        let middleware = RateLimit<AppContext>(limiter) { _, context in
            context.key.map { "key:\($0.id)" } ?? "address:\(context.remoteAddress?.ipAddress ?? "unknown")"
        }
        return try await middleware.handle(request, context: context, next: next)
    }
}

/// What every response says to browsers.
struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] =
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        for (name, value) in Self.others { response.headers[name] = value }
        return response
    }

    private static var others: [(HTTPField.Name, String)] {
        [
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
    }
}
