import DriverExecutors

/// Ending an exchange early: by cancellation, by its deadline, or because its task left it.
extension PostgresSession {
    /// Holds the session until a cancelled exchange *and* the cancel request are over, so that neither touches the next
    /// statement.
    struct Quarantine {
        var exchangeIsOver = false
        var requestIsOver = false
    }

    /// How long a task waits for the server's word on what became of a statement that it cancelled.
    static let confirmationLimit: Duration = .milliseconds(500)
    /// How long the server may take to end an abandoned statement before the connection is given up.
    static let quarantineLimit: Duration = .seconds(5)
    /// The longest wait for rows that were fetched and that nobody wants any more.
    static let drainLimit: Duration = .seconds(300)

    /// On the loop. Asks the server to end the exchange and, for a while, waits for its answer: the statement may have
    /// been completed all the same.
    func interrupt(_ exchange: Exchange, _ reason: Exchange.Interruption) {
        guard owns(exchange), exchange.interruption == nil, !exchange.isAbandoned else { return }
        exchange.interruption = reason
        guard exchange.isAwaited else { return abandon(exchange, .detached(reason)) }
        guard beginEnding(exchange, .detached(reason)) else { return }
        loop.schedule(after: Self.confirmationLimit) { [weak self] in self?.abandon(exchange, .detached(reason)) }
    }

    /// On the loop. Nobody waits for the exchange any longer.
    func abandon(_ exchange: Exchange, _ ending: Exchange.Ending) {
        guard owns(exchange), !exchange.isAbandoned else { return }
        exchange.isAbandoned = true
        if beginEnding(exchange, ending) { exchange.finish(ending) }
    }

    /// Whether the loop has the exchange. Asked under the lock first: before it is in flight it belongs to its task.
    private func owns(_ exchange: Exchange) -> Bool {
        state.withLock { $0.inFlight === exchange && !$0.isTornDown } && self.exchange === exchange
    }

    /// Returns whether the server has something left to end.
    private func beginEnding(_ exchange: Exchange, _ ending: Exchange.Ending) -> Bool {
        let wasPaused = isPaused
        if quarantine != nil {
            // It may have paused for its task after it was interrupted.
            if wasPaused {
                setPaused(false)
                pumpLater(exchange)
            }
            return true
        }
        let abandonment = exchange.abandon(output)
        if abandonment == .drop {
            source?.disarm()
            self.exchange = nil
            setPaused(false)
            passTurn()
            exchange.finish(ending)
            return false
        }
        quarantine = Quarantine(requestIsOver: !abandonment.asksToCancel)
        quarantineCount += 1
        let number = quarantineCount
        setPaused(false)
        if abandonment.asksToCancel {
            ServerCancel.request(
                connection, on: loop, within: Self.quarantineLimit,
                unless: { [weak self] in self?.connectionStatus.isBroken ?? true }
            ) { [weak self, loop] in
                loop.execute { [weak self] in
                    guard let self, quarantineCount == number else { return }
                    quarantine?.requestIsOver = true
                    endQuarantine()
                }
            }
        }
        // What is drained is a fetch of rows that may come slowly, in a transaction that is to go on.
        let isDrained = abandonment == .drain
        loop.schedule(after: isDrained ? Self.drainLimit : Self.quarantineLimit) { [weak self] in
            guard let self, quarantine != nil, quarantineCount == number else { return }
            fail(
                PostgresError(
                    .connectionLost,
                    isDrained
                        ? "the server did not send the rest of a fetch of rows within \(Self.drainLimit)"
                        : "the server did not end a cancelled statement in time"))
        }
        if wasPaused || abandonment.mustPump { pumpLater(exchange) }
        return true
    }

    /// Sends what ends the exchange, and reads on, after the caller is done with it.
    private func pumpLater(_ exchange: Exchange) {
        loop.schedule(after: .zero) { [weak self] in
            if let self, self.exchange === exchange, !isPaused { pump() }
        }
    }

    func endQuarantine() {
        guard let quarantine, quarantine.exchangeIsOver, quarantine.requestIsOver else { return }
        self.quarantine = nil
        passTurn()
    }

    // MARK: Deadlines

    func setWatchdog(_ due: UInt64) {
        let now = MonotonicTime.now()
        loop.schedule(after: .nanoseconds(due > now ? Int64(clamping: due - now) : 0)) { [weak self] in
            self?.checkDeadline(due)
        }
    }

    /// On the loop. One timer serves a session's exchanges, one after the other.
    private func checkDeadline(_ due: UInt64) {
        let now = MonotonicTime.now()
        let (late, next) = state.withLock { state -> (Exchange?, UInt64) in
            if state.checkDue == due { state.checkDue = 0 }
            guard let exchange = state.inFlight, exchange.deadline > 0, !state.isTornDown else { return (nil, 0) }
            if exchange.deadline <= now { return (exchange, 0) }
            guard state.checkDue == 0 || state.checkDue > exchange.deadline else { return (nil, 0) }
            state.checkDue = exchange.deadline
            return (nil, exchange.deadline)
        }
        if let late { interrupt(late, .timedOut) }
        if next > 0 { setWatchdog(next) }
    }
}
