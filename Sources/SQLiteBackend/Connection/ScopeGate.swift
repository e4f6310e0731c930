import DriverExecutors
import SQLDatabase

/// Decides which task's calls may use a connection, and holds the others until their turn.
///
/// Scopes are opened and ended only while the handle's lock is held, together with the statement that begins or ends
/// them, so a decision stays right until the statement has run.
final class ScopeGate: Sendable {
    private struct State {
        var stack = ScopeStack()
        var lease: UInt64 = 0
    }

    private let state = SystemLock(State())

    /// The number of the current loan of the connection.
    var lease: UInt64 { state.withLock { $0.lease } }

    /// The innermost scope, and whether one that owns a transaction is open.
    var summary: (innermost: ScopeStack.Entry?, ownsTransaction: Bool) {
        state.withLock { ($0.stack.open.last, $0.stack.open.contains(where: \.ownsTransaction)) }
    }

    func isOpen(_ number: UInt64) -> Bool { state.withLock { $0.stack.isOpen(number) } }

    /// Decides about a call. Call ``passOn()`` once it has run and the handle's lock is released.
    /// - Returns: `nil` to run, otherwise the waiter that ``wait(_:limit:)`` takes.
    /// - Throws: ``SQLiteError/Code/misuse`` when the call's scope has ended.
    func admit(_ identity: ScopeIdentity, waiter: UInt64?, handle: Handle) throws(SQLiteError) -> UInt64? {
        let verdict = state.withLock { state in
            let scope = identity.number(on: handle, lease: state.lease, stack: state.stack)
            return state.stack.admit(scope, waiter: waiter)
        }
        switch verdict {
        case .run: return nil
        case .wait(let id): return id
        case .ended:
            throw Self.hasEnded
        }
    }

    private static var hasEnded: SQLiteError {
        SQLiteError(
            .misuse,
            "the transaction, cursor or session that the statement belongs to has ended; do not use a connection "
                + "from a task that outlives the closure that lent it")
    }

    /// Opens a scope. Call it while holding the handle's lock, after ``admit(_:waiter:handle:)``.
    func push(isReadOnly: Bool, ownsTransaction: Bool) -> UInt64 {
        state.withLock { state in
            let number = state.stack.nextNumber()
            state.stack.push(.init(number: number, isReadOnly: isReadOnly, ownsTransaction: ownsTransaction))
            return number
        }
    }

    /// A number for a scope that is opened with ``push(_:)`` once its first statement has run.
    func nextNumber() -> UInt64 { state.withLock { $0.stack.nextNumber() } }

    func push(_ entry: ScopeStack.Entry) { state.withLock { $0.stack.push(entry) } }

    /// Ends a scope and all within it. Call it while holding the handle's lock, then ``passOn()``.
    func pop(_ number: UInt64) { state.withLock { $0.stack.pop(number) } }

    /// Ends the loan and all its scopes.
    /// - Returns: What refuses the calls that still wait; call each once the handle's lock is released.
    func endLease() -> [@Sendable () -> Void] {
        state.withLock { state in
            state.lease += 1
            return state.stack.endAll().map { resume in { resume(.ended) } }
        }
    }

    /// Wakes the calls whose turn has come.
    func passOn() {
        let resumes = state.withLock { $0.stack.hasWaiters ? $0.stack.takeRunnable() : [] }
        for resume in resumes { resume(.tryAgain) }
    }

    /// Waits until a call is to be tried again.
    /// - Throws: ``SQLiteError/Code/connectionInUse`` after the limit, and `CancellationError`.
    nonisolated(nonsending) func wait(_ id: UInt64, limit: Duration?) async throws {
        let timer = limit.map { limit in
            Task {
                if (try? await Task.sleep(for: limit)) != nil { self.giveUp(id, .expired) }
            }
        }
        defer { timer?.cancel() }
        let wakeup = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<ScopeStack.Wakeup, Never>) in
                let now = state.withLock { state in
                    state.stack.park(id) { continuation.resume(returning: $0) }
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            giveUp(id, .cancelled)
        }
        switch wakeup {
        case .tryAgain: return
        case .cancelled: throw CancellationError()
        case .ended: throw Self.hasEnded
        case .expired:
            throw SQLiteError(
                .connectionInUse,
                "the connection is inside a transaction, cursor or session of another task, which did not end in time; "
                    + "end it sooner, or run the statement within it or on a connection of its own")
        }
    }

    private func giveUp(_ id: UInt64, _ reason: ScopeStack.Wakeup) {
        let (own, others) = state.withLock { state in
            (state.stack.remove(id), state.stack.takeRunnable())
        }
        own?(reason)
        for resume in others { resume(.tryAgain) }
    }
}
