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

/// The program's own preparation of a new connection.
typealias ConnectionSetup = @Sendable (SQLiteSetup) throws -> Void

extension Handle {
    /// Opens the file and sets the connection up. The writer switches it to a write-ahead log.
    /// - Parameters:
    ///   - file: The file that all connections of the database open; `nil` for one that belongs to no database yet.
    ///   - creates: Whether a missing file is created, where the configuration allows it.
    /// - Throws: ``SQLiteError``, with the code ``SQLiteError/Code/fileReplaced`` when another file is at the path.
    static func open(
        _ configuration: SQLiteConfiguration, on file: OpenFile?, as role: Role, setup: ConnectionSetup? = nil,
        instrumentation: SQLInstrumentation? = nil, creates: Bool = false
    ) throws -> Handle {
        do {
            try file?.require()
            return try openPlainly(configuration, file, as: role, setup, instrumentation, creates)
        } catch let error as SQLiteError where error.code == .cannotOpen || error.code == .readOnly {
            throw error.explained(configuration)
        }
    }

    private static func openPlainly(
        _ configuration: SQLiteConfiguration, _ file: OpenFile?, as role: Role, _ setup: ConnectionSetup?,
        _ instrumentation: SQLInstrumentation?, _ creates: Bool
    ) throws -> Handle {
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        // SQLite names the log after the file, not after a link to it.
        let path = file?.resolvedPath ?? configuration.path.resolvedPath ?? configuration.path
        var name = configuration.isInMemory ? configuration.path : path.filePath
        if configuration.mode == .readOnly {
            flags |= SQLITE_OPEN_READONLY
            if ReadOnlyFile.needsImmutable(path) {
                flags |= SQLITE_OPEN_URI
                name = ReadOnlyFile.immutableURI(path)
            }
        } else {
            flags |= SQLITE_OPEN_READWRITE
            if creates && configuration.createsFile || configuration.isInMemory { flags |= SQLITE_OPEN_CREATE }
        }
        file?.willOpen()
        var isHandedOver = false
        defer { if !isHandedOver { file?.didNotOpen() } }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags, MemoryOnly.fileSystem)
        guard let database = opened else {
            throw SQLiteError(.outOfMemory, "no memory to open \(configuration.path)", resultCode: code)
        }
        guard code == SQLITE_OK else {
            let text = String(cString: sqlite3_errmsg(database))
            sqlite3_close_v2(database)
            throw SQLiteError(resultCode: code, text: text, path: configuration.path)
        }
        do { try file?.require(database) } catch {
            sqlite3_close_v2(database)
            throw error
        }
        vitals_sqlite_disable_quoted_strings(database)
        // The housekeeper holds the others up while it waits.
        let watch = Watch(busyTimeout: role == .housekeeper ? .milliseconds(100) : configuration.busyTimeout)
        watch.install(on: database)
        let runsInPlace = role == .reader && setup == nil && MemoryOnly.isPossible(configuration)
        let authorizer = Authorizer(isInMemory: configuration.isInMemory)
        authorizer.install(on: database)
        let handle = Handle(
            database: database, watch: watch, authorizer: authorizer, role: role, configuration: configuration,
            instrumentation: instrumentation, runsInPlace: runsInPlace, file: file)
        isHandedOver = true
        try handle.setUp(setup)
        return handle
    }

    private func setUp(_ setup: ConnectionSetup?) throws {
        if role == .writer, configuration.mode == .readWrite, !configuration.isInMemory {
            try switchToLog(within: configuration.busyTimeout)
        }
        try runInternally(SessionSettings.script(configuration))
        // The first page is read here, so that a file that is no database is reported at once.
        _ = try rowsInternally("SELECT count(*) FROM sqlite_schema")
        if let file {
            try file.noteSidecars()
            try withDatabase { _, state in state.core.holdsLog = true }
        }
        if let setup {
            try setup(SQLiteSetup(handle: self))
            try holdAttached()
        }
        if let file { try hold(file.resolvedPath, as: "main") }
        if role == .reader { try runInternally("PRAGMA query_only = ON") }
        try withDatabase { database, state in
            guard sqlite3_get_autocommit(database) != 0 else {
                throw SQLiteError(.misuse, "the closure that prepares a connection must not leave a transaction open")
            }
            state.isDirty = false
        }
    }

    private func hold(_ path: String, as name: String) throws {
        // One that keeps the file for itself must not be kept from it.
        let mode = try rowsInternally("PRAGMA \(name.quotedName).locking_mode").first?.values.first
        guard mode != .text("exclusive") else { return }
        try withDatabase { _, state in
            state.core.withoutLog.append(path)
            state.core.holdLogs()
        }
    }

    private func holdAttached() throws {
        for row in try rowsInternally("PRAGMA database_list") {
            guard case .text(let name) = row.values[1], case .text(let path) = row.values[2], name != "main",
                !path.isEmpty
            else { continue }
            // Reads the file, so that its log is in use.
            _ = try? rowsInternally("PRAGMA \(name.quotedName).journal_mode")
            try hold(path, as: name)
        }
    }

    /// Runs statements of the driver's own.
    func runInternally(_ sql: String) throws {
        try withDatabase { database, state in
            let options = RunOptions(wantsRows: false, isShielded: true, isInternal: true, timeout: .unlimited)
            try runScript(sql, options, database, &state)
        }
    }

    /// Runs one statement of the driver's own and returns its rows.
    func rowsInternally(_ sql: String) throws -> [SQLRow] {
        try withDatabase { database, state in
            let options = RunOptions(isShielded: true, isInternal: true, timeout: .unlimited)
            return try run(SQLQuery(unsafe: sql), options, database, &state).rows
        }
    }

    /// Switches the file to a write-ahead log. Where several switch a fresh file at the same moment SQLite gives up
    /// without asking the busy handler: then it is tried again, for as long as a statement waits for a lock.
    private func switchToLog(within limit: Duration) throws {
        let end = MonotonicTime.now() &+ MonotonicTime.nanoseconds(limit)
        while true {
            do {
                let mode = try rowsInternally("PRAGMA journal_mode = WAL").first?.values.first
                if mode == .text("wal") { return }
                throw SQLiteError(
                    .cannotOpen,
                    "\(path) cannot use a write-ahead log; put it on a local disk, not on a network file system")
            } catch let error as SQLiteError where error.code == .locked && MonotonicTime.now() < end {
                var pause = timespec(tv_sec: 0, tv_nsec: Int.random(in: 1_000_000...5_000_000))
                nanosleep(&pause, nil)
            }
        }
    }
}

/// Where a database can only be read.
enum ReadOnlyFile {
    /// Whether SQLite can keep no log beside the file, so that it must be opened as one that does not change: the folder
    /// cannot be written, and there is no log that would have to be read, nor a journal that may have to be rolled back.
    static func needsImmutable(_ path: String, canWriteFolder: Bool? = nil) -> Bool {
        !(canWriteFolder ?? (access(path.folder, W_OK) == 0))
            && ["-wal", "-journal"].allSatisfy { access(path + $0, F_OK) != 0 }
    }

    /// The file's name as a URI that says that nobody changes the file.
    static func immutableURI(_ path: String) -> String {
        var uri = "file:"
        // Two slashes would begin a host's name.
        if path.hasPrefix("/") { uri += "//" }
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                uri.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                uri += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return uri + "?immutable=1"
    }
}

extension String {
    /// A path in a form that SQLite takes for nothing else: a name such as `file:a` would be a URI.
    var filePath: String { hasPrefix("/") ? self : "./" + self }

    /// The folder of a path.
    var folder: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}

extension SQLiteError {
    /// Finds out why a file could not be opened, which SQLite does not report.
    fileprivate func explained(_ configuration: SQLiteConfiguration) -> SQLiteError {
        let path = configuration.path
        let place = path.folder
        if access(place, F_OK) != 0 {
            return SQLiteError(
                .cannotOpen,
                "\(path) cannot be opened: the folder \(place) is not there; create it, or correct the path",
                resultCode: resultCode)
        }
        if configuration.mode == .readOnly {
            guard access(path, F_OK) == 0, access(path + "-wal", F_OK) == 0, access(place, W_OK) != 0 else {
                if access(path, F_OK) == 0 { return self }
                return SQLiteError(.cannotOpen, "\(path) is not there; correct the path", resultCode: resultCode)
            }
            return SQLiteError(
                .cannotOpen,
                "\(path) has a write-ahead log, \(path)-wal, that cannot be read in a folder that cannot be written; "
                    + "let a program that may write open and close the database once, or copy both files elsewhere",
                resultCode: resultCode)
        }
        if access(path, F_OK) != 0, access(place, W_OK) == 0 {
            return SQLiteError(
                .cannotOpen, "\(path) is not there and may not be created; correct the path, or allow createsFile",
                resultCode: resultCode)
        }
        if access(place, W_OK) != 0 || access(path, W_OK) != 0 {
            let what =
                access(place, W_OK) != 0
                ? "nothing can be written in \(place), where the log goes" : "it cannot be written"
            return SQLiteError(
                .readOnly,
                "\(path) cannot be used: \(what); check the owner and mode of file and folder and how the file system "
                    + "is mounted, or set mode: .readOnly to read only", resultCode: resultCode)
        }
        return self
    }
}

extension Handle.Core {
    /// Holds the files whose logs have come into use.
    mutating func holdLogs() {
        withoutLog.removeAll { path in
            guard FileIdentity(path + "-wal") != nil else { return false }
            // Where the system has no such locks it is not tried again.
            if let hold = FileHold(path) { holds.append(hold) }
            return true
        }
    }
}
