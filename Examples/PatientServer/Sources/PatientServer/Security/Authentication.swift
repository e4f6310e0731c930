import HTTPTypes
import Hummingbird
import Logging

/// Finds out who asks, and whether they may.
struct Authentication: RouterMiddleware {
    let ring: KeyRing

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let scope = Self.scope(of: request) else { return try await next(request, context) }
        var context = context
        switch try await ring.judge(Self.text(request)) {
        case .open: break
        case .key(let key):
            guard key.scopes.contains(scope) else {
                throw APIError(
                    status: .forbidden, detail: "the key “\(key.name)” lacks the scope \(scope.rawValue)")
            }
            context.key = key
            context.logger[metadataKey: "key"] = "\(key.id)"
        case .none: throw Self.unauthorized("a key is needed: send Authorization: Bearer KEY, or X-API-Key: KEY")
        case .unknown: throw Self.unauthorized("the key is not known")
        case .revoked: throw Self.unauthorized("the key was revoked")
        }
        return try await next(request, context)
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
