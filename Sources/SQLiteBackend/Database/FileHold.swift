import CVitalsSQLite
import DriverExecutors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps other programs from taking a database for unused while connections of this process have it open.
///
/// SQLite's own lock on the file is one of the process: it is gone as soon as the process closes the file anywhere, be it
/// after reading it as bytes (<https://www.sqlite.org/howtocorrupt.html>, section 2.2). The last connection of another
/// program then copies the log while it is in use, and removes it. So one more lock, which says the same, is held through
/// a descriptor of its own: Linux's lock of an open file description ends with that descriptor alone.
///
/// Closing the descriptor would drop SQLite's locks in just that way. So it is closed only when no process has the file
/// locked, and kept for the next connection until then.
final class FileHold: Sendable {
    private struct Entry {
        let descriptor: Int32
        var holders = 0
    }

    private static let entries = SystemLock<[FileIdentity: Entry]>([:])
    private let identity: FileIdentity

    /// Holds a database whose log is in use; `nil` where the system has no such locks, or the file cannot be locked.
    init?(_ path: String) {
        guard vitals_sqlite_has_holds() != 0, let identity = FileIdentity(path) else { return nil }
        let isHeld = Self.entries.withLock { entries in
            Self.closeUnused(&entries)
            if entries[identity] == nil {
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { return false }
                // The path may lead to another file by now, whose descriptor is closed as any other.
                guard let opened = FileIdentity(descriptor: descriptor) else { return false }
                if entries[opened] == nil { entries[opened] = Entry(descriptor: descriptor) }
                guard opened == identity else { return false }
            }
            guard var entry = entries[identity] else { return false }
            if entry.holders == 0, vitals_sqlite_hold(entry.descriptor, 1) == 0 { return false }
            entry.holders += 1
            entries[identity] = entry
            return true
        }
        guard isHeld else { return nil }
        self.identity = identity
    }

    /// Ends the hold: the connection is about to be closed, and may be the last, which removes the log.
    func release() {
        Self.entries.withLock { entries in
            guard var entry = entries[identity] else { return }
            entry.holders -= 1
            entries[identity] = entry
            if entry.holders == 0 { _ = vitals_sqlite_hold(entry.descriptor, 0) }
        }
    }

    /// Closes the descriptors of files that no process has locked. For after a connection was closed.
    static func closeUnused() { entries.withLock { closeUnused(&$0) } }

    private static func closeUnused(_ entries: inout [FileIdentity: Entry]) {
        for (identity, entry) in entries where entry.holders == 0 && vitals_sqlite_is_locked(entry.descriptor) == 0 {
            close(entry.descriptor)
            entries[identity] = nil
        }
    }
}
