import CVitalsSQLite
public import SQLDatabase

/// A new connection that a program's own closure prepares before it is used: functions, attached files, extensions,
/// settings.
///
/// ```swift
/// let database = try SQLiteDatabase(SQLiteConfiguration(path: "wards.sqlite")) { connection in
///     try connection.execute("PRAGMA cache_spill = OFF")
///     try connection.addFunction("initials", arguments: 1) { values in
///         guard case .text(let name) = values[0] else { return .null }
///         return .text(String(name.split(separator: " ").compactMap(\.first)))
///     }
/// }
/// ```
///
/// The state in which the closure leaves the connection is the clean state that a reset restores.
public struct SQLiteSetup {
    /// The purpose of a connection.
    public enum Purpose: Sendable, Hashable {
        /// The one connection that writes.
        case writing
        /// One of the connections that read. It may create temporary objects here, and none later.
        case reading
        /// A connection for checkpoints and backups.
        case maintenance
    }

    /// The purpose of the connection.
    public let purpose: Purpose
    private let handle: Handle

    init(handle: Handle) {
        self.handle = handle
        purpose =
            switch handle.role {
            case .writer: .writing
            case .reader: .reading
            case .housekeeper: .maintenance
            }
    }

    /// Runs one statement and returns all its rows.
    public func query(_ query: SQLQuery) throws -> [SQLRow] { try run(query).rows }

    /// Runs one statement and returns the number of rows it changed.
    @discardableResult
    public func execute(_ query: SQLQuery) throws -> Int { try run(query).changes }

    /// Makes a closure a function of SQL that returns one value for each call.
    ///
    /// SQLite calls the closure on the statement's own thread, while the connection is busy: it must not use the
    /// connection, and should not block.
    /// - Parameters:
    ///   - name: The function's name in SQL.
    ///   - arguments: The number of arguments, 0 to 127; `nil` for any.
    ///   - isDeterministic: Whether equal arguments always give equal results.
    ///   - usableInSchema: Whether views, triggers, indexes and generated columns may call it. Leave it `false` for
    ///     a function with side effects: a schema may come from elsewhere.
    ///   - body: Gets the arguments: NULL, integers, doubles, text or bytes. What it throws becomes the `underlying`
    ///     error of ``SQLiteError/Code/functionFailed``.
    public func addFunction(
        _ name: String, arguments: Int?, isDeterministic: Bool = true, usableInSchema: Bool = false,
        _ body: @escaping @Sendable ([SQLValue]) throws -> SQLValue
    ) throws(SQLiteError) {
        guard (0...127).contains(arguments ?? 0), !name.isEmpty, name.utf8.count <= 255, !name.utf8.contains(0) else {
            throw SQLiteError(
                .misuse, "a function has a name of 1 to 255 bytes without a zero byte, and takes 0 to 127 arguments")
        }
        var flags = SQLITE_UTF8
        if isDeterministic { flags |= SQLITE_DETERMINISTIC }
        flags |= usableInSchema ? SQLITE_INNOCUOUS : SQLITE_DIRECTONLY
        try ScalarFunction.install(name, arguments.map { Int32($0) } ?? -1, flags, body, on: handle)
    }

    /// Loads an extension from a shared library. Extensions are native code: load only what the program ships.
    /// - Parameters:
    ///   - path: The library's path, with or without its suffix.
    ///   - entryPoint: The name of its initialization function; `nil` for SQLite's rule.
    public func loadExtension(_ path: String, entryPoint: String? = nil) throws {
        try handle.withDatabase { database, _ in
            var text: UnsafeMutablePointer<CChar>?
            let code = vitals_sqlite_load_extension(database, path, entryPoint, &text)
            defer { sqlite3_free(text) }
            guard code == SQLITE_OK else {
                throw SQLiteError(
                    .cannotOpen,
                    "the extension \(path) cannot be loaded: \(text.map { String(cString: $0) } ?? "unsupported")",
                    resultCode: code)
            }
        }
    }

    private func run(_ query: SQLQuery) throws -> Outcome {
        try handle.withDatabase { database, state in
            let options = RunOptions(isShielded: true, isInternal: true, timeout: .unlimited)
            return try handle.run(query, options, database, &state)
        }
    }
}

@available(*, unavailable)
extension SQLiteSetup: Sendable {}
