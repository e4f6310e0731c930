public import ConnectionPool
import DriverExecutors
import SQLDatabase

/// Opens, checks, resets and closes the connections of a pool.
public struct SQLiteConnectionBackend: ConnectionBackend {
    let configuration: SQLiteConfiguration
    let role: Role
    let threads: ThreadExecutor
    let setup: ConnectionSetup?
    let housekeeper: Housekeeper
    let instrumentation: SQLInstrumentation?

    /// Opens a connection on one of the threads.
    public func connect() async throws -> SQLiteConnection {
        do { return try await open() } catch let error as SQLiteError where error.code == .fileReplaced {
            housekeeper.markReplaced()
            return try await open()
        }
    }

    private func open() async throws -> SQLiteConnection {
        try await housekeeper.prepare()
        let file = housekeeper.file
        let (handle, clean) = try await threads.run { () throws in
            let handle = try Handle.open(
                configuration, on: file, as: role, setup: setup, instrumentation: instrumentation)
            return (handle, configuration.isInMemory ? try CleanSession(of: handle) : nil)
        }
        return SQLiteConnection(handle: handle, threads: threads, clean: clean)
    }

    /// Reads the schema's version.
    public func validate(_ connection: SQLiteConnection) async throws {
        try await connection.maintain { [handle = connection.handle] in
            _ = try handle.rowsInternally("PRAGMA schema_version")
        }
    }

    /// Whether it has not been closed.
    public func isOpen(_ connection: SQLiteConnection) -> Bool? { connection.handle.isOpen }

    /// Clean, unless a transaction is open or a statement changed the session.
    public func returnState(of connection: SQLiteConnection) -> ConnectionReturnState {
        let handle = connection.handle
        switch handle.endLease() {
        case .inTransaction: return .needsReset
        case .changed: return configuration.sessionReset == .never ? .clean : .needsReset
        case .clean: return configuration.sessionReset == .always ? .needsReset : .clean
        }
    }

    /// Rolls an open transaction back, and brings the session into the state in which it was prepared. A connection to a
    /// file is opened anew; one in memory gets its settings back and loses what was attached or temporary.
    public func reset(_ connection: SQLiteConnection) async throws {
        try await connection.maintain { [handle = connection.handle, clean = connection.clean] in
            if handle.isInTransaction { try handle.runInternally("ROLLBACK") }
            guard configuration.sessionReset == .always || (configuration.sessionReset == .whenNeeded && handle.isDirty)
            else { return }
            if let clean {
                clean.restore(handle)
                handle.markClean()
            } else {
                handle.replace(
                    with: try Handle.open(
                        configuration, on: handle.file, as: role, setup: setup, instrumentation: instrumentation))
            }
        }
    }

    /// Closes the file; before, the writer has SQLite renew statistics that have aged. A statement that still runs, because
    /// shutdown did not wait for its end, is interrupted.
    public func close(_ connection: SQLiteConnection) async {
        connection.handle.interrupt()
        if role == .writer, configuration.mode == .readWrite {
            // Not in a borrower's transaction, which is still open where shutdown did not wait for its end.
            try? await connection.maintain { [handle = connection.handle] in
                if !handle.isInTransaction { try handle.runInternally(SQLiteConnection.optimizing) }
            }
        }
        await connection.close()
    }

    /// What the closure that prepares a connection does wrong, it does wrong each time.
    /// Opening a database in memory waits for nothing that could change.
    public func isPermanent(_ error: any Error) -> Bool {
        configuration.isInMemory || (error as? SQLiteError)?.code == .misuse
    }

    /// A damaged file, a failing disk and a replaced file close the connection. A database in memory is its connection,
    /// and stays.
    public func disposition(of error: any Error) -> ConnectionDisposition {
        if configuration.isInMemory { return .keep }
        if (error as? SQLiteError)?.code == .fileReplaced { housekeeper.markReplaced() }
        return (error as? SQLiteError)?.closesConnection == true ? .evict : .keep
    }
}

extension SQLiteConnection {
    /// Renews the query planner's statistics where SQLite finds that they have aged; a bounded amount of work.
    public func optimize() async throws {
        try await script(Self.optimizing, RunOptions(isShielded: true, isInternal: true))
    }

    static let optimizing = "PRAGMA analysis_limit = 400; PRAGMA optimize"
}
