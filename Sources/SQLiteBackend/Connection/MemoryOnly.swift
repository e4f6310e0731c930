import CVitalsSQLite
import SQLDatabase
import Synchronization

/// Statements that run where they are called, without a hand-over between threads.
///
/// A thread of the cooperative pool must not wait. So such a statement is one that is prepared already and only reads; its
/// connection is used by nobody else; it runs for at most twice ``Watch/stride`` instructions, waits for no lock, and every
/// page that it needs is in SQLite's own cache: a file system between SQLite and the system's refuses to read. Whatever
/// does not fit is given up and run on the database's threads from its start.
enum MemoryOnly {
    private static let isRegistered = vitals_sqlite_register_file_system() != 0

    /// The name of the file system that can refuse to read; `nil` where there is none.
    static var fileSystem: String? { isRegistered ? "vitals" : nil }

    /// Whether the settings allow it. Mapped pages may have to be read from the disk when they are touched.
    static func isPossible(_ configuration: SQLiteConfiguration) -> Bool {
        isRegistered && !configuration.isInMemory && configuration.mappedBytes == 0
    }
}

/// Decides where the next read runs: on the caller's thread, or on the database's after a read that had to move.
final class PlaceChoice: Sendable {
    private let isPossible: Bool
    /// The reads that go to the database's threads before the next attempt.
    private let detours = Atomic<Int>(0)

    init(isPossible: Bool) { self.isPossible = isPossible }

    /// Whether the next read may begin on the caller's thread.
    var mayTry: Bool {
        guard isPossible else { return false }
        let left = detours.load(ordering: .relaxed)
        if left == 0 { return true }
        // An update lost to another task costs one more attempt, or one fewer.
        detours.store(left - 1, ordering: .relaxed)
        return false
    }

    /// A statement did not find what it needed in memory, or was too long.
    func hasMoved() { detours.store(4, ordering: .relaxed) }
}

extension Handle {
    /// Runs a statement of a loan on the calling thread, when it can be done at once.
    /// - Returns: Its rows, `nil` when it is to be run on the database's threads.
    func runInPlace(_ query: SQLQuery, _ loan: UInt64) throws -> [SQLRow]? {
        let rows = try withIdleDatabase { database, state -> [SQLRow]? in
            try gate.require(loan)
            guard !state.isEngaged, !state.hasLostTransaction, sqlite3_get_autocommit(database) != 0,
                let statement = state.core.cache.find(query.sql), statement.isReadOnly, statement.effects.isEmpty,
                !statement.isLong
            else { return nil }
            let watch = state.core.watch
            try watch.beginBriefly()
            defer { statement.reset() }
            try statement.bind(query.parameters)
            vitals_sqlite_begin_memory_only()
            var rows: [SQLRow] = []
            var code = sqlite3_step(statement.pointer)
            // Nothing within the loop suspends, so the thread stays the same.
            do {
                while code == SQLITE_ROW {
                    rows.append(try statement.row())
                    code = sqlite3_step(statement.pointer)
                }
            } catch {
                _ = vitals_sqlite_end_memory_only()
                throw error
            }
            let wasRefused = vitals_sqlite_end_memory_only() != 0
            if code == SQLITE_DONE, !wasRefused { return rows }
            if code & 0xff == SQLITE_INTERRUPT { statement.isLong = true }
            if wasRefused || code & 0xff == SQLITE_INTERRUPT || code & 0xff == SQLITE_BUSY { return nil }
            throw error(code, database, watch, statement)
        }
        if rows == nil { hasMoved.store(true, ordering: .relaxed) }
        return rows
    }

    /// Whether a statement had to move since the last call.
    func takeHasMoved() -> Bool {
        guard hasMoved.load(ordering: .relaxed) else { return false }
        hasMoved.store(false, ordering: .relaxed)
        return true
    }
}
