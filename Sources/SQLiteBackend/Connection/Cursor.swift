import CVitalsSQLite
import DriverExecutors
import SQLDatabase
import Synchronization

/// A statement whose rows are read a few at a time.
// Accessed only under the handle's lock, except for the constants.
final class Cursor: @unchecked Sendable {
    /// The rows that are read in one visit to the driver's thread.
    private static let batch = 256

    let sql: String
    /// The scope that the cursor opened, 0 for none.
    let scope: UInt64
    /// The moment, in nanoseconds of the monotonic clock, at which no more rows are read.
    private let deadline: UInt64
    private var statement: Statement?
    /// Whether it changes nothing: then it may end early although all its rows have been read ahead.
    private let isReadOnly: Bool
    /// Whether the last row was read.
    private var isComplete = false
    private(set) var rowsRead = 0
    private let isBeingRead = Atomic<Bool>(false)

    init(_ sql: String, statement: Statement, scope: UInt64, timeout: Duration?) {
        self.sql = sql
        self.statement = statement
        isReadOnly = statement.isReadOnly
        self.scope = scope
        deadline = timeout.map { MonotonicTime.now() &+ MonotonicTime.nanoseconds($0) } ?? .max
    }

    /// Throws when the rows that were read ahead must not be handed out any more. What a statement that writes has done is
    /// done: its rows are.
    func look() throws {
        guard isReadOnly else { return }
        if Task.isCancelled { throw CancellationError() }
        if deadline != .max, MonotonicTime.now() >= deadline {
            throw SQLiteError(.timeout, "the rows were not read within the time limit")
        }
    }

    /// Whether the caller is the first that reads.
    func takeReading() -> Bool { !isBeingRead.exchange(true, ordering: .relaxed) }

    /// Reads the next rows; none after the last.
    /// - Parameter limit: The most rows.
    func read(_ handle: Handle, limit: Int = Cursor.batch, _ database: OpaquePointer, _ state: inout Handle.State)
        throws
        -> [SQLRow]
    {
        if isComplete { return [] }
        guard let statement else {
            throw SQLiteError(.misuse, "the rows were read outside the closure that lent them, or after an error")
        }
        var timeout = handle.configuration.statementTimeout
        if deadline != .max {
            let now = MonotonicTime.now()
            timeout = .nanoseconds(Int64(clamping: deadline &- min(now, deadline)))
        }
        do {
            try handle.checkControl(statement, database, &state)
            try state.core.watch.begin(shielded: false, timeout: timeout)
            var rows: [SQLRow] = []
            while rows.count < limit {
                guard try handle.step(statement, database, &state) else {
                    isComplete = true
                    finish(&state)
                    break
                }
                rows.append(try statement.row())
            }
            rowsRead += rows.count
            return rows
        } catch {
            finish(&state)
            throw error
        }
    }

    /// Ends the cursor. A statement that writes is run to its end, so that its outcome is known.
    func end(_ handle: Handle, _ database: OpaquePointer, _ state: inout Handle.State) throws {
        defer { finish(&state) }
        guard let statement, !statement.isReadOnly else { return }
        try handle.checkControl(statement, database, &state)
        try state.core.watch.begin(shielded: true, timeout: nil)
        while try handle.step(statement, database, &state) {}
    }

    /// Ends the cursor of a loan that has ended.
    func abandon() {
        statement?.reset()
        statement = nil
    }

    private func finish(_ state: inout Handle.State) {
        guard let statement else { return }
        statement.reset()
        self.statement = nil
        state.cursors.removeAll { $0 === self }
        if !statement.effects.contains(.compiledOnce) { state.core.cache.insert(statement, for: sql) }
    }
}

extension Handle {
    /// Opens a cursor.
    /// - Parameter ownsScope: Whether it opens a scope; otherwise it belongs to the caller's, 0 then.
    func openCursor(
        _ query: SQLQuery, timeout: Duration?, as identity: ScopeIdentity, _ waiter: UInt64?, ownsScope: Bool
    ) throws -> Attempt<Cursor> {
        if let defect = query.defect { throw defect }
        return try attempt(as: identity, waiter) { database, state in
            try state.core.watch.begin(shielded: false, timeout: timeout)
            let statement = try checkOut(query.sql, database, &state)
            do { try statement.bind(query.parameters) } catch {
                statement.reset()
                state.core.cache.insert(statement, for: query.sql)
                throw error
            }
            let number = ownsScope ? gate.push(isReadOnly: state.isReading, ownsTransaction: false) : 0
            if ownsScope { scopesChanged(&state) }
            let cursor = Cursor(query.sql, statement: statement, scope: number, timeout: timeout)
            state.cursors.append(cursor)
            return cursor
        }
    }

    /// Ends a cursor and its scope, whoever holds the connection.
    func closeCursor(_ cursor: Cursor) throws {
        defer { gate.passOn() }
        try withDatabase { database, state in
            defer {
                if cursor.scope != 0 {
                    gate.pop(cursor.scope)
                    scopesChanged(&state)
                }
            }
            try cursor.end(self, database, &state)
        }
    }
}
