import CVitalsSQLite
import DriverExecutors
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The one file that all connections of a database open. The one place that decides whether it is still the database's.
///
/// The path is resolved once. A link that leads elsewhere later, or another file under the same name, is another database:
/// connections to the two would write into one and read from the other, and SQLite would play the write-ahead log of the
/// old file, which it finds by its name, into the new one.
///
/// The log beside it belongs to it in the same way: SQLite keeps it while a connection is open, unless its locks are gone.
/// ``FileHold`` is for those; where they are gone all the same, or the log is removed, connections would go on
/// writing into a file that has no name.
final class OpenFile: Sendable {
    /// A write-ahead log with its index.
    private struct Log: Equatable {
        let file: FileIdentity
        let index: FileIdentity?

        /// The log beside a database; `nil` when there is none.
        init?(_ path: String) {
            guard let file = FileIdentity(path + "-wal") else { return nil }
            self.file = file
            index = FileIdentity(path + "-shm")
        }
    }

    private struct State {
        var connections = 0
        /// The log and its index, which the connections have open.
        var sidecars: Set<FileIdentity> = []
        /// The connections that have the log open, and so keep it.
        var holders = 0
        /// The log as the first of them found it; `nil` where there is none.
        var log: Log?
        var hasLostLog = false
    }

    /// The path as configured, from the root: the process may change its folder.
    let path: String
    /// The path without links, which connections open.
    let resolvedPath: String
    private let identity: FileIdentity
    private let canWrite: Bool
    private let state = SystemLock(State())

    /// Resolves the path of a file that exists.
    init(_ configuration: SQLiteConfiguration) throws(SQLiteError) {
        path = configuration.path.absolutePath
        canWrite = configuration.mode == .readWrite
        guard let resolved = path.resolvedPath, let identity = FileIdentity(resolved) else {
            throw .system("open the database", path, .cannotOpen)
        }
        resolvedPath = resolved
        self.identity = identity
    }

    /// Whether the path leads to the file still, and the file has its name and its log still. Three system calls, four
    /// where the path holds links.
    var isInPlace: Bool { isAtPath && hasLog }

    private var isAtPath: Bool {
        FileIdentity(path) == identity && (path.isExactly(resolvedPath) || FileIdentity(resolvedPath) == identity)
    }

    /// Whether the log is the one that the connections write into.
    private var hasLog: Bool {
        state.withLock { state in
            guard state.holders > 0, let log = state.log else { return true }
            // Asked within the lock, so that the last connection does not remove it meanwhile.
            if Log(resolvedPath) != log { state.hasLostLog = true }
            return !state.hasLostLog
        }
    }

    /// - Throws: ``SQLiteError/Code/fileReplaced`` when the path leads to another file or to none, or when its log was
    ///   removed.
    func require() throws(SQLiteError) {
        guard !isInPlace else { return }
        if isAtPath { throw lostLog }
        throw SQLiteError(
            .fileReplaced,
            "\(path) was removed or replaced while it was open, or a link in it leads elsewhere, so what is written would "
                + "not be found there; put the file back, or run the transaction again on the file that is there now")
    }

    private var lostLog: SQLiteError {
        SQLiteError(
            .fileReplaced,
            "\(path)-wal or its index was removed while it was open, so what is written would be lost. Either it was deleted, or this "
                + "process opened and closed \(path) by itself, which drops SQLite's locks, and another program took it for "
                + "unused; copy the file with backup, and run the transaction again")
    }

    /// ``require()`` for a connection that has just been opened, before its first statement.
    func require(_ database: OpaquePointer) throws(SQLiteError) {
        try require()
        // The path was replaced between the opening and the comparison, and is back.
        guard vitals_sqlite_has_moved(database) == 0 else {
            throw SQLiteError(
                .fileReplaced, "\(path) was replaced while a connection was being opened; run the statement again")
        }
    }

    // MARK: Connections

    /// The number of connections to the file that are open, or being opened.
    var connections: Int { state.withLock { $0.connections } }

    /// Counts a connection. Call it before the file is opened, so that the log is not removed meanwhile.
    func willOpen() { state.withLock { $0.connections += 1 } }

    /// Notes the log's files, which a connection holds open after its first read.
    /// - Throws: ``SQLiteError/Code/fileReplaced`` when the other connections have another log open.
    func noteSidecars() throws(SQLiteError) {
        let isTheirs = state.withLock { state in
            let log = Log(resolvedPath)
            if state.holders == 0 { (state.log, state.hasLostLog) = (log, false) }
            if let held = state.log, held != log { state.hasLostLog = true }
            if state.hasLostLog { return false }
            state.holders += 1
            for suffix in Sidecar.suffixes {
                if let sidecar = FileIdentity(resolvedPath + suffix) { state.sidecars.insert(sidecar) }
            }
            return true
        }
        if !isTheirs { throw lostLog }
    }

    /// A connection could not be opened.
    func didNotOpen() { state.withLock { $0.connections -= 1 } }

    /// A connection is about to be closed. SQLite keeps the log of a file that was replaced: it would be found beside the
    /// new file. So the last connection copies it into its own file, and removes it.
    /// - Parameter holdsLog: Whether ``noteSidecars()`` was called for it.
    func willClose(_ database: OpaquePointer, _ watch: Watch, holdsLog: Bool) {
        state.withLock { state in
            // What is in a log without a name belongs into the file, at once, before another log is begun; where that
            // has happened the pages of the file are those of the new one. Neither is removed.
            if holdsLog, let held = state.log, case let log = Log(resolvedPath), log != held {
                // Frames of an index that is gone may have been written over.
                if canWrite, log?.file != held.file, (log?.file.size ?? 0) == 0 {
                    _ = emptyLog(database, watch, SQLITE_CHECKPOINT_PASSIVE)
                }
                vitals_sqlite_leave_log(database)
            }
            if holdsLog { state.holders -= 1 }
            state.connections -= 1
            guard state.connections == 0, canWrite, FileIdentity(resolvedPath) != identity else { return }
            // Until the connection is closed the numbers of its files cannot be another file's.
            guard emptyLog(database, watch) else { return }
            for suffix in Sidecar.suffixes {
                let name = resolvedPath + suffix
                guard let sidecar = FileIdentity(name), state.sidecars.contains(sidecar) else { continue }
                if suffix != "-wal" || sidecar.size == 0 { unlink(name) }
            }
            state.sidecars = []
        }
    }

    /// Copies the log into the file that the connection has open, whatever its name is now.
    private func emptyLog(
        _ database: OpaquePointer, _ watch: Watch, _ mode: Int32 = SQLITE_CHECKPOINT_TRUNCATE
    ) -> Bool {
        do { try watch.begin(shielded: true, timeout: nil) } catch { return false }
        if sqlite3_get_autocommit(database) == 0 { sqlite3_exec(database, "ROLLBACK", nil, nil, nil) }
        return sqlite3_wal_checkpoint_v2(database, "main", mode, nil, nil) == SQLITE_OK
    }

    /// Makes sure that another file at the same path can be opened: nothing of this one is beside it.
    /// - Throws: ``SQLiteError/Code/fileReplaced`` when connections are in use, or when the log could not be copied.
    func requireCleared() throws(SQLiteError) {
        guard !isInPlace else { return }
        let (connections, sidecars) = state.withLock { ($0.connections, $0.sidecars) }
        guard connections == 0 else {
            throw SQLiteError(
                .fileReplaced,
                isAtPath
                    ? "\(path)-wal was removed, and connections that have it open are still in use (\(connections)); the file "
                        + "is opened again when their closures have returned"
                    : "\(path) was replaced, and connections to the file before it are still in use (\(connections)); the new "
                        + "file is opened when their closures have returned")
        }
        guard !isAtPath, path.resolvedPath == resolvedPath else { return }
        for suffix in Sidecar.suffixes {
            let name = resolvedPath + suffix
            guard let sidecar = FileIdentity(name), sidecars.contains(sidecar) else { continue }
            throw SQLiteError(
                .fileReplaced,
                "\(path) was replaced, but \(name) belongs to the file before it, and SQLite would play it into the new "
                    + "one; end the other programs that have the old file open, then move \(name) away or remove it")
        }
    }
}
