public import SQLDatabase

extension SQLiteDatabase {
    /// Runs one statement that reads and returns all its rows.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time for the statement; the configured limit when `nil`.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site, for reports of leaks.
    public func query(
        _ query: SQLQuery, timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [SQLRow] {
        try await read(file: file, line: line) { try await $0.query(query, timeout: timeout) }
    }

    /// Runs one statement that reads and lends its rows a few at a time, so that a result of any size takes little
    /// memory.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time from the first row to the last, the body's own time included; `nil` for none.
    ///   - priority: The order among those that wait for a connection.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site, for reports of leaks.
    ///   - body: Reads the rows. It may stop before the last.
    public func withRows<Result: Sendable>(
        of query: SQLQuery, timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID,
        line: UInt = #line, _ body: @Sendable (SQLiteRows) async throws -> Result
    ) async throws -> Result {
        try await read(priority: priority, file: file, line: line) {
            try await $0.withRows(of: query, timeout: timeout, body)
        }
    }
}
