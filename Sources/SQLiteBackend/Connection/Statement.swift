import CVitalsSQLite
import SQLDatabase

/// A prepared statement. Belongs to one handle and is used under its lock.
final class Statement {
    let pointer: OpaquePointer
    /// For each of SQLite's parameters, from 1, the position in the query's list.
    private let positions: [Int]
    private let count: Int
    /// Why no parameters can be bound, as its placeholders are written; `nil` where they can.
    private let refusal: SQLiteError?
    private var columns = SQLColumns([])
    private var preparations: Int32 = -1
    /// Whether it changes nothing in the file.
    let isReadOnly: Bool
    /// What it does besides reading and writing the database.
    let effects: Authorizer.Effects
    /// What it does to a savepoint, where a borrower runs it.
    let savepoint: SavepointStack.Command?
    /// The bytes that it keeps while cached, its text included.
    let cost: Int

    /// Whether it was too long to run on a thread that must not be held up.
    var isLong = false

    // Used by the cache that holds the statement.
    var text = ""
    var older: Statement?
    unowned(unsafe) var newer: Statement?

    init(_ pointer: OpaquePointer, effects: Authorizer.Effects, savepoint: SavepointStack.Command?, length: Int) {
        self.pointer = pointer
        // EXPLAIN reports what the statement would do, and does nothing of it.
        let isExplained = sqlite3_stmt_isexplain(pointer) != 0
        self.effects = isExplained ? effects.subtracting([.savepoint, .transaction]) : effects
        self.savepoint = isExplained ? nil : savepoint
        isReadOnly = sqlite3_stmt_readonly(pointer) != 0 || effects.contains(.inquiry)
        cost = Int(sqlite3_stmt_status(pointer, SQLITE_STMTSTATUS_MEMUSED, 0)) + 2 * length
        let placeholders = Placeholders(of: pointer)
        positions = placeholders.positions
        count = (positions.max() ?? -1) + 1
        refusal = placeholders.refusal
    }

    deinit { sqlite3_finalize(pointer) }

    func bind(_ values: [SQLValue]) throws(SQLiteError) {
        if let refusal { throw refusal }
        guard values.count == count else {
            throw SQLiteError(.misuse, "the statement takes \(count) parameters and was given \(values.count)")
        }
        for (index, position) in positions.enumerated() {
            let code = try bind(values[position], at: Int32(index + 1), position: position + 1)
            guard code == SQLITE_OK else {
                throw SQLiteError(
                    resultCode: code, text: "parameter \(position + 1): \(String(cString: sqlite3_errstr(code)))",
                    path: "")
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32, position: Int) throws(SQLiteError) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(pointer, index)
        case .integer(let value): return sqlite3_bind_int64(pointer, index, value)
        case .double(let value) where !value.isNaN: return sqlite3_bind_double(pointer, index, value)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { bytes in
                    guard let base = bytes.baseAddress else {
                        return sqlite3_bind_text(pointer, index, "", 0, vitals_sqlite_transient())
                    }
                    return sqlite3_bind_text64(
                        pointer, index, base, UInt64(bytes.count), vitals_sqlite_transient(), UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(pointer, index, 0) }
            return sqlite3_bind_blob64(pointer, index, bytes, UInt64(bytes.count), vitals_sqlite_transient())
        default: return try bind(StorageForm.of(value, position: position), at: index, position: position)
        }
    }

    /// Ends the run and frees the parameters.
    func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    /// The current row.
    func row() throws(SQLiteError) -> SQLRow {
        refreshColumns()
        let count = columns.names.count
        var invalid: Int?
        let values = [SQLValue](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                let value = value(Int32(index))
                if value == nil { invalid = index }
                (buffer.baseAddress.map { $0 + index })?.initialize(to: value ?? .null)
            }
            initialized = count
        }
        if let invalid {
            throw SQLiteError(
                .typeMismatch,
                "column \(columns.names[invalid]): the text is not valid UTF-8; read it as bytes with CAST(… AS BLOB)")
        }
        return SQLRow(columns, values: values)
    }

    /// SQLite prepares a statement anew when the schema has changed, and its columns may be others then.
    private func refreshColumns() {
        let now = sqlite3_stmt_status(pointer, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard now != preparations else { return }
        preparations = now
        columns = SQLColumns(
            (0..<sqlite3_column_count(pointer)).map { index in
                sqlite3_column_name(pointer, index).map { String(cString: $0) } ?? ""
            })
    }

    /// `nil` for text that is not valid.
    private func value(_ index: Int32) -> SQLValue? {
        switch sqlite3_column_type(pointer, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, index))
        case SQLITE_FLOAT: return .double(sqlite3_column_double(pointer, index))
        case SQLITE_TEXT:
            guard let text = sqlite3_column_text(pointer, index) else { return .text("") }
            let count = Int(sqlite3_column_bytes(pointer, index))
            return String(validating: UnsafeBufferPointer(start: text, count: count), as: UTF8.self).map(SQLValue.text)
        case SQLITE_BLOB:
            guard let bytes = sqlite3_column_blob(pointer, index) else { return .blob([]) }
            let count = Int(sqlite3_column_bytes(pointer, index))
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
        default: return .null
        }
    }
}
