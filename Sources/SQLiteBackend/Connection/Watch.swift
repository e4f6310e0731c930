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

/// Whether a connection is being closed while a statement may run on it. Set from any thread.
final class ClosingFlag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// Checks, while a statement runs or waits for a lock, whether it must end early.
///
/// SQLite asks it from within the statement, on the statement's own thread and task. So nothing can arrive late and
/// hit the next statement, as a call of `sqlite3_interrupt` from elsewhere can.
final class Watch {
    enum Reason {
        case cancelled, closing, deadline, deadlineOfLock
    }

    private let busyTimeout: UInt64
    private var isShielded = false
    private var deadline = UInt64.max
    private var waitBegan: UInt64 = 0
    /// Whether the statement runs on a thread that must not be held up: it ends at the second check.
    private var isBrief = false
    private var hasChecked = false
    private(set) var reason: Reason?
    /// The error that a function of the program's own threw within the statement.
    var functionFailure: (any Error)?
    /// The flag of the handle that the connection belongs to.
    var closing = ClosingFlag()

    init(busyTimeout: Duration) { self.busyTimeout = MonotonicTime.nanoseconds(busyTimeout) }

    /// How many of SQLite's instructions pass between two looks: some tens of microseconds.
    static let stride: Int32 = 2000

    /// Has SQLite ask. The watch must outlive the connection.
    func install(on database: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            database, Self.stride,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().mustEnd() ? 1 : 0
            }, context)
        sqlite3_busy_handler(
            database,
            { context, count in
                guard let context else { return 0 }
                return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().waitForLock(count) ? 1 : 0
            }, context)
    }

    /// A statement begins.
    func begin(shielded: Bool, timeout: Duration?) throws {
        if !shielded {
            if Task.isCancelled { throw CancellationError() }
            if closing.isSet { throw SQLiteError.closing }
        }
        if let timeout, timeout <= .zero {
            throw SQLiteError(.timeout, "the statement's time limit had passed before it began, so it was not run")
        }
        isShielded = shielded
        isBrief = false
        deadline = timeout.map { MonotonicTime.now() &+ MonotonicTime.nanoseconds($0) } ?? .max
        reason = nil
        functionFailure = nil
    }

    /// A statement begins that runs for at most twice ``stride`` instructions and waits for no lock. SQLite counts the
    /// instructions of all runs of a statement, so the first check may come at any moment.
    func beginBriefly() throws {
        if Task.isCancelled { throw CancellationError() }
        isBrief = true
        hasChecked = false
        reason = nil
        functionFailure = nil
    }

    /// Whether the statement must end, for the reason in ``reason``.
    func mustEnd() -> Bool {
        if isBrief {
            defer { hasChecked = true }
            return hasChecked
        }
        if !isShielded, Task.isCancelled {
            reason = .cancelled
        } else if !isShielded, closing.isSet {
            reason = .closing
        } else if deadline != .max, MonotonicTime.now() >= deadline {
            reason = .deadline
        }
        return reason != nil
    }

    /// Whether the statement must end before the next call of a function of the program's own, which may take any time.
    func mustEndBeforeCall() -> Bool { !isBrief && mustEnd() }

    /// Waits a little for another connection's lock; `false` gives up. The wait ends with the statement's time limit or
    /// the busy timeout, whichever is first.
    private func waitForLock(_ count: Int32) -> Bool {
        if isBrief { return false }
        let now = MonotonicTime.now()
        if count == 0 { waitBegan = now }
        guard !mustEnd() else {
            if reason == .deadline { reason = .deadlineOfLock }
            return false
        }
        guard now &- waitBegan < busyTimeout else { return false }
        let longest: UInt64 = count < 3 ? 1_000_000 : count < 10 ? 5_000_000 : 25_000_000
        let rest = min(busyTimeout &- (now &- waitBegan), deadline > now ? deadline &- now : 0)
        let pause = min(UInt64.random(in: longest / 4...longest), rest)
        var time = timespec(tv_sec: 0, tv_nsec: Int(pause))
        nanosleep(&time, nil)
        return true
    }
}
