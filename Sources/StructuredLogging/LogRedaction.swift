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
    /// The last two bytes of the names, folded to 64 bits: what ends otherwise needs no further look.
    private let ends: UInt64

    /// Redaction of these names.
    public init(_ names: some Sequence<String>) {
        self.names = names.map { Array($0.lowercased().utf8) }
        ends = self.names.reduce(0) { ends, name in
            ends | (name.count < 2 ? .max : Self.bit(name[name.count - 2], name[name.count - 1]))
        }
    }

    private static func bit(_ first: UInt8, _ last: UInt8) -> UInt64 {
        1 << UInt64((lower(first) &* 7 &+ lower(last)) & 63)
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte | (byte &- 65 < 26 ? 0x20 : 0) }

    /// Whether the value of a key must not be shown.
    public func hides(_ key: String) -> Bool { key.withBytes(hides) }

    func hides(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = key.count
        if count > 1, ends & Self.bit(key[count - 2], key[count - 1]) == 0 { return false }
        next: for name in names where count >= name.count {
            let start = count - name.count
            for index in name.indices where Self.lower(key[start + index]) != name[index] { continue next }
            guard start > 0 else { return true }
            let before = key[start - 1]
            if before == UInt8(ascii: "_") || before == UInt8(ascii: "-") || before == UInt8(ascii: ".") { return true }
        }
        return false
    }
}
