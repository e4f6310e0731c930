import CVitalsLibPQ
import DriverExecutors

/// Taking turns, closing, and the end of a session.
extension PostgresSession {
    /// What is known without touching the socket.
    struct ConnectionStatus {
        /// Whether no exchange has the turn.
        var isFree: Bool
        /// Whether nothing can be sent any more.
        var isBroken: Bool
    }

    var connectionStatus: ConnectionStatus {
        state.withLock { ConnectionStatus(isFree: $0.queue.isFree, isBroken: $0.broken != nil || $0.isClosed) }
    }

    private enum Admission {
        case mine, wait, cancelled
        case refused(PostgresError)
    }

    /// Takes the turn where nobody is in line. Returns whether it did.
    func takeTurnAtOnce(_ scope: TransactionScope?) throws -> Bool {
        switch state.withLock({ Self.ask(&$0, scope, nil) }) {
        case .mine: true
        case .refused(let error): throw error
        case .wait, .cancelled: false
        }
    }

    /// Waits in line for the session.
    nonisolated(nonsending) func takeTurn(_ scope: TransactionScope?, shielded: Bool, deadline: UInt64) async throws {
        if try takeTurnAtOnce(scope) { return }
        let waiter = TurnQueue.Waiter(scope: scope)
        let timer = deadline > 0 ? leaveLine(waiter, at: deadline) : nil
        defer { timer?.cancel() }
        let outcome = await withTaskCancellationHandler {
            await Handoff<TurnQueue.Waiter.Outcome>.wait { handoff in
                waiter.handoff = handoff
                let admission = state.withLock { state -> Admission in
                    // Asked under the lock: a cancellation before it finds the waiter not yet in line.
                    if !shielded, Task.isCancelled { return .cancelled }
                    return Self.ask(&state, scope, waiter)
                }
                switch admission {
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

    private static func ask(_ state: inout State, _ scope: TransactionScope?, _ waiter: TurnQueue.Waiter?)
        -> Admission
    {
        if state.isClosed { return .refused(PostgresError(.connectionClosed, "the connection has been closed")) }
        if var broken = state.broken {
            broken.outcome = .notApplied
            return .refused(broken)
        }
        if state.queue.isPaused {
            return .refused(
                PostgresError(
                    .busy,
                    "a stream of rows or a COPY is open on this connection: finish it first, or use another connection")
            )
        }
        if state.queue.take(scope) { return .mine }
        if let waiter { state.queue.enqueue(waiter) }
        return .wait
    }

    private func leaveLine(_ waiter: TurnQueue.Waiter, _ outcome: TurnQueue.Waiter.Outcome) {
        if state.withLock({ $0.queue.remove(waiter) }) { waiter.handoff?.resume(outcome) }
    }

    private func leaveLine(_ waiter: TurnQueue.Waiter, at deadline: UInt64) -> LoopTimer {
        let now = MonotonicTime.now()
        return loop.schedule(after: .nanoseconds(deadline > now ? Int64(clamping: deadline - now) : 0)) { [weak self] in
            guard let self else { return }
            let isForeign = state.withLock { $0.queue.scope != nil && $0.queue.scope !== waiter.scope }
            leaveLine(
                waiter,
                .failed(
                    PostgresError(
                        .timeout,
                        isForeign
                            ? "the connection stayed inside a transaction of another task past the statement's time "
                                + "limit: use the connection within that transaction's body only, or acquire another"
                            : "the statement waited for the connection past its time limit",
                        outcome: .notApplied)))
        }
    }

    /// Gives the turn to the next in line.
    func passTurn() {
        pass { state in
            state.inFlight = nil
            return state.queue.pass()
        }
    }

    /// Opens a transaction scope once its parent's statements are done. From then on only its own statements run.
    nonisolated(nonsending) func open(
        _ scope: TransactionScope, within parent: TransactionScope?, of loan: Loan, deadline: UInt64
    ) async throws {
        try refuse(loan, parent, hasTurn: false)
        try await takeTurn(parent, shielded: false, deadline: deadline)
        try refuse(loan, parent, hasTurn: true)
        pass { state in
            state.queue.open(scope)
            return state.queue.pass()
        }
    }

    /// Closes a transaction scope.
    func close(_ scope: TransactionScope) {
        scope.end()
        pass { $0.queue.close(scope) }
    }

    private func pass(_ change: (inout State) -> TurnQueue.Waiter?) {
        let (next, refused, error, closing) = state.withLock {
            state -> (TurnQueue.Waiter?, [TurnQueue.Waiter], PostgresError?, Bool) in
            let next = change(&state)
            guard state.isClosed || state.broken != nil else { return (next, [], nil, false) }
            if next != nil { _ = state.queue.pass() }
            var error = state.broken ?? PostgresError(.connectionClosed, "the connection has been closed")
            error.outcome = .notApplied
            let closing = state.isClosed && !state.isTornDown && !state.queue.isTaken
            return (nil, (next.map { [$0] } ?? []) + state.queue.removeAll(), error, closing)
        }
        next?.handoff?.resume(.turn)
        if let error { for waiter in refused { waiter.handoff?.resume(.failed(error)) } }
        if closing { loop.execute { self.tearDown() } }
    }

    // MARK: Closing

    /// Closes the connection. An exchange in flight fails.
    func close() async {
        await Handoff<Void>.wait { closer in
            let (done, now) = state.withLock { state -> (Bool, Bool) in
                if state.isTornDown { return (true, false) }
                state.closers.append(closer)
                return (false, Self.markClosed(&state))
            }
            if done {
                closer.resume(())
            } else if now {
                loop.execute { self.tearDown() }
            }
        }
    }

    /// Closes the connection without waiting for it.
    func closeLater() {
        let now = state.withLock { state in state.isClosed ? false : Self.markClosed(&state) }
        if now { loop.execute { self.tearDown() } }
    }

    /// Returns whether the loop may close at once. A task that is sending finds the mark when it hands the session over
    /// or passes the turn.
    private static func markClosed(_ state: inout State) -> Bool {
        state.isClosed = true
        return !state.queue.isTaken || state.inFlight != nil
    }

    /// On the loop.
    func tearDown() {
        let closers = state.withLock { state -> [Handoff<Void>]? in
            if state.isTornDown { return nil }
            state.isTornDown = true
            let closers = state.closers
            state.closers = []
            return closers
        }
        guard let closers else { return }
        source?.cancel()
        let exchange = exchange
        self.exchange = nil
        quarantine = nil
        isPaused = false
        PQfinish(connection)
        passTurn()
        exchange?.finish(
            .failed(
                PostgresError(
                    .connectionClosed, "the connection was closed while the statement ran",
                    outcome: outcomeOfLoss(of: exchange))))
        closers.forEach { $0.resume(()) }
    }
}
