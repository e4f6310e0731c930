public import ConnectionPool
import DriverExecutors
import SQLDatabase

/// What a pool needs to know of SQLite connections.
public struct SQLiteConnectionBackend: ConnectionBackend {
    let configuration: SQLiteConfiguration
    let role: Role
    let threads: ThreadExecutor
    let instrumentation: SQLInstrumentation?

    /// Opens a connection on one of the threads.
    public func connect() async throws -> SQLiteConnection {
        let handle = try await threads.run { () throws in
            try Handle.open(configuration, as: role, instrumentation: instrumentation)
        }
        return SQLiteConnection(handle: handle, threads: threads)
    }

    /// Reads the schema's version.
    public func validate(_ connection: SQLiteConnection) async throws {
        try await connection.command("PRAGMA schema_version", shielded: true)
    }

    /// Whether it has not been closed.
    public func isOpen(_ connection: SQLiteConnection) -> Bool { connection.handle.isOpen }

    /// Clean, unless a transaction is open.
    public func returnState(of connection: SQLiteConnection) -> ConnectionReturnState {
        connection.isInTransaction ? .needsReset : .clean
    }

    /// Rolls the open transaction back.
    public func reset(_ connection: SQLiteConnection) async throws {
        try await connection.rollBack()
    }

    /// Closes the file; the writer has SQLite look first whether its statistics are to be renewed.
    public func close(_ connection: SQLiteConnection) async {
        if role == .writer { try? await connection.optimize() }
        await connection.close()
    }

    /// A damaged file or a failing disk takes the connection with it. A database in memory is its connection, and stays.
    public func disposition(of error: any Error) -> ConnectionDisposition {
        if configuration.isInMemory { return .keep }
        return (error as? SQLiteError)?.closesConnection == true ? .evict : .keep
    }
}

extension SQLiteConnection {
    /// Renews the query planner's statistics where SQLite finds that they have aged; a bounded amount of work.
    public func optimize() async throws {
        try await script("PRAGMA analysis_limit = 400; PRAGMA optimize", shielded: true)
    }
}
