import DriverExecutors
import SQLDatabase

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SQLiteDatabase {
    /// Writes a copy of the database, as it is when the copy begins, into a file. Readers and writers go on meanwhile.
    ///
    /// The copy is packed, checked and on the disk before it takes its place, so that an interrupted backup never
    /// replaces a good one. Takes time and space in proportion to the database.
    /// - Parameter path: Where the copy goes, always the path of a file and never a URI; a file there is replaced, and one
    ///   beside it, with `.part` at its end.
    /// - Throws: ``SQLiteError``, with the code ``SQLiteError/Code/misuse`` when the path leads to the database itself or
    ///   to a file of its log, when something else than a file is there, when a `-wal`, `-shm` or `-journal` is beside it,
    ///   or when another backup to the same path is being written: what is at the path has not been touched then;
    ///   `CancellationError` when the task was cancelled; ``SQLiteError/Code/connectionClosed`` after ``shutdown(drain:)``.
    public func backup(to path: String) async throws {
        try housekeeper.requireOpen()
        try await housekeeper.prepare()
        let target = try BackupTarget(path, of: configuration, housekeeper.file)
        let part = try BackupPart(of: target)
        do {
            try await copy(to: part.path)
            try part.take(target)
        } catch {
            part.remove()
            throw error
        }
        try synchronize(path.folder)
    }

    /// Reads the whole database and returns a description of each fault; none when it is sound.
    public func integrityProblems(
        file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [String] {
        let rows = try await read(file: file, line: line) { try await $0.query("PRAGMA integrity_check") }
        return rows.compactMap { row in if case .text(let text) = row.values.first, text != "ok" { text } else { nil } }
    }

    private func copy(to part: String) async throws {
        let copying: SQLQuery = "VACUUM INTO \(part.filePath)"
        if configuration.isInMemory {
            _ = try await withWriter { try await $0.execute(copying) }
        }
        // A thread of its own, on which the task sees its cancellation.
        let threads = try ThreadExecutor(name: "sqlite-backup")
        defer { threads.stop() }
        var source = configuration
        source.statementTimeout = nil
        let (configuration, setup, file) = (source, setup, housekeeper.file)
        try await threads.run { () throws in
            if !configuration.isInMemory {
                let original = try Handle.open(configuration, on: file, as: .housekeeper, setup: setup)
                defer { original.close() }
                _ = try original.withDatabase { database, state in
                    try original.run(
                        copying, RunOptions(wantsRows: false), database, &state)
                }
            }
            try check(part, like: configuration, setup)
        }
    }
}

/// Proves that a copy is whole and writes it to the disk.
private func check(_ path: String, like configuration: SQLiteConfiguration, _ setup: ConnectionSetup?) throws {
    var settings = configuration
    settings.path = path
    settings.createsFile = false
    settings.mode = .readWrite
    let copy = try Handle.open(settings, on: nil, as: .housekeeper, setup: setup)
    defer { copy.close() }
    let verdict = try copy.withDatabase { database, state in
        try copy.run("PRAGMA quick_check(1)", RunOptions(), database, &state).rows.first?.values.first
    }
    guard verdict == .text("ok") else {
        throw SQLiteError(
            .corrupt, "the copy \(path) is damaged; check the disk, and the database with integrity_check")
    }
    try synchronize(path)
}

/// Writes a file, or a folder's entries, to the disk.
private func synchronize(_ path: String) throws(SQLiteError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .system("open the backup", path, .ioError) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("write the backup to the disk", path, .ioError) }
}
