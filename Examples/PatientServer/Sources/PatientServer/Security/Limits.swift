import HTTPTypes
import Hummingbird
import HummingbirdIntegration
import RateLimiting

/// Limits by address, before anything is known of who asks: guessing keys is limited as well.
struct AddressLimit: RouterMiddleware {
    private let limit: RateLimit<AppContext>

    init(store: any RateLimitStore, perMinute: Int) {
        limit = RateLimit(RateLimiter(limit: perMinute, period: .seconds(60), store: store)) { _, context in
            "address:\(context.remoteAddress?.ipAddress ?? "unknown")"
        }
    }

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard Authentication.scope(of: request) != nil else { return try await next(request, context) }
        return try await limit.handle(request, context: context, next: next)
    }
}

/// Limits by key, each its own.
struct KeyLimit: RouterMiddleware {
    let store: any RateLimitStore

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let key = context.key else { return try await next(request, context) }
        let limiter = RateLimiter(limit: key.requestsPerMinute, period: .seconds(60), store: store)
        return try await RateLimit<AppContext>(limiter) { _, _ in "key:\(key.id)" }
            .handle(request, context: context, next: next)
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
        for (name, value) in securityHeaders { response.headers[name] = value }
        return response
    }

}

private let securityHeaders: [(HTTPField.Name, String)] = [
    ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
