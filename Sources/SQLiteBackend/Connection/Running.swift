import CVitalsSQLite
import SQLDatabase

/// What a statement did.
struct Outcome: Sendable {
    var rows: [SQLRow] = []
    var changes = 0
}

/// How a statement is run.
struct RunOptions {
    /// Whether the rows are kept.
    var wantsRows = true
    /// Whether the task's cancellation is ignored.
    var isShielded = false
    /// Whether the driver itself runs it, which may end transactions and change settings without marking the session.
    var isInternal = false
    /// Instead of the configured time limit.
    var timeout: Duration?
}

/// Runs statements. Everything here is called under the handle's lock.
extension Handle {
    /// Runs one statement, all its rows.
    func run(
        _ query: SQLQuery, _ options: RunOptions, _ database: OpaquePointer, _ state: inout State
    ) throws -> Outcome {
        if let defect = query.defect { throw defect }
        try state.core.watch.begin(
            shielded: options.isShielded, timeout: options.timeout ?? configuration.statementTimeout)
        let statement = try self.statement(query.sql, options.isInternal, database, &state)
        defer { statement.reset() }
        try statement.bind(query.parameters)
        let before = sqlite3_total_changes64(database)
        var outcome = Outcome()
        while try step(statement, database, &state) {
            if options.wantsRows { outcome.rows.append(try statement.row()) }
        }
        // A statement that changes no row leaves SQLite's count at what the one before it changed.
        if sqlite3_total_changes64(database) != before { outcome.changes = Int(sqlite3_changes64(database)) }
        return outcome
    }

    /// Runs one statement for each list of parameters: how many rows each run changed.
    func run(_ sql: String, each lists: [[SQLValue]], _ database: OpaquePointer, _ state: inout State) throws -> [Int] {
        try state.core.watch.begin(shielded: false, timeout: configuration.statementTimeout)
        let statement = try self.statement(sql, false, database, &state)
        var before = sqlite3_total_changes64(database)
        let wasInTransaction = sqlite3_get_autocommit(database) == 0
        return try lists.enumerated().map { index, parameters in
            defer { statement.reset() }
            do {
                try requireTime(database, &state)
                try statement.bind(parameters)
                while try step(statement, database, &state) {}
            } catch let error as SQLiteError {
                throw error.ofList(index, keepsOthers: !wasInTransaction)
            }
            let after = sqlite3_total_changes64(database)
            defer { before = after }
            return before == after ? 0 : Int(sqlite3_changes64(database))
        }
    }

    /// Ends a call that runs several statements, between two of them, as SQLite would end one that runs for long.
    private func requireTime(_ database: OpaquePointer, _ state: inout State) throws {
        if state.core.watch.mustEnd() { throw error(SQLITE_INTERRUPT, database, state.core.watch) }
    }

    /// Runs statements that take no parameters.
    func runScript(_ sql: String, _ options: RunOptions, _ database: OpaquePointer, _ state: inout State) throws {
        try state.core.watch.begin(
            shielded: options.isShielded, timeout: options.timeout ?? configuration.statementTimeout)
        try ScriptText(sql).forEachStatement { rest in
            try requireTime(database, &state)
            let (statement, length) = try compile(rest, database, &state, keep: false, options.isInternal)
            guard let statement else { return length }
            guard sqlite3_bind_parameter_count(statement.pointer) == 0 else {
                throw SQLiteError(.misuse, "a script takes no parameters; use query or execute")
            }
            if !options.isInternal { try check(statement, database, &state) }
            while try step(statement, database, &state) {}
            return length
        }
    }

    /// Takes a statement one step further.
    /// - Returns: Whether it has a row; `false` at its end.
    @inline(__always)
    func step(_ statement: Statement, _ database: OpaquePointer, _ state: inout State) throws -> Bool {
        let wasInTransaction = sqlite3_get_autocommit(database) == 0
        let code = sqlite3_step(statement.pointer)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE {
            if let command = statement.savepoint { state.savepoints.apply(command) }
            return false
        }
        if wasInTransaction, sqlite3_get_autocommit(database) != 0 { state.hasLostTransaction = true }
        throw error(code, database, state.core.watch, statement)
    }

    /// Refuses what would run in a transaction that SQLite has ended by itself: it would run outside, and stay.
    ///
    /// Several failures end a transaction: a conflict with `OR ROLLBACK`, `RAISE(ROLLBACK)`, an interrupted write, a full
    /// disk. From then on nothing runs until the scope that began the transaction ends; where a statement of the borrower's
    /// began it, until the borrower begins or ends one.
    func requireTransaction(_ database: OpaquePointer, _ state: borrowing State) throws(SQLiteError) {
        guard state.ownsTransaction || state.hasLostTransaction, sqlite3_get_autocommit(database) != 0 else { return }
        throw SQLiteError(
            .transactionAborted,
            "a statement failed and SQLite rolled the transaction back, so nothing of it is kept and no further statement "
                + "runs in it; "
                + (state.ownsTransaction
                    ? "let the closure throw, and run the whole transaction again" : "run ROLLBACK, then begin again"))
    }

    /// The error of the call that has just failed while a statement ran.
    func error(_ code: Int32, _ database: OpaquePointer, _ watch: Watch, _ statement: Statement? = nil) -> any Error {
        switch watch.reason {
        case .cancelled: return CancellationError()
        case .closing: return SQLiteError.closing
        case .deadline: return SQLiteError(.timeout, "the statement ran past its deadline", resultCode: code)
        case .deadlineOfLock:
            return SQLiteError(
                .timeout,
                "the statement's deadline passed while another connection or process held the lock on \(path); allow it "
                    + "more time, or end the other transaction sooner", resultCode: code)
        case nil: break
        }
        if let failure = watch.functionFailure {
            return SQLiteError(
                .functionFailed, "a function of the program's own threw an error", resultCode: code, underlying: failure
            )
        }
        let message = String(cString: sqlite3_errmsg(database))
        if code == SQLITE_ERROR, let statement, let failure = compilationFailure(statement, database) { return failure }
        let text = ErrorText.running(message, resultCode: code)
        let isAttaching = statement?.effects.contains(.attach) == true
        if isAttaching, code & 0xff == SQLITE_CANTOPEN {
            return SQLiteError(
                .cannotOpen,
                "\(text): the file that ATTACH names is not there, or its folder; a statement attaches only a file that is there: "
                    + "create it before, or attach it in the closure that prepares the connections", resultCode: code)
        }
        return SQLiteError(resultCode: code, text: text, path: isAttaching ? "the file that ATTACH names" : path)
    }

    // MARK: Preparing

    /// Why a kept statement cannot be compiled any more; `nil` when it can. SQLite compiles a statement anew when the
    /// schema has changed, and its error then is the one that the statement would have had when it was new.
    private func compilationFailure(_ statement: Statement, _ database: OpaquePointer) -> SQLiteError? {
        guard !statement.effects.contains(.compiledOnce), let sql = sqlite3_sql(statement.pointer) else { return nil }
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, 0, &pointer, nil)
        sqlite3_finalize(pointer)
        guard code != SQLITE_OK else { return nil }
        return compilingError(code, String(cString: sql), database)
    }

    private func compilingError(_ code: Int32, _ sql: String, _ database: OpaquePointer) -> SQLiteError {
        let text = ErrorText.compiling(String(cString: sqlite3_errmsg(database)), sql: sql)
        return SQLiteError(resultCode: code, text: text, path: path)
    }

    /// The statement of a text, prepared now or kept from earlier.
    func statement(_ sql: String, _ isInternal: Bool, _ database: OpaquePointer, _ state: inout State) throws
        -> Statement
    {
        if let statement = state.core.cache.find(sql) {
            if !isInternal { try check(statement, database, &state) }
            return statement
        }
        let statement = try prepare(sql, isInternal, database, &state)
        if !statement.effects.contains(.compiledOnce) { state.core.cache.insert(statement, for: sql) }
        return statement
    }

    /// The statement of a text for a caller that keeps it busy, so that nobody else gets it.
    func checkOut(_ sql: String, _ database: OpaquePointer, _ state: inout State) throws -> Statement {
        guard let statement = state.core.cache.take(sql) else { return try prepare(sql, false, database, &state) }
        do { try check(statement, database, &state) } catch {
            state.core.cache.insert(statement, for: sql)
            throw error
        }
        return statement
    }

    private func prepare(_ sql: String, _ isInternal: Bool, _ database: OpaquePointer, _ state: inout State) throws
        -> Statement
    {
        var text = sql
        return try text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            guard !raw.contains(0) else { throw ScriptText.holdsZero }
            let (statement, length) = try compile(raw, database, &state, keep: true, isInternal)
            guard let statement else { throw SQLiteError(.misuse, "the text holds no statement") }
            guard raw[length...].holdsNoStatement else {
                throw SQLiteError(.misuse, "the text holds several statements; use executeScript")
            }
            if !isInternal { try check(statement, database, &state) }
            return statement
        }
    }

    private func compile(
        _ sql: UnsafeRawBufferPointer, _ database: OpaquePointer, _ state: inout State, keep: Bool, _ isInternal: Bool
    ) throws -> (statement: Statement?, length: Int) {
        guard let base = sql.baseAddress?.assumingMemoryBound(to: CChar.self), !sql.isEmpty else { return (nil, 0) }
        var pointer: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        let effects = try state.core.authorizer.watch(isInternal: isInternal) {
            let flags = keep ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
            let code = sqlite3_prepare_v3(database, base, Int32(clamping: sql.count), flags, &pointer, &tail)
            guard code == SQLITE_OK else {
                let text = sql.last == 0 ? sql.dropLast() : sql[...]
                throw compilingError(code, String(decoding: text, as: UTF8.self), database)
            }
        }
        // Some settings change while they are compiled, whether or not the statement is run afterwards.
        if effects.contains(.session), !isInternal { state.isDirty = true }
        let length = tail.map { $0 - base } ?? sql.count
        let savepoint = isInternal ? nil : state.core.authorizer.savepoint
        return (
            pointer.map { Statement($0, effects: effects, savepoint: savepoint, length: length) }, length
        )
    }

    /// Refuses what the current loan or scope does not allow.
    private func check(_ statement: Statement, _ database: OpaquePointer, _ state: inout State) throws(SQLiteError) {
        if statement.effects.contains(.session) { state.isDirty = true }
        if !state.core.withoutLog.isEmpty { state.core.holdLogs() }
        try checkControl(statement, database, &state)
        guard !statement.isReadOnly else { return }
        if state.isReading {
            throw SQLiteError(
                .readOnly, "the statement writes and the connection was lent for reading; use write or withWriter",
                resultCode: SQLITE_READONLY)
        }
        if sqlite3_get_autocommit(database) != 0 { try requireFile() }
    }

    /// Refuses what would end the driver's transaction or a savepoint outside of the scope. For a cursor before each step:
    /// scopes begin and end after it was opened.
    func checkControl(_ statement: Statement, _ database: OpaquePointer, _ state: inout State) throws(SQLiteError) {
        // A transaction of the borrower's own that was lost is over when the borrower says so.
        if statement.effects.contains(.transaction), !state.ownsTransaction { state.hasLostTransaction = false }
        try requireTransaction(database, state)
        if statement.effects.contains(.transaction), state.ownsTransaction {
            throw SQLiteError(
                .misuse,
                "BEGIN, COMMIT and ROLLBACK cannot run inside withTransaction, write or withSnapshot: the transaction "
                    + "ends when the closure returns or throws")
        }
        guard statement.effects.contains(.savepoint) else { return }
        if sqlite3_get_autocommit(database) != 0 { state.savepoints.transactionEnded() }
        guard let command = statement.savepoint else {
            // Compiled for the driver, under a name that only the driver uses.
            throw SavepointStack.reserved
        }
        try state.savepoints.require(command)
    }

    /// Throws when the path of a connection that writes leads to another file than the one it has open.
    func requireFile() throws(SQLiteError) {
        if role == .writer { try file?.require() }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Whether there is nothing but blanks, semicolons and comments.
    fileprivate var holdsNoStatement: Bool {
        var rest = self
        while let byte = rest.first {
            switch byte {
            case 9, 10, 12, 13, 32, UInt8(ascii: ";"): rest = rest.dropFirst()
            case UInt8(ascii: "-"):
                guard rest.dropFirst().first == UInt8(ascii: "-") else { return false }
                rest = rest.drop { $0 != 10 }
            case UInt8(ascii: "/"):
                guard rest.dropFirst().first == UInt8(ascii: "*") else { return false }
                rest = rest.dropFirst(2)
                while let first = rest.first,
                    !(first == UInt8(ascii: "*") && rest.dropFirst().first == UInt8(ascii: "/"))
                {
                    rest = rest.dropFirst()
                }
                rest = rest.dropFirst(2)
            default: return false
            }
        }
        return true
    }
}
