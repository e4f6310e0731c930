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
    /// The last bytes of the names, folded to 64 bits: what ends otherwise needs no further look.
    private let ends: UInt64

    /// Redaction of these names.
    public init(_ names: some Sequence<String>) {
        self.names = names.map { Array($0.lowercased().utf8) }
        ends = self.names.reduce(0) { $0 | Self.bit($1.last ?? 0) }
    }

    private static func bit(_ byte: UInt8) -> UInt64 { 1 << UInt64(lower(byte) & 63) }

    private static func lower(_ byte: UInt8) -> UInt8 { byte | (byte &- 65 < 26 ? 0x20 : 0) }

    /// Whether the value of a key must not be shown.
    public func hides(_ key: String) -> Bool {
        key.utf8.withContiguousStorageIfAvailable(hides) ?? Array(key.utf8).withUnsafeBufferPointer(hides)
    }

    private func hides(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
        guard ends & Self.bit(key.last ?? 0) != 0 else { return false }
        next: for name in names where key.count >= name.count {
            let start = key.count - name.count
            for index in name.indices where Self.lower(key[start + index]) != name[index] { continue next }
            if start == 0 || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(key[start - 1]) {
                return true
            }
        }
        return false
    }
}
