import CVitalsLibPQ
import DriverExecutors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Channel {
    /// What is known without touching libpq's handle.
    struct Standing {
        /// Whether nobody has the turn.
        var isFree: Bool
        /// Whether nothing can be sent any more.
        var isBroken: Bool
    }

    /// The channel's standing.
    var standing: Standing {
        state.withLock { Standing(isFree: !$0.turnTaken, isBroken: $0.broken != nil || $0.closed) }
    }

    /// Whether nothing has come on an idle connection: no end of the stream, no error, no unasked message.
    var isSilent: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// Closes the connection. Whatever is in flight fails.
    func close() async {
        await Handoff<Void>.wait { closer in
            let (done, now) = state.withLock { state -> (Bool, Bool) in
                if state.tornDown { return (true, false) }
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
        let now = state.withLock { state in state.closed ? false : Self.markClosed(&state) }
        if now { loop.execute { self.tearDown() } }
    }

    /// Returns whether the loop may close at once; a holder that is sending sees the mark when it begins.
    private static func markClosed(_ state: inout State) -> Bool {
        state.closed = true
        return !state.turnTaken || state.inFlight != nil
    }

    /// On the loop.
    func tearDown() {
        let closers = state.withLock { state -> [Handoff<Void>]? in
            if state.tornDown { return nil }
            state.tornDown = true
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
        PQfinish(wire)
        passTurn()
        exchange?.resume(.failed(PostgresError(.connectionClosed, "the connection was closed while the statement ran")))
        closers.forEach { $0.resume(()) }
    }
}
