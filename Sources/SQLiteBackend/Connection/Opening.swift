import CVitalsSQLite
import DriverExecutors
import SQLDatabase

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a connection may do.
enum Role: Sendable {
    case writer, reader, housekeeper
}

extension Handle {
    /// Opens the file and sets the connection up. The writer makes the file and switches it to a write-ahead log.
    static func open(
        _ configuration: SQLiteConfiguration, as role: Role, instrumentation: SQLInstrumentation? = nil
    ) throws -> Handle {
        do {
            return try openPlainly(configuration, as: role, instrumentation)
        } catch let error as SQLiteError where error.code == .cannotOpen {
            throw error.explained(path: configuration.path)
        }
    }

    private static func openPlainly(
        _ configuration: SQLiteConfiguration, as role: Role, _ instrumentation: SQLInstrumentation?
    ) throws -> Handle {
        var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        if configuration.createsFile, role == .writer { flags |= SQLITE_OPEN_CREATE }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(configuration.path, &opened, flags, nil)
        guard let database = opened else {
            throw SQLiteError(.outOfMemory, "no memory to open \(configuration.path)", resultCode: code)
        }
        guard code == SQLITE_OK else {
            let text = String(cString: sqlite3_errmsg(database))
            sqlite3_close_v2(database)
            throw SQLiteError(resultCode: code, text: text, path: configuration.path)
        }
        // The housekeeper holds the others up while it waits.
        let watch = Watch(busyTimeout: role == .housekeeper ? .milliseconds(100) : configuration.busyTimeout)
        watch.install(on: database)
        let handle = Handle(
            database: database, watch: watch, configuration: configuration, instrumentation: instrumentation)
        try handle.setUp(configuration, as: role)
        return handle
    }

    private func setUp(_ configuration: SQLiteConfiguration, as role: Role) throws {
        if role == .writer, !configuration.isInMemory {
            guard try switchToLog(within: configuration.busyTimeout) else {
                throw SQLiteError(
                    .cannotOpen,
                    "\(path) cannot use a write-ahead log; put it on a local disk, not on a network file system")
            }
        }
        let settings = [
            "synchronous = \(configuration.synchronous.rawValue)",
            "cache_size = -\(configuration.cacheSizeKiB)",
            "mmap_size = \(configuration.mappedBytes)",
            "foreign_keys = \(configuration.foreignKeys ? "ON" : "OFF")",
            "trusted_schema = OFF",
            "journal_size_limit = \(configuration.walLimit)",
            "wal_autocheckpoint = \(Self.autocheckpointPages)",
            "query_only = \(role == .reader ? "ON" : "OFF")",
        ]
        try runScript(settings.map { "PRAGMA \($0);" }.joined(), shielded: true)
        // The first page is read here, so that a file that is no database is told of at once.
        _ = try run("SELECT count(*) FROM sqlite_schema", wantsRows: true, shielded: true)
    }

    /// Whether the file has a write-ahead log now. Where several switch a fresh file at the same moment SQLite gives up
    /// without asking the busy handler: then it is tried again, for as long as a statement waits for a lock.
    private func switchToLog(within limit: Duration) throws -> Bool {
        let end = MonotonicTime.now() &+ MonotonicTime.nanoseconds(limit)
        while true {
            do {
                let mode = try run("PRAGMA journal_mode = WAL", wantsRows: true, shielded: true).rows
                return mode.first?.values.first == .text("wal")
            } catch let error as SQLiteError where error.code == .locked && MonotonicTime.now() < end {
                var pause = timespec(tv_sec: 0, tv_nsec: Int.random(in: 1_000_000...5_000_000))
                nanosleep(&pause, nil)
            }
        }
    }

    /// The writer copies the log into the database by itself only when the housekeeper does not keep up.
    static let autocheckpointPages = 8000
}

extension SQLiteError {
    /// Looks why a file could not be opened, which SQLite does not tell.
    fileprivate func explained(path: String) -> SQLiteError {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let place = folder.isEmpty ? "/" : folder
        if access(place, F_OK) != 0 {
            return SQLiteError(
                .cannotOpen, "\(path) cannot be opened: the folder \(place) is not there; make it, or correct the path",
                resultCode: resultCode)
        }
        if access(path, F_OK) != 0, access(place, W_OK) == 0 {
            return SQLiteError(
                .cannotOpen, "\(path) is not there and may not be made; correct the path, or allow createsFile",
                resultCode: resultCode)
        }
        if access(place, W_OK) != 0 {
            return SQLiteError(
                .readOnly,
                "\(path) cannot be used: nothing can be written in \(place), where the log goes; check the owner and "
                    + "mode of the folder, and how its file system is mounted", resultCode: resultCode)
        }
        return self
    }
}
