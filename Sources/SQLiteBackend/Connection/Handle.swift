import CVitalsSQLite
import DriverExecutors
import SQLDatabase
import Synchronization

/// An open database file. Its calls block: they are made on the threads of the executor.
// SQLite's object, the statements and the watch are used under the lock.
final class Handle: @unchecked Sendable {
    // Lies behind the lock.
    struct State: @unchecked Sendable {
        var database: OpaquePointer?
        var cache: StatementCache
    }

    let path: String
    let watch: Watch
    private let statementTimeout: Duration?
    /// Who is told of statements; `nil` for the housekeeper, whose statements are not the program's.
    private let instrumentation: SQLInstrumentation?
    private let target: StatementObservation.Target
    private let waited = Atomic<Int64>(0)
    private let state: SystemLock<State>

    init(
        database: OpaquePointer, watch: Watch, configuration: SQLiteConfiguration, instrumentation: SQLInstrumentation?
    ) {
        path = configuration.path
        self.instrumentation = instrumentation?.resolved
        target = StatementObservation.Target(dialect: .sqlite, namespace: configuration.path)
        statementTimeout = configuration.statementTimeout
        self.watch = watch
        state = SystemLock(
            State(database: database, cache: StatementCache(capacity: configuration.statementCacheSize)))
    }

    deinit { close() }

    /// How long the current borrower waited for the connection.
    var poolWait: Duration {
        get { .nanoseconds(waited.load(ordering: .relaxed)) }
        set { waited.store(Int64(clamping: MonotonicTime.nanoseconds(newValue)), ordering: .relaxed) }
    }

    /// What a statement did.
    struct Outcome {
        var rows: [SQLRow] = []
        var changes = 0
    }

    /// Runs one statement, all its rows.
    func run(_ query: SQLQuery, wantsRows: Bool, shielded: Bool = false, timeout: Duration? = nil) throws -> Outcome {
        if let defect = query.defect { throw defect }
        guard let observation = observe(query.sql) else {
            return try perform(query, wantsRows: wantsRows, shielded: shielded, timeout: timeout)
        }
        return try observation.around {
            let outcome = try perform(query, wantsRows: wantsRows, shielded: shielded, timeout: timeout)
            return (outcome, wantsRows ? outcome.rows.count : outcome.changes)
        }
    }

    private func observe(_ sql: @autoclosure () -> String, statements: Int = 1) -> StatementObservation? {
        StatementObservation(instrumentation, sql: sql(), statements: statements, poolWait: poolWait, target: target)
    }

    /// Runs one statement for each list of parameters: how many rows each run changed.
    func run(_ sql: String, each lists: [[SQLValue]]) throws -> [Int] {
        guard let observation = observe(sql, statements: lists.count) else { return try perform(sql, each: lists) }
        return try observation.around {
            let changes = try perform(sql, each: lists)
            return (changes, changes.reduce(0, +))
        }
    }

    private func perform(_ sql: String, each lists: [[SQLValue]]) throws -> [Int] {
        try withDatabase { database, state in
            try watch.begin(shielded: false, timeout: statementTimeout)
            let statement = try self.statement(sql, database, &state)
            var before = sqlite3_total_changes64(database)
            return try lists.map { parameters in
                defer { statement.reset() }
                try statement.bind(parameters)
                var code = sqlite3_step(statement.pointer)
                while code == SQLITE_ROW { code = sqlite3_step(statement.pointer) }
                guard code == SQLITE_DONE else { throw error(code, database) }
                let after = sqlite3_total_changes64(database)
                defer { before = after }
                return before == after ? 0 : Int(sqlite3_changes64(database))
            }
        }
    }

    private func perform(
        _ query: SQLQuery, wantsRows: Bool, shielded: Bool, timeout: Duration?
    ) throws -> Outcome {
        try withDatabase { database, state in
            try watch.begin(shielded: shielded, timeout: timeout ?? statementTimeout)
            let statement = try self.statement(query.sql, database, &state)
            defer { statement.reset() }
            try statement.bind(query.parameters)
            let before = sqlite3_total_changes64(database)
            var outcome = Outcome()
            while true {
                let code = sqlite3_step(statement.pointer)
                if code == SQLITE_DONE { break }
                guard code == SQLITE_ROW else { throw error(code, database) }
                if wantsRows { outcome.rows.append(statement.row()) }
            }
            // A statement that changes no row leaves SQLite's count at what the one before it changed.
            if sqlite3_total_changes64(database) != before { outcome.changes = Int(sqlite3_changes64(database)) }
            return outcome
        }
    }

    /// Runs statements that take no parameters.
    func runScript(_ sql: String, shielded: Bool = false, timeout: Duration? = nil) throws {
        guard let observation = observe(sql) else {
            return try performScript(sql, shielded: shielded, timeout: timeout)
        }
        try observation.around { (try performScript(sql, shielded: shielded, timeout: timeout), 0) }
    }

    private func performScript(_ sql: String, shielded: Bool, timeout: Duration?) throws {
        try withDatabase { database, _ in
            try watch.begin(shielded: shielded, timeout: timeout ?? statementTimeout)
            var text = sql
            try text.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)[...]
                while !rest.isEmpty {
                    let (statement, length) = try prepare(UnsafeRawBufferPointer(rebasing: rest), database, keep: false)
                    rest = rest.dropFirst(length)
                    guard let statement else { continue }
                    guard sqlite3_bind_parameter_count(statement.pointer) == 0 else {
                        throw SQLiteError(.misuse, "a script takes no parameters; use query or execute")
                    }
                    var code = sqlite3_step(statement.pointer)
                    while code == SQLITE_ROW { code = sqlite3_step(statement.pointer) }
                    guard code == SQLITE_DONE else { throw error(code, database) }
                }
            }
        }
    }

    /// Whether a transaction is open; `false` after ``close()``.
    var isInTransaction: Bool {
        state.withLock { state in state.database.map { sqlite3_get_autocommit($0) == 0 } ?? false }
    }

    /// Whether it can be used.
    var isOpen: Bool { state.withLock { $0.database != nil } }

    /// Closes the file. Further calls throw.
    func close() {
        state.withLock { state in
            state.cache.removeAll()
            if let database = state.database { sqlite3_close_v2(database) }
            state.database = nil
        }
    }

    /// Calls the body with SQLite's object, alone.
    func withDatabase<Result>(_ body: (OpaquePointer, inout State) throws -> Result) throws -> Result {
        try state.withLock { state in
            guard let database = state.database else {
                throw SQLiteError(.connectionClosed, "the connection has been closed")
            }
            return try body(database, &state)
        }
    }

    // MARK: Parts

    /// The error of the call that has just failed.
    func error(_ code: Int32, _ database: OpaquePointer) -> any Error {
        switch watch.reason {
        case .cancelled: return CancellationError()
        case .deadline: return SQLiteError(.timeout, "the statement ran past its deadline", resultCode: code)
        case nil: break
        }
        return SQLiteError(resultCode: code, text: String(cString: sqlite3_errmsg(database)), path: path)
    }

    func statement(_ sql: String, _ database: OpaquePointer, _ state: inout State) throws -> Statement {
        if let statement = state.cache.find(sql) { return statement }
        var text = sql
        let statement = try text.withUTF8 { bytes in
            let (statement, length) = try prepare(UnsafeRawBufferPointer(bytes), database, keep: true)
            guard let statement else { throw SQLiteError(.misuse, "the text holds no statement") }
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[length...])
            if try prepare(rest, database, keep: false).statement != nil {
                throw SQLiteError(.misuse, "the text holds several statements; use executeScript")
            }
            return statement
        }
        state.cache.insert(statement, for: sql)
        return statement
    }

    private func prepare(_ sql: UnsafeRawBufferPointer, _ database: OpaquePointer, keep: Bool) throws
        -> (statement: Statement?, length: Int)
    {
        guard let base = sql.baseAddress?.assumingMemoryBound(to: CChar.self), !sql.isEmpty else { return (nil, 0) }
        var pointer: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
            database, base, Int32(clamping: sql.count), keep ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &pointer, &tail)
        guard code == SQLITE_OK else { throw error(code, database) }
        let length = tail.map { $0 - base } ?? sql.count
        return (pointer.map { Statement($0) }, length)
    }
}
