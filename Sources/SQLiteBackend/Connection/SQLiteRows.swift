public import SQLDatabase

/// The rows of a statement, read a few at a time. Read once, by one task.
public struct SQLiteRows: AsyncSequence, Sendable {
    /// One row.
    public typealias Element = SQLRow

    let connection: SQLiteConnection
    let cursor: Cursor

    /// Reads the rows.
    ///
    /// The rows are read once: a second iterator throws ``SQLiteError/Code/misuse``.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(connection: connection, cursor: cursor, isFirst: cursor.takeReading())
    }

    /// Reads the rows.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let connection: SQLiteConnection
        private let cursor: Cursor
        private let isFirst: Bool
        private var rows: [SQLRow] = []
        private var position = 0

        init(connection: SQLiteConnection, cursor: Cursor, isFirst: Bool) {
            self.connection = connection
            self.cursor = cursor
            self.isFirst = isFirst
        }

        /// Returns the next row; `nil` after the last.
        nonisolated(nonsending) public mutating func next() async throws -> SQLRow? {
            if position == rows.count {
                guard isFirst else {
                    // The first one holds rows that it has read ahead.
                    throw SQLiteError(
                        .misuse,
                        "the rows of a statement are read once, by one iterator; go on with the first one, keep the rows "
                            + "in an array, or run the statement again")
                }
                rows = try await connection.read(cursor)
                position = 0
                if rows.isEmpty { return nil }
            } else {
                try cursor.look()
            }
            defer { position += 1 }
            return rows[position]
        }
    }
}

extension SQLiteConnection {
    /// Runs one statement and lends its rows a few at a time, so that a result of any size takes little memory.
    ///
    /// ```swift
    /// try await connection.withRows(of: "SELECT * FROM observations") { rows in
    ///     for try await row in rows { … }
    /// }
    /// ```
    ///
    /// The body may run other statements on the connection; those of other tasks wait until it has returned. The rows
    /// are those of the moment of the first one, as long as the body itself does not change them.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time from the first row to the last, the body's own time included. The configured limit
    ///     holds for each step of the reading when `nil`.
    ///   - body: Reads the rows. It may stop before the last.
    /// - Throws: ``SQLiteError``, `CancellationError`, and what the body throws.
    public func withRows<Result>(
        of query: SQLQuery, timeout: Duration? = nil, _ body: (SQLiteRows) async throws -> Result
    ) async throws -> Result {
        let observation = handle.observe(query.sql)
        do {
            let cursor = try await perform(timeout: timeout) { waiter, _ in
                try handle.openCursor(query, timeout: timeout, as: .task(loan), waiter, ownsScope: true)
            }
            let scope = Scope(.rows, on: self, lease: handle.gate.lease, number: cursor.scope)
            let result: Result
            do {
                result = try await Scope.$current.withValue(scope) {
                    try await body(SQLiteRows(connection: self, cursor: cursor))
                }
            } catch {
                try? await maintain { try handle.closeCursor(cursor) }
                throw error
            }
            try await maintain { try handle.closeCursor(cursor) }
            observation?.end(rows: cursor.rowsRead)
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    nonisolated(nonsending) fileprivate func read(_ cursor: Cursor) async throws -> [SQLRow] {
        try await perform { waiter, _ in
            try handle.attempt(as: .within(cursor.scope), waiter) { database, state in
                try cursor.read(handle, database, &state)
            }
        }
    }
}
