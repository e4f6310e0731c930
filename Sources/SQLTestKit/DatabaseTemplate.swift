public import PostgresBackend
public import SQLDatabase
public import SQLiteBackend

/// The content that a test database starts with: a closure that creates tables and rows in an empty database.
///
/// The closure runs once in a process for each server or folder; each test then gets a copy of the result, which takes
/// some hundredths of a second however many migrations there are. Keep one object for all tests, as a `static let` or a
/// global: every object is a template of its own.
///
/// ```swift
/// let clinic = PostgresTemplate { database in
///     try await migrator.migrate(database)
/// }
/// ```
public final class DatabaseTemplate<Database: SQLClient>: Sendable {
    let prepare: @Sendable (Database) async throws -> Void

    /// Creates a template.
    /// - Parameter prepare: Fills an empty database. When it throws, every test that uses the template throws
    ///   ``SQLTestKitError`` with ``SQLTestKitError/Code/templateFailed``.
    public init(_ prepare: @escaping @Sendable (Database) async throws -> Void) {
        self.prepare = prepare
    }
}

/// The content that a PostgreSQL test database starts with.
public typealias PostgresTemplate = DatabaseTemplate<PostgresDatabase>

/// The content that a SQLite test database starts with.
public typealias SQLiteTemplate = DatabaseTemplate<SQLiteDatabase>
