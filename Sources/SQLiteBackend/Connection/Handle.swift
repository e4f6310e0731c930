import CVitalsSQLite
import DriverExecutors
import SQLDatabase
import Synchronization

/// The result of a call that runs at once or waits for its turn.
enum Attempt<Value> {
    case done(Value)
    /// The call waits; the number is the waiter's that ``ScopeGate/wait(_:limit:)`` takes.
    case wait(UInt64)
}

extension Attempt: Sendable where Value: Sendable {}

/// An open database file. Its calls block: they are made on the threads of the executor.
// SQLite's object, the statements, the cursors and the watch are used under the lock.
final class Handle: @unchecked Sendable {
    /// SQLite's connection and what belongs to it; replaced as a whole when a session is reset.
    struct Core {
        var database: OpaquePointer?
        var cache: StatementCache
        let watch: Watch
        let authorizer: Authorizer
        /// Whether the file counts on the connection to keep the log.
        var holdsLog = false
        /// The files whose logs are in use.
        var holds: [FileHold] = []
        /// The files that have no log yet: another program may switch them to one.
        var withoutLog: [String] = []
    }

    // Accessed only under the lock.
    struct State: @unchecked Sendable {
        var core: Core
        /// Whether a scope was opened during this loan, so that calls must ask the gate.
        var isEngaged = false
        /// Whether a borrower changed the session.
        var isDirty = false
        /// The innermost scope's number, 0 for none.
        var innermost: UInt64 = 0
        /// Whether statements that write are refused.
        var isReading: Bool
        /// Whether the driver has a transaction open, which a statement of the borrower must not end.
        var ownsTransaction = false
        /// Whether SQLite itself ended the transaction that was open. See ``Handle/requireTransaction(_:_:)``.
        var hasLostTransaction = false
        var cursors: [Cursor] = []
        /// The savepoints of borrowers, and the scopes that hold them in.
        var savepoints = SavepointStack()
    }

    let path: String
    let role: Role
    let gate = ScopeGate()
    let configuration: SQLiteConfiguration
    /// The file that all connections of the database open; `nil` in memory, and for a file that is only checked.
    let file: OpenFile?
    /// Whether short statements may run on the caller's own thread. See ``runInPlace(_:)``.
    let runsInPlace: Bool
    /// Receives the statements; `nil` for the housekeeper, whose statements are not the program's.
    private let instrumentation: SQLInstrumentation?
    private let target: StatementObservation.Target
    private let waited = Atomic<Int64>(0)
    /// Whether a statement could not run on its caller's own thread.
    let hasMoved = Atomic<Bool>(false)
    private let closing = ClosingFlag()
    private let state: SystemLock<State>

    init(
        database: OpaquePointer, watch: Watch, authorizer: Authorizer, role: Role, configuration: SQLiteConfiguration,
        instrumentation: SQLInstrumentation?, runsInPlace: Bool, file: OpenFile?
    ) {
        self.file = file
        path = configuration.path
        self.role = role
        self.configuration = configuration
        self.instrumentation = instrumentation?.resolved
        self.runsInPlace = runsInPlace && self.instrumentation == nil
        target = StatementObservation.Target(dialect: .sqlite, namespace: configuration.path)
        watch.closing = closing
        let cache = StatementCache(
            capacity: configuration.statementCacheSize, byteLimit: configuration.statementCacheKiB << 10)
        state = SystemLock(
            State(
                core: Core(database: database, cache: cache, watch: watch, authorizer: authorizer),
                isReading: role == .reader))
    }

    deinit { close() }

    /// How long the current borrower waited for the connection.
    var poolWait: Duration {
        get { .nanoseconds(waited.load(ordering: .relaxed)) }
        set { waited.store(Int64(clamping: MonotonicTime.nanoseconds(newValue)), ordering: .relaxed) }
    }

    func observe(_ sql: @autoclosure () -> String, statements: Int = 1) -> StatementObservation? {
        StatementObservation(instrumentation, sql: sql(), statements: statements, poolWait: poolWait, target: target)
    }

    // MARK: Access

    /// Calls the body with SQLite's object, alone.
    func withDatabase<Result>(_ body: (OpaquePointer, inout State) throws -> Result) throws -> Result {
        try state.withLock { state in
            guard let database = state.core.database else {
                throw SQLiteError(.connectionClosed, "the connection has been closed")
            }
            return try body(database, &state)
        }
    }

    /// ``withDatabase(_:)`` where nobody else uses the connection at this moment; `nil` otherwise.
    func withIdleDatabase<Result>(_ body: (OpaquePointer, inout State) throws -> Result?) throws -> Result? {
        let result = try state.withLockIfAvailable { state -> Result? in
            guard let database = state.core.database else { return nil }
            return try body(database, &state)
        }
        return result ?? nil
    }

    /// Calls the body when the caller's scope is the innermost one; otherwise the call gets a place in the line.
    /// - Parameters:
    ///   - identity: The scope in whose name the call is made.
    ///   - waiter: The number that an earlier attempt returned.
    func attempt<Value>(
        as identity: ScopeIdentity, _ waiter: UInt64?, _ body: (OpaquePointer, inout State) throws -> Value
    ) throws -> Attempt<Value> {
        var asksGate = waiter != nil
        // After the lock is released: it may wake others.
        defer { if asksGate { gate.passOn() } }
        return try withDatabase { database, state in
            if case .session(let number) = identity, number == state.innermost {
                return .done(try body(database, &state))
            }
            if case .task(let loan) = identity { try gate.require(loan) }
            if state.isEngaged { asksGate = true }
            if asksGate, let id = try gate.admit(identity, waiter: waiter, handle: self) { return .wait(id) }
            return .done(try body(database, &state))
        }
    }

    /// ``attempt(as:_:_:)`` for one statement that the instrumentation sees.
    func attempt<Value>(
        as identity: ScopeIdentity, _ waiter: UInt64?, observing sql: @autoclosure () -> String, statements: Int = 1,
        rows: (Value) -> Int, _ body: (OpaquePointer, inout State) throws -> Value
    ) throws -> Attempt<Value> {
        guard instrumentation != nil else { return try attempt(as: identity, waiter, body) }
        var observation: StatementObservation?
        do {
            let result = try attempt(as: identity, waiter) { database, state in
                observation = observe(sql(), statements: statements)
                return try body(database, &state)
            }
            if case .done(let value) = result { observation?.end(rows: rows(value)) }
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// Whether a transaction is open; `false` after ``close()``.
    var isInTransaction: Bool { isInTransaction(0) }

    /// Whether a transaction of a loan is open; `false` when the loan has ended.
    func isInTransaction(_ loan: UInt64) -> Bool {
        state.withLock { state in
            guard loan == 0 || loan == gate.lease, let database = state.core.database else { return false }
            return sqlite3_get_autocommit(database) == 0
        }
    }

    /// Whether it can be used.
    var isOpen: Bool { state.withLock { $0.core.database != nil } }

    /// Updates what follows from the open scopes. Call it after each change of the gate.
    func scopesChanged(_ state: inout State) {
        let (innermost, ownsTransaction) = gate.summary
        state.isEngaged = true
        state.innermost = innermost?.number ?? 0
        state.isReading = innermost?.isReadOnly ?? (role == .reader)
        state.ownsTransaction = ownsTransaction
    }

    /// The state in which a borrower left the connection.
    enum LeaseEnd {
        case clean, changed, inTransaction
    }

    /// Ends the loan: its scopes, and cursors that a task of the borrower's still holds.
    func endLease() -> LeaseEnd {
        var refusals: [@Sendable () -> Void] = []
        defer { for refuse in refusals { refuse() } }
        return state.withLock { state in
            for cursor in state.cursors { cursor.abandon() }
            state.cursors = []
            state.hasLostTransaction = false
            state.savepoints = SavepointStack()
            gate.endLoan()
            if state.isEngaged {
                refusals = gate.endScopes()
                state.isEngaged = false
                state.innermost = 0
                state.isReading = role == .reader
                state.ownsTransaction = false
            }
            if !state.core.withoutLog.isEmpty { state.core.holdLogs() }
            guard let database = state.core.database else { return .clean }
            if sqlite3_get_autocommit(database) == 0 { return .inTransaction }
            return state.isDirty ? .changed : .clean
        }
    }

    /// Whether a borrower changed the session.
    var isDirty: Bool { state.withLock { $0.isDirty } }

    /// Marks the session as clean.
    func markClean() { state.withLock { $0.isDirty = false } }

    /// Takes the connection of a handle that was just opened, and closes its own.
    func replace(with fresh: Handle) {
        let old = state.withLock { state in
            fresh.state.withLock { other in
                swap(&state.core, &other.core)
                state.core.watch.closing = closing
                state.isDirty = false
            }
            return fresh
        }
        old.close()
    }

    /// Ends the statement that runs, and refuses further ones. Does not wait for it. A commit is not interrupted.
    func interrupt() { closing.set() }

    /// Closes the file. Further calls throw.
    func close() {
        state.withLock { state in
            for cursor in state.cursors { cursor.abandon() }
            state.cursors = []
            state.core.cache.removeAll()
            if let database = state.core.database {
                file?.willClose(database, state.core.watch, holdsLog: state.core.holdsLog)
                for hold in state.core.holds { hold.release() }
                state.core.holds = []
                sqlite3_close_v2(database)
                FileHold.closeUnused()
            }
            state.core.database = nil
        }
    }
}
