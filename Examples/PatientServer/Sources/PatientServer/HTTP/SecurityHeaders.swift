import HTTPTypes
import Hummingbird

/// What responses say to browsers.
enum SecurityHeaders {
    /// Every response: it is what its type says, nobody frames it, no other site's page reads it.
    private static let all = fields([
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ])
    /// What is no page may load and run nothing, should a browser open it as one.
    private static let data = fields([("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")])
    /// The page runs what this server serves, and tells no other site where the reader came from.
    private static let page = fields([
        (
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        ),
        ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ])

    /// Adds them; no route sets one of them itself.
    static func add(to response: inout Response) {
        let isPage = response.headers[.contentType]?.hasPrefix("text/html") ?? false
        response.headers.reserveCapacity(response.headers.count + 8)
        for field in all { response.headers.append(field) }
        for field in isPage ? page : data { response.headers.append(field) }
    }

    private static func fields(_ pairs: [(String, String)]) -> [HTTPField] {
        pairs.compactMap { name, value in HTTPField.Name(name).map { HTTPField(name: $0, value: value) } }
    }
}
