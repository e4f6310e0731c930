import DriverExecutors

extension Channel {
    /// A statement that nobody waits for any more holds the connection until both parts are over.
    struct Quarantine {
        var exchangeIsOver = false
        var requestIsOver = false
    }

    /// How long the server may take to end an abandoned statement before the connection is given up.
    static let quarantineLimit: Duration = .seconds(5)

    /// On the loop: nobody waits for the answer any more. The task goes on at once; the connection stays taken until
    /// the server has ended the statement *and* the cancel request, so that neither can touch what comes next.
    func abandon(_ exchange: Exchange, _ ending: Exchange.Ending) {
        // Asked first: before it is in flight, the exchange belongs to its holder's thread.
        guard state.withLock({ $0.inFlight === exchange && !$0.tornDown }), self.exchange === exchange,
            !exchange.isAbandoned
        else { return }
        exchange.isAbandoned = true
        let abandonment = exchange.abandon(wire)
        if abandonment == .drop {
            source?.disarm()
            self.exchange = nil
            setPaused(false)
            passTurn()
            exchange.resume(ending)
            return
        }
        quarantine = Quarantine(requestIsOver: abandonment == .drain)
        quarantines += 1
        let number = quarantines
        state.withLock { $0.quarantined = true }
        let wasPaused = isPaused
        setPaused(false)
        exchange.resume(ending)
        if abandonment == .cancel {
            ServerCancel.request(
                wire, on: loop, within: Self.quarantineLimit,
                unless: { [weak self] in self?.standing.isBroken ?? true }
            ) { [weak self, loop] in
                loop.execute { [weak self] in
                    guard let self, self.quarantines == number else { return }
                    self.quarantine?.requestIsOver = true
                    self.endQuarantine()
                }
            }
        }
        loop.schedule(after: Self.quarantineLimit) { [weak self] in
            guard let self, self.quarantine != nil, self.quarantines == number else { return }
            self.fail(PostgresError(.connectionLost, "the server did not end a cancelled statement in time"))
        }
        if wasPaused || abandonment == .drain { pump() }
    }

    func endQuarantine() {
        guard let quarantine, quarantine.exchangeIsOver, quarantine.requestIsOver else { return }
        self.quarantine = nil
        state.withLock { $0.quarantined = false }
        passTurn()
    }

    func setWatchdog(_ due: UInt64) {
        let now = MonotonicTime.now()
        loop.schedule(after: .nanoseconds(due > now ? Int64(clamping: due - now) : 0)) { [weak self] in
            self?.checkDeadline(due)
        }
    }

    /// On the loop. One timer serves a connection's statements, one after the other.
    private func checkDeadline(_ due: UInt64) {
        let now = MonotonicTime.now()
        let (late, next) = state.withLock { state -> (Exchange?, UInt64) in
            if state.checkDue == due { state.checkDue = 0 }
            guard let exchange = state.inFlight, exchange.deadline > 0, !state.tornDown else { return (nil, 0) }
            if exchange.deadline <= now { return (exchange, 0) }
            guard state.checkDue == 0 || state.checkDue > exchange.deadline else { return (nil, 0) }
            state.checkDue = exchange.deadline
            return (nil, exchange.deadline)
        }
        if let late { abandon(late, .timedOut) }
        if next > 0 { setWatchdog(next) }
    }
}
