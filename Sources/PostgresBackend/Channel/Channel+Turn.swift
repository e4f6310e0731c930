import DriverExecutors
import Synchronization

/// One that waits for its turn.
// The hand-off is set before the waiter enters the line, whose lock orders it.
final class TurnWaiter: @unchecked Sendable {
    enum Outcome: Sendable {
        case turn
        case cancelled
        case failed(PostgresError)
    }
    var handoff: Handoff<Outcome>?
}

extension Channel {
    private enum Answer {
        case mine
        case wait
        case cancelled
        case refused(PostgresError)
    }

    /// Waits in line for the connection.
    nonisolated(nonsending) func takeTurn(shielded: Bool, deadline: UInt64) async throws {
        switch state.withLock({ Self.ask(&$0, nil) }) {
        case .mine: return
        case .refused(let error): throw error
        case .wait, .cancelled: break
        }
        let waiter = TurnWaiter()
        let timer = deadline > 0 ? leaveLine(waiter, at: deadline) : nil
        defer { timer?.cancel() }
        let outcome = await withTaskCancellationHandler {
            await Handoff<TurnWaiter.Outcome>.wait { handoff in
                waiter.handoff = handoff
                let answer = state.withLock { state -> Answer in
                    // Asked under the lock: a cancellation before it finds the waiter not yet in line.
                    if !shielded, Task.isCancelled { return .cancelled }
                    return Self.ask(&state, waiter)
                }
                switch answer {
                case .mine: handoff.resume(.turn)
                case .wait: break
                case .cancelled: handoff.resume(.cancelled)
                case .refused(let error): handoff.resume(.failed(error))
                }
            }
        } onCancel: {
            if !shielded { leaveLine(waiter, .cancelled) }
        }
        switch outcome {
        case .turn: return
        case .cancelled: throw CancellationError()
        case .failed(let error): throw error
        }
    }

    private static func ask(_ state: inout State, _ waiter: TurnWaiter?) -> Answer {
        if state.closed { return .refused(PostgresError(.connectionClosed, "the connection has been closed")) }
        if let broken = state.broken { return .refused(broken) }
        if state.paused {
            return .refused(
                PostgresError(
                    .busy,
                    "a stream of rows or a COPY is open on this connection: finish it first, or use another connection")
            )
        }
        if state.turnTaken {
            if let waiter { state.line.append(waiter) }
            return .wait
        }
        state.turnTaken = true
        return .mine
    }

    private func leaveLine(_ waiter: TurnWaiter, _ outcome: TurnWaiter.Outcome) {
        let left = state.withLock { state -> Bool in
            guard let index = state.line.firstIndex(where: { $0 === waiter }) else { return false }
            state.line.remove(at: index)
            return true
        }
        if left { waiter.handoff?.resume(outcome) }
    }

    private func leaveLine(_ waiter: TurnWaiter, at deadline: UInt64) -> LoopTimer {
        let now = MonotonicTime.now()
        return loop.schedule(after: .nanoseconds(deadline > now ? Int64(clamping: deadline - now) : 0)) { [weak self] in
            self?.leaveLine(
                waiter, .failed(PostgresError(.timeout, "the statement waited for the connection past its deadline")))
        }
    }

    /// Gives the turn to the next in line. From the loop, or from a holder that sent nothing.
    func passTurn() {
        let (next, refused, error, closing) = state.withLock {
            state -> (TurnWaiter?, [TurnWaiter], PostgresError?, Bool) in
            state.inFlight = nil
            state.paused = false
            if state.closed || state.broken != nil {
                state.turnTaken = false
                let line = state.line
                state.line = []
                let error = state.broken ?? PostgresError(.connectionClosed, "the connection has been closed")
                return (nil, line, error, state.closed && !state.tornDown)
            }
            guard !state.line.isEmpty else {
                state.turnTaken = false
                return (nil, [], nil, false)
            }
            return (state.line.removeFirst(), [], nil, false)
        }
        next?.handoff?.resume(.turn)
        if let error { for waiter in refused { waiter.handoff?.resume(.failed(error)) } }
        if closing { loop.execute { self.tearDown() } }
    }
}
