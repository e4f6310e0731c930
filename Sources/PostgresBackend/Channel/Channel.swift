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
    /// The source's own.
    let descriptor: Int32
    /// Set once, at birth.
    private(set) var source: (any ReadinessSource)?
    let backendID: Int32
    let serverVersion: Int32
    let notices: NoticeBox
    let state = SystemLock(State())
    private let status = Atomic<UInt8>(0)
    private let tint = Atomic<Bool>(false)
    private let savepoints = Atomic<Int>(0)

    // Of the turn's holder, then of the loop.
    var exchange: Exchange?
    private var isFlushing = false
    // Of the loop.
    var isPaused = false
    var quarantine: Quarantine?
    var quarantines = 0

    struct State {
        var turnTaken = false
        var line: [TurnWaiter] = []
        /// The exchange that the loop may touch.
        var inFlight: Exchange?
        /// Whether it waits for its holder.
        var paused = false
        var closed = false
        var tornDown = false
        var closers: [Handoff<Void>] = []
        var broken: PostgresError?
        var quarantined = false
        /// When the next check of deadlines is due; 0 when none is.
        var checkDue: UInt64 = 0
    }

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

    /// Runs an exchange to its end, or to its first pause.
    /// - Parameter shielded: Whether the task's cancellation leaves it alone, as a rollback needs.
    nonisolated(nonsending) func perform(_ exchange: Exchange, shielded: Bool = false) async throws {
        if !shielded, Task.isCancelled { throw CancellationError() }
        try await takeTurn(shielded: shielded, deadline: exchange.deadline)
        do {
            try exchange.send(wire)
        } catch {
            if PQstatus(wire) == CONNECTION_BAD { markBroken(error) }
            passTurn()
            throw error
        }
        if exchange.isSettled { return passTurn() }
        try await wait(for: exchange, shielded: shielded) { self.begin(exchange, $0) }
    }

    /// Goes on with an exchange that paused, to its end or to its next pause.
    nonisolated(nonsending) func proceed(_ exchange: Exchange) async throws {
        try await wait(for: exchange, shielded: false) { continuation in
            self.loop.execute { self.unpause(exchange, continuation) }
        }
    }

    /// Is rid of an exchange that paused and will not be gone on with.
    func discard(_ exchange: Exchange) {
        // At once: the holder's next statement is to wait in line, not to be refused.
        state.withLock { $0.paused = false }
        loop.execute { self.abandon(exchange, .cancelled) }
    }

    nonisolated(nonsending) private func wait(
        for exchange: Exchange, shielded: Bool, _ begin: (CheckedContinuation<Void, Never>) -> Void
    ) async throws {
        if shielded {
            await withCheckedContinuation { begin($0) }
        } else {
            await withTaskCancellationHandler {
                await withCheckedContinuation { begin($0) }
            } onCancel: {
                exchange.cancelAsked.store(true, ordering: .sequentiallyConsistent)
                loop.execute { self.abandon(exchange, .cancelled) }
            }
        }
        exchange.settle()
        switch exchange.ending {
        case .done, .paused, nil: return
        case .failed(let error): throw error
        case .cancelled: throw CancellationError()
        case .timedOut: throw PostgresError(.timeout, "the statement ran past its deadline and was cancelled")
        }
    }

    /// On the holder's thread: from arming on, the loop has libpq's handle.
    private func begin(_ exchange: Exchange, _ continuation: CheckedContinuation<Void, Never>) {
        exchange.wait(continuation)
        self.exchange = exchange
        isFlushing = PQflush(wire) == 1
        let interest: Readiness = isFlushing ? [.read, .write] : .read
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
        source?.arm(interest)
        if watch { setWatchdog(deadline) }
        if cancelled { loop.execute { self.abandon(exchange, .cancelled) } }
    }

    /// On the loop.
    private func unpause(_ exchange: Exchange, _ continuation: CheckedContinuation<Void, Never>) {
        exchange.wait(continuation)
        guard self.exchange === exchange, isPaused, exchange.fate == nil else {
            exchange.resume(
                exchange.fate ?? .failed(PostgresError(.connectionClosed, "the connection has been closed")))
            return
        }
        setPaused(false)
        exchange.proceed(wire)
        pump()
    }

    /// On the loop: bytes have come, or there is room.
    func ready(_ readiness: Readiness) {
        guard exchange != nil, !isPaused else { return }
        if isFlushing { isFlushing = PQflush(wire) == 1 }
        if readiness.contains(.read), !consume() { return fail(.lost(wire)) }
        pump()
    }

    /// On the loop: takes what libpq has, then waits for more.
    func pump() {
        guard let exchange else { return }
        switch exchange.pump(wire) {
        case .over: finish(exchange)
        case .broken(let error): fail(error)
        case .pause:
            setPaused(true)
            exchange.resume(.paused)
        case .more, .wait:
            let flushed = PQflush(wire)
            if flushed < 0, PQstatus(wire) == CONNECTION_BAD { return fail(.lost(wire)) }
            isFlushing = flushed == 1
            source?.arm(isFlushing ? [.read, .write] : .read)
        }
    }

    func setPaused(_ paused: Bool) {
        isPaused = paused
        state.withLock { $0.paused = paused }
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
    func fail(_ error: PostgresError) {
        let exchange = exchange
        let reason = exchange?.serverError ?? notices.lastWords ?? error
        markBroken(reason)
        self.exchange = nil
        quarantine = nil
        isPaused = false
        passTurn()
        exchange?.resume(.failed(reason))
    }

    private func markBroken(_ error: PostgresError) {
        state.withLock { if $0.broken == nil { $0.broken = error } }
    }

    // MARK: What is known of the session

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

    /// A number for a savepoint's name, unique in the session.
    func nextSavepoint() -> Int { savepoints.add(1, ordering: .relaxed).newValue }
}
