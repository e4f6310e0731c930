import DriverExecutors
import SQLDatabase
import Synchronization

/// Decides which task's calls may use a connection, and holds the others until their turn.
///
/// Scopes are opened and ended only while the handle's lock is held, together with the statement that begins or ends
/// them, so a decision stays right until the statement has run.
final class ScopeGate: Sendable {
    private let stack = SystemLock(ScopeStack())
    /// Changed only while the handle's lock is held.
    private let loan = Atomic<UInt64>(1)

    /// The number of the current loan of the connection, 1 or more. Numbers never repeat.
    var lease: UInt64 { loan.load(ordering: .acquiring) }

    /// The innermost scope, and whether one that owns a transaction is open.
    var summary: (innermost: ScopeStack.Entry?, ownsTransaction: Bool) {
        stack.withLock { ($0.open.last, $0.open.contains(where: \.ownsTransaction)) }
    }

    func isOpen(_ number: UInt64) -> Bool { stack.withLock { $0.isOpen(number) } }

    /// Refuses a call of a loan that has ended. Call it while holding the handle's lock.
    /// - Parameter number: The loan that the call belongs to; 0 for the pool's own calls.
    @inline(__always)
    func require(_ number: UInt64) throws(SQLiteError) {
        guard number == 0 || number == lease else { throw Self.loanHasEnded }
    }

    /// Decides about a call. Call ``passOn()`` once it has run and the handle's lock is released.
    /// - Returns: `nil` to run, otherwise the waiter that ``wait(_:limit:)`` takes.
    /// - Throws: ``SQLiteError/Code/misuse`` when the call's scope has ended.
    func admit(_ identity: ScopeIdentity, waiter: UInt64?, handle: Handle) throws(SQLiteError) -> UInt64? {
        let verdict = stack.withLock { stack in
            let scope = identity.number(on: handle, lease: lease, stack: stack)
            return stack.admit(scope, waiter: waiter)
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

    private static var loanHasEnded: SQLiteError {
        SQLiteError(
            .misuse,
            "the connection was used after its loan had ended; use it only until the closure that lent it returns, and "
                + "let a task that goes on longer borrow a connection of its own")
    }

    /// Opens a scope. Call it while holding the handle's lock, after ``admit(_:waiter:handle:)``.
    func push(isReadOnly: Bool, ownsTransaction: Bool) -> UInt64 {
        stack.withLock { stack in
            let number = stack.nextNumber()
            stack.push(.init(number: number, isReadOnly: isReadOnly, ownsTransaction: ownsTransaction))
            return number
        }
    }

    /// A number for a scope that is opened with ``push(_:)`` once its first statement has run.
    func nextNumber() -> UInt64 { stack.withLock { $0.nextNumber() } }

    func push(_ entry: ScopeStack.Entry) { stack.withLock { $0.push(entry) } }

    /// Ends a scope and all within it. Call it while holding the handle's lock, then ``passOn()``.
    func pop(_ number: UInt64) { stack.withLock { $0.pop(number) } }

    /// Ends the loan. Call it while holding the handle's lock.
    func endLoan() { loan.wrappingAdd(1, ordering: .releasing) }

    /// Ends all scopes of the loan.
    /// - Returns: What refuses the calls that still wait; call each once the handle's lock is released.
    func endScopes() -> [@Sendable () -> Void] {
        stack.withLock { stack in stack.endAll().map { resume in { resume(.ended) } } }
    }

    /// Wakes the calls whose turn has come.
    func passOn() {
        let resumes = stack.withLock { $0.hasWaiters ? $0.takeRunnable() : [] }
        for resume in resumes { resume(.tryAgain) }
    }

    /// Waits until a call is to be tried again.
    /// - Throws: ``SQLiteError/Code/connectionInUse`` after the limit, and `CancellationError`.
    nonisolated(nonsending) func wait(_ id: UInt64, limit: Duration?) async throws {
        let timer = limit.map { limit in
            Task {
                // The clock cannot add a limit beyond its range.
                if (try? await Task.sleep(for: min(limit, .longestSetting))) != nil { self.giveUp(id, .expired) }
            }
        }
        defer { timer?.cancel() }
        let wakeup = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<ScopeStack.Wakeup, Never>) in
                let now = stack.withLock { stack in
                    stack.park(id) { continuation.resume(returning: $0) }
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
        let (own, others) = stack.withLock { stack in (stack.remove(id), stack.takeRunnable()) }
        own?(reason)
        for resume in others { resume(.tryAgain) }
    }
}
