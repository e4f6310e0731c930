import CVitalsLibPQ
import SQLDatabase

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The columns of a result.
struct ResultShape: Sendable {
    let names: [String]
    /// The names, shared by the rows.
    let columns: SQLColumns
    let types: [ColumnType]
    let isBinary: Bool

    init(_ result: OpaquePointer) {
        let count = PQnfields(result)
        names = (0..<count).map { String(cString: PQfname(result, $0)) }
        columns = SQLColumns(names)
        types = (0..<count).map { ColumnType(oid: PQftype(result, $0)) }
        isBinary = count > 0 && PQfformat(result, 0) == 1
    }

    init(_ other: ResultShape, isBinary: Bool) {
        names = other.names
        columns = other.columns
        types = other.types
        self.isBinary = isBinary
    }
}

/// A statement that the server has prepared.
// Changed only by the holder of the channel's turn; the name never.
final class Statement: @unchecked Sendable {
    let sql: String
    let name: UnsafeMutablePointer<CChar>?
    /// The columns of its results from the second run on. Binary when every column's binary form is known here.
    var shape: ResultShape?
    /// When it was last used, for the cache.
    var age: UInt64 = 0

    init(sql: String, number: UInt64) {
        self.sql = sql
        name = strdup("vitals_\(number)")
    }

    deinit { free(name) }
}

/// The prepared statements of one connection: the least recently used goes first.
struct StatementCache {
    private var statements: [String: Statement] = [:]
    private var clock: UInt64 = 0
    private var issued: UInt64 = 0
    /// Statements to be deallocated on the server with the next message.
    private(set) var retired: [Statement] = []
    let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// How many are kept.
    var count: Int { statements.count }

    mutating func find(_ sql: String) -> Statement? {
        guard let statement = statements[sql] else { return nil }
        clock += 1
        statement.age = clock
        return statement
    }

    /// A statement with a name of its own, not yet kept.
    mutating func make(_ sql: String) -> Statement {
        issued += 1
        return Statement(sql: sql, number: issued)
    }

    mutating func insert(_ statement: Statement) {
        guard capacity > 0 else { return }
        clock += 1
        statement.age = clock
        if statements.count >= capacity, let oldest = statements.values.min(by: { $0.age < $1.age }) {
            statements[oldest.sql] = nil
            retired.append(oldest)
        }
        statements[statement.sql] = statement
    }

    mutating func forget(_ statement: Statement) {
        guard statements[statement.sql] === statement else { return }
        statements[statement.sql] = nil
        retired.append(statement)
    }

    /// Forgets a statement that the server never had.
    mutating func drop(_ statement: Statement) {
        if statements[statement.sql] === statement { statements[statement.sql] = nil }
    }

    mutating func takeRetired() -> [Statement] {
        defer { retired = [] }
        return retired
    }

    /// The server has dropped them all.
    mutating func removeAll() {
        statements = [:]
        retired = []
    }
}
