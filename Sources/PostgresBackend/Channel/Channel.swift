import CVitalsLibPQ
import DriverExecutors
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The connection beneath a ``PostgresConnection``: libpq's handle, its place on a loop, and the rule of who may
/// touch it when.
///
/// One exchange at a time has the *turn*; others wait in line. Whoever has the turn sends on its own thread, then
/// arms the source, which hands libpq's handle to the loop until the exchange is over.
// libpq's handle is touched by the turn's holder until arming, by the loop from then on; the rest is under the lock.
final class Channel: ReadinessHandler, @unchecked Sendable {
    let wire: OpaquePointer
    let loop: any ReadinessLoop
    /// A duplicate of libpq's descriptor, so that nobody else's descriptor is watched after libpq closed its own.
    let descriptor: Int32
    /// Set once, at birth.
    private var source: (any ReadinessSource)?
    let backendID: Int32
    let serverVersion: Int32
    private let notices: NoticeBox
    private let state = SystemLock(State())
    private let status = Atomic<UInt8>(0)
    private let tint = Atomic<Bool>(false)
    private let savepoints = Atomic<Int>(0)

    // Of the turn's holder, then of the loop.
    private var exchange: Exchange?
    private var isFlushing = false
    /// The cancel request that is under way. Of the loop.
    private var quarantine: Quarantine?
    private var quarantines = 0

    private struct State {
        var turnTaken = false
        var line: [TurnWaiter] = []
        var inFlight: Exchange?
        var closed = false
        var tornDown = false
        var closers: [UnsafeContinuation<Void, Never>] = []
        var broken: PostgresError?
        var quarantined = false
        /// When the next check of deadlines is due; 0 when none is.
        var checkDue: UInt64 = 0
    }

    private struct Quarantine {
        var exchangeIsOver = false
        var requestIsOver = false
    }

    /// How long the server may take to end an abandoned statement before the connection is given up.
    static let quarantineLimit: Duration = .seconds(5)

    /// Takes over a connection that is ready.
    init(wire: OpaquePointer, loop: any ReadinessLoop, notices: NoticeBox) throws(PostgresError) {
        self.wire = wire
        self.loop = loop
        self.notices = notices
        backendID = PQbackendPID(wire)
        serverVersion = PQserverVersion(wire)
        descriptor = fcntl(PQsocket(wire), F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw PostgresError(.outOfResources, "no file descriptor is left: \(String(cString: strerror(errno)))")
        }
        source = loop.watch(descriptor, handler: self)
    }

    // MARK: One exchange

    /// Runs an exchange to its end.
    /// - Parameter shielded: Whether the task's cancellation leaves it alone, as a rollback needs.
    func perform(_ exchange: Exchange, shielded: Bool = false) async throws {
        if !shielded, Task.isCancelled { throw CancellationError() }
        try await takeTurn(shielded: shielded)
        do {
            try exchange.send(wire)
        } catch {
            if PQstatus(wire) == CONNECTION_BAD { markBroken(error) }
            passTurn()
            throw error
        }
        if shielded {
            await withUnsafeContinuation { begin(exchange, $0) }
        } else {
            await withTaskCancellationHandler {
                await withUnsafeContinuation { begin(exchange, $0) }
            } onCancel: {
                exchange.cancelAsked.store(true, ordering: .sequentiallyConsistent)
                loop.execute { self.abandon(exchange, .cancelled) }
            }
        }
        switch exchange.ending {
        case .done, nil: return
        case .failed(let error): throw error
        case .cancelled: throw CancellationError()
        case .timedOut: throw PostgresError(.timeout, "the statement ran past its deadline and was cancelled")
        }
    }

    private func begin(_ exchange: Exchange, _ continuation: UnsafeContinuation<Void, Never>) {
        exchange.continuation = continuation
        self.exchange = exchange
        isFlushing = PQflush(wire) == 1
        let deadline = exchange.deadline
        let (closed, cancelled, watch) = state.withLock { state in
            state.inFlight = exchange
            let watch = deadline > 0 && !state.closed && (state.checkDue == 0 || state.checkDue > deadline)
            if watch { state.checkDue = deadline }
            return (state.closed, exchange.cancelAsked.load(ordering: .sequentiallyConsistent), watch)
        }
        if closed {
            loop.execute { self.tearDown() }
            return
        }
        source?.arm(isFlushing ? [.read, .write] : .read)
        if watch { setWatchdog(deadline) }
        if cancelled { loop.execute { self.abandon(exchange, .cancelled) } }
    }

    /// On the loop: bytes have come, or there is room.
    func ready(_ readiness: Readiness) {
        guard let exchange else { return }
        if isFlushing { isFlushing = PQflush(wire) == 1 }
        if readiness.contains(.read) {
            guard consume() else {
                fail(.lost(wire))
                return
            }
        }
        reading: while PQisBusy(wire) == 0 {
            let result = PQgetResult(wire)
            if PQstatus(wire) == CONNECTION_BAD {
                let error = result.map { PostgresError(result: $0) }
                if let result { PQclear(result) }
                fail(error ?? .lost(wire))
                return
            }
            switch exchange.receive(result, wire) {
            case .more: continue
            case .over:
                finish(exchange)
                return
            case .broken(let error):
                fail(error)
                return
            case .wait: break reading
            }
        }
        isFlushing = PQflush(wire) == 1
        source?.arm(isFlushing ? [.read, .write] : .read)
    }

    /// Reads what there is. With TLS a record may lie decrypted where no poll sees it: libpq reads at least 8 KB at a
    /// time and a record holds at most 16, so three reads more leave nothing behind.
    private func consume() -> Bool {
        guard PQconsumeInput(wire) == 1 else { return false }
        guard PQsslInUse(wire) == 1 else { return true }
        for _ in 0..<3 where PQisBusy(wire) == 1 {
            guard PQconsumeInput(wire) == 1 else { return false }
        }
        return true
    }

    private func finish(_ exchange: Exchange) {
        exchange.end(wire)
        noteStatus()
        self.exchange = nil
        if quarantine != nil {
            quarantine?.exchangeIsOver = true
            endQuarantine()
            return
        }
        passTurn()
        exchange.resume(.done)
    }

    /// On the loop: the connection is lost.
    private func fail(_ error: PostgresError) {
        markBroken(error)
        let exchange = exchange
        self.exchange = nil
        quarantine = nil
        passTurn()
        exchange?.resume(.failed(exchange?.serverError ?? notices.lastWords ?? error))
    }

    private func markBroken(_ error: PostgresError) {
        state.withLock { if $0.broken == nil { $0.broken = error } }
    }

    // MARK: Cancelling

    /// On the loop: nobody waits for the answer any more. The task goes on at once; the connection stays taken until
    /// the server has ended the statement *and* the cancel request, so that neither can touch what comes next.
    private func abandon(_ exchange: Exchange, _ ending: Exchange.Ending) {
        guard self.exchange === exchange, !exchange.isAbandoned,
            state.withLock({ $0.inFlight === exchange && !$0.tornDown })
        else { return }
        exchange.isAbandoned = true
        guard exchange.cancelsOnServer else {
            self.exchange = nil
            passTurn()
            exchange.resume(ending)
            return
        }
        quarantine = Quarantine()
        quarantines += 1
        let number = quarantines
        state.withLock { $0.quarantined = true }
        exchange.resume(ending)
        ServerCancel.request(wire) { [weak self, loop] in
            loop.execute { [weak self] in
                guard let self, self.quarantines == number else { return }
                self.quarantine?.requestIsOver = true
                self.endQuarantine()
            }
        }
        loop.schedule(after: Self.quarantineLimit) { [weak self] in
            guard let self, self.quarantine != nil, self.quarantines == number else { return }
            self.fail(PostgresError(.connectionLost, "the server did not end a cancelled statement in time"))
        }
    }

    private func endQuarantine() {
        guard let quarantine, quarantine.exchangeIsOver, quarantine.requestIsOver else { return }
        self.quarantine = nil
        state.withLock { $0.quarantined = false }
        passTurn()
    }

    private func setWatchdog(_ due: UInt64) {
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

    // MARK: The turn

    private func takeTurn(shielded: Bool) async throws {
        enum Answer { case mine, wait, refused(PostgresError) }
        func ask(_ state: inout State, _ waiter: TurnWaiter?) -> Answer {
            if state.closed { return .refused(PostgresError(.connectionClosed, "the connection has been closed")) }
            if let broken = state.broken { return .refused(broken) }
            if state.turnTaken {
                if let waiter { state.line.append(waiter) }
                return .wait
            }
            state.turnTaken = true
            return .mine
        }
        switch state.withLock({ ask(&$0, nil) }) {
        case .mine: return
        case .refused(let error): throw error
        case .wait: break
        }
        let waiter = TurnWaiter()
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<TurnWaiter.Outcome, Never>) in
                waiter.continuation = continuation
                let answer = state.withLock { state -> Answer in
                    if !shielded, Task.isCancelled { return .refused(PostgresError(.cancelled, "")) }
                    return ask(&state, waiter)
                }
                switch answer {
                case .mine: continuation.resume(returning: .turn)
                case .wait: break
                case .refused(let error):
                    continuation.resume(returning: error.code == .cancelled ? .cancelled : .failed(error))
                }
            }
        } onCancel: {
            guard !shielded else { return }
            let left = state.withLock { state -> Bool in
                guard let index = state.line.firstIndex(where: { $0 === waiter }) else { return false }
                state.line.remove(at: index)
                return true
            }
            if left { waiter.continuation?.resume(returning: .cancelled) }
        }
        switch outcome {
        case .turn: return
        case .cancelled: throw CancellationError()
        case .failed(let error): throw error
        }
    }

    /// Gives the turn to the next in line. From the loop, or from a holder that sent nothing.
    private func passTurn() {
        let (next, refused, error, closing) = state.withLock {
            state -> (TurnWaiter?, [TurnWaiter], PostgresError?, Bool) in
            state.inFlight = nil
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
        next?.continuation?.resume(returning: .turn)
        if let error { for waiter in refused { waiter.continuation?.resume(returning: .failed(error)) } }
        if closing { loop.execute { self.tearDown() } }
    }

    /// A number for a savepoint's name, unique in the session.
    func nextSavepoint() -> Int { savepoints.add(1, ordering: .relaxed).newValue }

    // MARK: Looking and closing

    private func noteStatus() {
        let now: PostgresConnection.TransactionStatus =
            switch PQtransactionStatus(wire) {
            case PQTRANS_IDLE: .idle
            case PQTRANS_INTRANS: .inTransaction
            case PQTRANS_INERROR: .failed
            default: .unknown
            }
        status.store(now.rawValue, ordering: .releasing)
    }

    /// As of the last exchange that ended.
    var transactionStatus: PostgresConnection.TransactionStatus {
        PostgresConnection.TransactionStatus(rawValue: status.load(ordering: .acquiring)) ?? .unknown
    }

    /// Whether settings or subscriptions were changed that the next borrower must not find.
    var isTinted: Bool {
        get { tint.load(ordering: .acquiring) }
        set { tint.store(newValue, ordering: .releasing) }
    }

    /// What is known without touching libpq's handle.
    struct Standing {
        var isFree: Bool
        var isBroken: Bool
        var isQuarantined: Bool
    }

    /// The channel's standing.
    var standing: Standing {
        state.withLock {
            Standing(isFree: !$0.turnTaken, isBroken: $0.broken != nil || $0.closed, isQuarantined: $0.quarantined)
        }
    }

    /// Whether nothing has come on an idle connection: the end of the stream, an error or an unasked message.
    var isSilent: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// Closes the connection. Whatever is in flight fails.
    func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let (done, now) = state.withLock { state -> (Bool, Bool) in
                if state.tornDown { return (true, false) }
                state.closers.append(continuation)
                state.closed = true
                // A holder that is sending will see the mark when it begins.
                return (false, !state.turnTaken || state.inFlight != nil)
            }
            if done {
                continuation.resume()
            } else if now {
                loop.execute { self.tearDown() }
            }
        }
    }

    /// Closes the connection without waiting for it.
    func abandonConnection() {
        let now = state.withLock { state -> Bool in
            if state.tornDown || state.closed { return false }
            state.closed = true
            return !state.turnTaken || state.inFlight != nil
        }
        if now { loop.execute { self.tearDown() } }
    }

    /// On the loop.
    private func tearDown() {
        let closers = state.withLock { state -> [UnsafeContinuation<Void, Never>]? in
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
        PQfinish(wire)
        passTurn()
        exchange?.resume(.failed(PostgresError(.connectionClosed, "the connection was closed while the statement ran")))
        closers.forEach { $0.resume() }
    }
}

/// One that waits for its turn.
// The continuation is set before the waiter enters the line, whose lock orders it.
final class TurnWaiter: @unchecked Sendable {
    enum Outcome: Sendable {
        case turn
        case cancelled
        case failed(PostgresError)
    }
    var continuation: UnsafeContinuation<Outcome, Never>?
}
