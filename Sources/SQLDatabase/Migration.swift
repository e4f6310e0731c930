/// One step of a schema: statements that are run once, in the order of the numbers, and never changed afterwards.
///
/// ```swift
/// let first = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (id BIGINT PRIMARY KEY, name TEXT)")
/// let second = Migration(
///     id: 2, name: "moments",
///     postgres: "ALTER TABLE wards ADD COLUMN opened timestamptz",
///     sqlite: "ALTER TABLE wards ADD COLUMN opened TEXT")
/// ```
public struct Migration: Sendable, Hashable {
    /// The step's number within its namespace, 1 or more. Gaps are allowed.
    public let id: Int
    /// What it does, for logs and messages.
    public let name: String
    private let postgres: String
    private let sqlite: String

    /// A step that is the same on both engines.
    /// - Parameter statements: SQL, separated by semicolons. It runs within a transaction of its own.
    public init(id: Int, name: String, statements: String) {
        self.init(id: id, name: name, postgres: statements, sqlite: statements)
    }

    /// A step with statements for each engine; empty text does nothing there.
    public init(id: Int, name: String, postgres: String, sqlite: String) {
        self.id = id
        self.name = name
        self.postgres = postgres
        self.sqlite = sqlite
    }

    /// The statements for an engine.
    public func statements(for dialect: SQLDialect) -> String {
        switch dialect {
        case .postgres: postgres
        case .sqlite: sqlite
        }
    }

    /// Tells whether the statements were changed after they had been applied: FNV-1a of 64 bits over the text without
    /// blanks at the lines' ends, as 16 hexadecimal digits. Both engines' statements count.
    public var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in [postgres, sqlite] {
            for line in text.utf8.split(separator: 10) {
                var line = line
                while let last = line.last, [9, 13, 32].contains(last) { line.removeLast() }
                for byte in line { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
                hash = (hash ^ 10) &* 0x100_0000_01b3
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
