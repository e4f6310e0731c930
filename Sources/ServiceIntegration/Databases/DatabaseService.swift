public import SQLDatabase
public import ServiceLifecycle

/// A database in a service group: housekeeping while the group runs; when it shuts down, the pool lends nothing more,
/// waits for what is lent and closes every connection.
///
/// Services stop in reverse order, so put it first: `[database, workers, server]`.
public struct DatabaseService<Database: SQLClient>: Service {
    private let database: Database

    /// A service around a database.
    public init(_ database: Database) { self.database = database }

    /// Runs until the group shuts down and the last connection is closed.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await database.run() }
    }
}
