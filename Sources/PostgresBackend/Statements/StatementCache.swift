import SQLDatabase

/// A statement that the server has prepared, or is preparing.
// Accessed only by the holder of the session's turn, then only on the loop.
final class PreparedStatement {
    let sql: String
    let types: [UInt32]
    /// The same for the same text and types in every process, so that behind a connection pooler one name never means
    /// two statements.
    let name: String
    let traits: StatementTraits
    /// Whether the server has confirmed it.
    var isConfirmed = false
    /// The columns of its latest result.
    var description: RowDescription?
    /// The formats to ask for; empty for text.
    var formats: [Int16] = []
    /// The types that the server chose for parameters that had none.
    private var inferred: [UInt32] = []
    fileprivate var older: PreparedStatement?
    fileprivate unowned(unsafe) var newer: PreparedStatement?
    fileprivate var isKept = false
    /// Whether the server can no longer run it as it was prepared.
    fileprivate var isStale = false

    init(sql: String, types: [UInt32], traits: StatementTraits) {
        self.sql = sql
        self.types = types
        self.traits = traits
        name = Self.name(sql, types)
    }

    /// Whether the server chooses types of parameters.
    var hasUntypedParameters: Bool { types.contains(ParameterType.unknown) }

    /// Reads a `ParameterDescription` message.
    func noteParameters(_ body: UnsafeRawBufferPointer) {
        var reader = MessageReader(body)
        let count = Int(reader.integer(UInt16.self))
        inferred = (0..<count).map { _ in reader.integer() }
        if reader.isOverrun || count != types.count { inferred = [] }
    }

    /// Whether values mean the same to it as to a statement that is prepared now.
    ///
    /// A type that the server chose by the schema of that time stays the statement's own: text for an `integer` column
    /// would be read as an integer still when the column holds text. Only what was text then is text, or an error, now.
    func suits(_ values: [SQLValue]) -> Bool {
        guard hasUntypedParameters else { return true }
        return values.indices.allSatisfy { index in
            if types[index] != ParameterType.unknown || values[index] == .null { return true }
            return index < inferred.count && ParameterType.isText(inferred[index])
        }
    }

    /// `vitals_` and FNV-1a of 128 bits over the text and the types.
    private static func name(_ sql: String, _ types: [UInt32]) -> String {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        func add(_ byte: UInt8) { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        for byte in sql.utf8 { add(byte) }
        for type in types {
            add(0)
            withUnsafeBytes(of: type.littleEndian) { for byte in $0 { add(byte) } }
        }
        let digits = String(hash, radix: 16)
        return "vitals_" + String(repeating: "0", count: 32 - digits.count) + digits
    }
}

/// The prepared statements of one session: the least recently used make room, by number and by bytes of text.
// Accessed only by the holder of the session's turn, then only on the loop.
final class StatementCache {
    @exclusivity(unchecked) private var statements: [ExactText: [PreparedStatement]] = [:]
    private var newest: PreparedStatement?
    private unowned(unsafe) var oldest: PreparedStatement?
    private(set) var count = 0
    private(set) var bytes = 0
    /// Statements to be closed on the server with the next message; `nil` for those that are kept again.
    @exclusivity(unchecked) private var leaving: [PreparedStatement?] = []
    /// Where those stand that the server can still run, by their texts.
    @exclusivity(unchecked) private var places: [ExactText: [Int]] = [:]
    /// Whether names may stand for other objects than when the statements were prepared. As long as a transaction is open
    /// that may have changed some, its end may change them back: until then statements are neither kept nor reused.
    private(set) var isUncertain = false
    let capacity: Int
    let byteLimit: Int

    /// - Parameters:
    ///   - capacity: The largest number of statements; 0 keeps none.
    ///   - byteLimit: The most bytes of text in all. A statement of more than an eighth of it is not kept.
    init(capacity: Int, byteLimit: Int) {
        self.capacity = capacity
        self.byteLimit = byteLimit
    }

    /// Whether a statement's text is worth keeping.
    func accepts(_ sql: String) -> Bool { capacity > 0 && sql.utf8.count <= byteLimit / 8 }

    /// The statement of a text whose parameters have these values' types. O(1).
    func find(_ query: SQLQuery) -> PreparedStatement? {
        if let newest, newest.sql.isExactly(query.sql), ParameterType.match(query.parameters, newest) { return newest }
        guard let variants = statements[ExactText(query.sql)] else { return revive(query) }
        for statement in variants where ParameterType.match(query.parameters, statement) {
            if statement !== newest {
                unlink(statement)
                link(statement)
            }
            return statement
        }
        return revive(query)
    }

    /// A statement that was displaced and that the server has not been asked to close yet. To prepare it again under its
    /// name would be an error.
    private func revive(_ query: SQLQuery) -> PreparedStatement? {
        guard !places.isEmpty, let indices = places[ExactText(query.sql)] else { return nil }
        for (place, index) in indices.enumerated() {
            guard let statement = leaving[index], ParameterType.match(query.parameters, statement) else { continue }
            leaving[index] = nil
            places[ExactText(query.sql)]?.remove(at: place)
            insert(statement)
            return statement
        }
        return nil
    }

    /// Keeps a statement, and retires the least recently used ones that it displaces.
    func insert(_ statement: PreparedStatement) {
        let size = statement.sql.utf8.count
        while count > 0, count >= capacity || bytes + size > byteLimit, let oldest, drop(oldest) {
            retire(oldest)
        }
        statements[ExactText(statement.sql), default: []].append(statement)
        statement.isKept = true
        count += 1
        bytes += size
        link(statement)
    }

    /// Removes a statement that the server can no longer run, and is to close.
    func forget(_ statement: PreparedStatement) {
        guard drop(statement) else { return }
        statement.isStale = true
        retire(statement)
    }

    /// A statement that may change what names stand for is sent.
    func namesMayChange() { isUncertain = true }

    /// Removes all statements, and has the server close them: what names stand for is settled again, and they are to be
    /// prepared anew.
    func forgetAll() {
        for case let statement? in leaving { statement.isStale = true }
        places = [:]
        while let newest { forget(newest) }
        isUncertain = false
    }

    /// Removes a statement that the server does not have. Returns whether it was kept.
    @discardableResult
    func drop(_ statement: PreparedStatement) -> Bool {
        guard statement.isKept else { return false }
        statement.isKept = false
        unlink(statement)
        count -= 1
        bytes -= statement.sql.utf8.count
        let rest = (statements[ExactText(statement.sql)] ?? []).filter { $0 !== statement }
        statements[ExactText(statement.sql)] = rest.isEmpty ? nil : rest
        return true
    }

    private func retire(_ statement: PreparedStatement) {
        if !statement.isStale { places[ExactText(statement.sql), default: []].append(leaving.count) }
        leaving.append(statement)
    }

    /// The statements that the next message is to close.
    var retired: [PreparedStatement] { leaving.compactMap { $0 } }

    /// Returns the statements that the next message is to close.
    func takeRetired() -> [PreparedStatement] {
        if leaving.isEmpty { return [] }
        defer {
            leaving = []
            places = [:]
        }
        return retired
    }

    /// Keeps statements for the message after the next: the one that was to close them is not sent.
    func retire(_ statements: [PreparedStatement]) {
        for statement in statements + takeRetired() { retire(statement) }
    }

    /// The server has closed them all.
    func removeAll() {
        while let statement = newest { drop(statement) }
        leaving = []
        places = [:]
    }

    deinit {
        // One after the other: a chain of references is released recursively otherwise.
        while let statement = newest {
            newest = statement.older
            statement.older = nil
        }
    }

    private func link(_ statement: PreparedStatement) {
        statement.older = newest
        newest?.newer = statement
        newest = statement
        if oldest == nil { oldest = statement }
    }

    private func unlink(_ statement: PreparedStatement) {
        let older = statement.older
        let newer = statement.newer
        statement.older = nil
        statement.newer = nil
        if let older { older.newer = newer } else { oldest = newer }
        if let newer { newer.older = older } else { newest = older }
    }
}
