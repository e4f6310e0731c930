import HTTPTypes
import Hummingbird
import HummingbirdIntegration
import Logging
import RateLimiting

/// Who asks, whether they may, and how often: the limit by address comes first, so that guessing keys is limited as well,
/// then the key and its scope, then the limit of the key. What everybody may see is asked nothing.
struct Admission: RouterMiddleware {
    let ring: KeyRing
    private let store: any RateLimitStore
    private let addresses: RateLimit<AppContext>

    init(ring: KeyRing, store: any RateLimitStore, perMinute: Int) {
        self.ring = ring
        self.store = store
        addresses = RateLimit(RateLimiter(limit: perMinute, period: .seconds(60), store: store)) { _, context in
            "address:\(context.remoteAddress?.ipAddress ?? "unknown")"
        }
    }

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let scope = Self.scope(of: request) else { return try await next(request, context) }
        return try await addresses.handle(request, context: context) { request, context in
            guard let key = try await key(of: request, scope: scope) else { return try await next(request, context) }
            var context = context
            context.key = key
            context.logger[metadataKey: "key"] = "\(key.id)"
            let limiter = RateLimiter(limit: key.requestsPerMinute, period: .seconds(60), store: store)
            return try await RateLimit<AppContext>(limiter) { _, _ in "key:\(key.id)" }
                .handle(request, context: context, next: next)
        }
    }

    /// The key that a request shows; `nil` where no keys exist.
    /// - Throws: ``APIError`` 401 without one that counts, 403 when it lacks the scope.
    private func key(of request: Request, scope: Scope) async throws -> APIKey? {
        switch try await ring.judge(Self.text(request)) {
        case .open: return nil
        case .key(let key):
            guard key.scopes.contains(scope) else {
                throw APIError(
                    status: .forbidden, detail: "the key “\(key.name)” lacks the scope \(scope.rawValue)")
            }
            return key
        case .none: throw Self.unauthorized("a key is needed: send Authorization: Bearer KEY, or X-API-Key: KEY")
        case .unknown: throw Self.unauthorized("the key is not known")
        case .revoked: throw Self.unauthorized("the key was revoked")
        }
    }

    private static func unauthorized(_ detail: String) -> APIError {
        APIError(status: .unauthorized, detail: detail, headers: [.wwwAuthenticate: "Bearer"])
    }

    private static func text(_ request: Request) -> String? {
        if let name = HTTPField.Name("X-API-Key"), let text = request.headers[name] { return text }
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst(7))
    }

    /// What a request needs; `nil` for what everybody may see: the page, the documents, health and metrics.
    static func scope(of request: Request) -> Scope? {
        let path = request.uri.path
        guard path.hasPrefix("/api/v1/"), !path.hasPrefix("/api/v1/health") else { return nil }
        switch request.method {
        case .get where path.hasPrefix("/api/v1/streaming"): return .generate
        case .get, .head: return .read
        case .delete: return .operate
        case .post where path.hasSuffix("/cancel") || path.hasSuffix("/retry"): return .operate
        case .post where path.hasSuffix("/validate/") || path.hasSuffix("/validate"): return .read
        default: return .generate
        }
    }
}
