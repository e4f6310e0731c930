/// The keys whose values are never shown.
///
/// A key counts when it is one of the names, or ends with one after a dash, an underscore or a dot, in whatever case:
/// `password`, `DB_Password`, `http.authorization`.
public struct LogRedaction: Sendable {
    /// password, passwd, authorization, cookie, secret, token, api_key, apikey, dsn, database_url.
    public static let standard = LogRedaction([
        "password", "passwd", "authorization", "cookie", "secret", "token", "api_key", "api-key", "apikey", "dsn",
        "database_url",
    ])

    private let names: [[UInt8]]

    /// Redaction of these names.
    public init(_ names: some Sequence<String>) { self.names = names.map { Array($0.lowercased().utf8) } }

    /// Whether the value of a key must not be shown.
    public func hides(_ key: String) -> Bool {
        let key = key.utf8
        for name in names where key.count >= name.count {
            guard zip(key.suffix(name.count), name).allSatisfy({ $0 | ($0 &- 65 < 26 ? 0x20 : 0) == $1 }) else {
                continue
            }
            guard let before = key.dropLast(name.count).last else { return true }
            if before == UInt8(ascii: "_") || before == UInt8(ascii: "-") || before == UInt8(ascii: ".") { return true }
        }
        return false
    }
}
