import CVitalsSQLite
import DriverExecutors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SQLiteDatabase {
    /// How far the write-ahead log has been copied into the database.
    public struct Checkpoint: Sendable, Hashable {
        /// Pages in the log; 0 when it has been emptied.
        public let pages: Int
        /// Pages of the log that have been copied. Fewer than ``pages`` while a reader needs an older state.
        public let copied: Int
    }

    /// Copies the write-ahead log into the database, as far as no reader needs the older state. ``run()`` does it by
    /// itself.
    /// - Parameter truncating: Whether to empty the log's file as well. Writers and new readers wait meanwhile, at most
    ///   100 ms.
    /// - Throws: ``SQLiteError/Code/locked`` when the log cannot be emptied because a reader did not end in time;
    ///   ``SQLiteError/Code/connectionClosed`` after ``shutdown(drain:)``.
    @discardableResult
    public func checkpoint(truncating: Bool = false) async throws -> Checkpoint {
        if configuration.isInMemory || configuration.mode == .readOnly { return Checkpoint(pages: 0, copied: 0) }
        return try await housekeeper.checkpoint(truncating: truncating)
    }

    /// The size of the write-ahead log's file in bytes; 0 when there is none. Takes one system call.
    public var logSize: Int { LogFile(filePath).size }

    /// The path beside which the log is.
    private var filePath: String { housekeeper.file?.resolvedPath ?? configuration.path }

    /// Copies the log after writes, and empties it when it has grown past the limit. A failure is tried again.
    func runMaintenance() async {
        var seen = LogFile(filePath)
        while !Task.isCancelled {
            try? await Task.sleep(for: configuration.checkpointInterval)
            if housekeeper.fileWasReplaced {
                housekeeper.markReplaced()
                // Where a file is at the path again, the connections to the old one are given up.
                try? await housekeeper.prepare()
                continue
            }
            let now = LogFile(filePath)
            guard !configuration.isInMemory, now.size > 0, now != seen else { continue }
            let isLong = now.size > configuration.walLimit
            if (try? await checkpoint(truncating: isLong)) != nil { seen = now }
        }
    }
}

/// The log's file as the file system describes it.
private struct LogFile: Equatable {
    var size = 0
    private var seconds = 0
    private var nanoseconds = 0

    init(_ path: String) {
        var status = stat()
        guard stat(path + "-wal", &status) == 0 else { return }
        size = Int(status.st_size)
        #if canImport(Darwin)
            let moment = status.st_mtimespec
        #else
            let moment = status.st_mtim
        #endif
        seconds = moment.tv_sec
        nanoseconds = moment.tv_nsec
    }
}

extension Handle {
    func checkpoint(truncating: Bool) throws -> SQLiteDatabase.Checkpoint {
        try withDatabase { database, state in
            let watch = state.core.watch
            try watch.begin(shielded: true, timeout: nil)
            var pages: Int32 = 0
            var copied: Int32 = 0
            let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
            let code = sqlite3_wal_checkpoint_v2(database, nil, mode, &pages, &copied)
            guard code == SQLITE_OK else { throw error(code, database, watch) }
            return SQLiteDatabase.Checkpoint(pages: Int(max(0, pages)), copied: Int(max(0, copied)))
        }
    }
}
