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

/// The server session beneath a ``PostgresConnection``: the socket, its buffers, its place on a loop, and the rule of
/// who may touch them when.
///
/// libpq connects, authenticates and encrypts; from then on the session exchanges messages on libpq's socket itself.
/// One exchange at a time has the turn (``TurnQueue``). The task that has it encodes and sends on its own thread and,
/// for a moment, waits there for the answer. When the answer takes longer, the session is handed to the loop until the
/// exchange is over.
// Buffers and exchange are accessed only by the task that has the turn, then only on the loop; the rest under the lock.
final class PostgresSession: ReadinessHandler, @unchecked Sendable {
    /// libpq's handle: for cancel requests, and to close the socket.
    let connection: OpaquePointer
    let loop: any ReadinessLoop
    let backendID: Int32
    let serverVersion: Int32
    let notices: NoticeBox
    let statements: StatementCache
    /// Whether a proxy gives each transaction another server session.
    let isPooled: Bool
    /// Set once, in the initializer.
    private(set) var source: (any ReadinessSource)?
    let state = SystemLock(State())
    private let transport: Transport
    let facts: SessionFacts
    private let savepoints = Atomic<Int>(0)
    /// Distinguishes it from every other session of the process.
    let number = count.add(1, ordering: .relaxed).newValue
    private static let count = Atomic<UInt64>(0)
    /// The number of the current loan.
    private let loans = Atomic<UInt64>(1)

    // Accessed only by the task that has the turn, then only on the loop.
    let output = OutputBuffer()
    private let input = InputBuffer()
    var exchange: Exchange?
    var notifications: [PostgresNotification] = []
    private var answerTime = AnswerTime()
    private var timeLimit = ServerTimeLimit()
    /// How many queries the server answers before the exchange's own request.
    private var preludes = 0
    private var wasInTransaction = false
    /// Whether bytes may be there that no poll reports.
    private var mayHaveMore = false
    /// Whether the last read left something unread, as far as is known. What is left is not reported again.
    private var hasUnread = false
    /// Why the connection was lost, found by the task and left to the loop.
    private var loss: PostgresError?

    // Accessed only on the loop.
    var isPaused = false
    var quarantine: Quarantine?
    var quarantineCount = 0

    struct State {
        var queue = TurnQueue()
        /// The exchange that the loop may touch.
        var inFlight: Exchange?
        var isClosed = false
        var isTornDown = false
        var closers: [Handoff<Void>] = []
        var broken: PostgresError?
        /// When the next check of deadlines is due; 0 when none is.
        var checkDue: UInt64 = 0
    }

    /// Takes over a connection that libpq has made.
    init(
        connection: OpaquePointer, loop: any ReadinessLoop, notices: NoticeBox, statements: StatementCache,
        isPooled: Bool = false
    ) throws(PostgresError) {
        self.isPooled = isPooled
        self.connection = connection
        self.loop = loop
        self.notices = notices
        self.statements = statements
        backendID = PQbackendPID(connection)
        serverVersion = PQserverVersion(connection)
        facts = SessionFacts(connection)
        // Has libpq take the messages that came behind its last one out of its own buffer.
        _ = PQisBusy(connection)
        // A duplicate, so that no other descriptor is watched after libpq closed its own. Closed by the source.
        let descriptor = fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw PostgresError(.outOfResources, "no file descriptor is left: \(String(cString: strerror(errno)))")
        }
        do {
            transport = try Transport(connection, descriptor: descriptor)
        } catch {
            Self.close(descriptor)
            throw error
        }
        source = loop.watch(descriptor, handler: self)
    }

    private static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    // MARK: One exchange

    /// Runs an exchange to its end, or to its first pause.
    /// - Parameter shielded: Whether the task's cancellation leaves it alone, as a rollback needs.
    nonisolated(nonsending) func perform(_ exchange: Exchange, shielded: Bool = false) async throws {
        if !shielded, Task.isCancelled { throw CancellationError() }
        exchange.scope = TransactionScope.innermost(of: self, exchange.loan)
        if try !takeTurnAtOnce(exchange.scope) {
            try refuse(exchange.loan, exchange.scope, hasTurn: false)
            try await takeTurn(exchange.scope, shielded: shielded, deadline: exchange.deadline)
            if exchange.usualLimit > 0 { exchange.begun = MonotonicTime.now() }
        }
        try refuse(exchange.loan, exchange.scope, hasTurn: true)
        if hasUnasked { try absorb() }
        let isInTransaction = transactionStatus != .idle
        do {
            try encode(exchange, isInTransaction)
        } catch {
            exchange.end()
            passTurn()
            throw error
        }
        if exchange.isSettled { return passTurn() }
        add(exchange.effect)
        self.exchange = exchange
        wasInTransaction = isInTransaction
        // A listener waits for hours: only what is answered at once counts.
        let isCounted = exchange.answersInOneGo
        if isCounted { AnswerTime.inFlight.add(1, ordering: .relaxed) }
        defer { if isCounted { AnswerTime.inFlight.subtract(1, ordering: .relaxed) } }
        if answerHere(exchange) {
            try Self.outcome(of: exchange)
            return
        }
        try await wait(for: exchange, shielded: shielded) { self.handOver(exchange, $0) }
    }

    /// Sends an exchange for a task that sleeps already, and leaves the rest to the loop. The session is free.
    /// - Returns: Whether it was sent. If not, it has not begun.
    func relay(_ exchange: Exchange, _ continuation: Exchange.Continuation) -> Bool {
        guard (try? takeTurnAtOnce(nil)) == true else { return false }
        if hasUnasked, (try? absorb()) == nil { return false }
        guard transactionStatus == .idle, (try? encode(exchange, false)) != nil else {
            exchange.end()
            passTurn()
            return false
        }
        add(exchange.effect)
        self.exchange = exchange
        wasInTransaction = false
        // Where it cannot be sent now, the loop finds out what there is to wait for, or that the connection is lost.
        _ = transport.write(output)
        handOver(exchange, continuation)
        return true
    }

    /// Appends the request, and before it what the session's time limit needs. Appends nothing when it throws.
    private func encode(_ exchange: Exchange, _ isInTransaction: Bool) throws(PostgresError) {
        if statements.isUncertain, !isInTransaction { statements.forgetAll() }
        let before = timeLimit
        if exchange.isRequest { preludes = timeLimit.encode(exchange.serverLimit, transactionStatus, output) }
        do throws(PostgresError) {
            try exchange.encode(output, view(isInTransaction, exchange))
        } catch {
            output.removeAll()
            timeLimit = before
            preludes = 0
            throw error
        }
    }

    private func view(_ isInTransaction: Bool, _ exchange: Exchange) -> SessionView {
        SessionView(
            isInTransaction: isInTransaction, isPooled: isPooled, isInScope: exchange.scope != nil,
            isReadOnly: exchange.loan.isReadOnly, isInReadOnlyScope: exchange.scope?.isReadOnly == true,
            statements: statements, hasStandardStrings: facts.hasStandardStrings, serverVersion: serverVersion)
    }

    /// Goes on with an exchange that paused, to its end or to its next pause.
    nonisolated(nonsending) func proceed(_ exchange: Exchange) async throws {
        try await wait(for: exchange, shielded: false) { continuation in
            self.loop.execute { self.unpause(exchange, continuation) }
        }
    }

    /// Discards a paused exchange.
    func discard(_ exchange: Exchange) {
        // At once: the task's next statement is to wait in line, not to be refused.
        state.withLock { if $0.inFlight === exchange { $0.queue.isPaused = false } }
        loop.execute { self.abandon(exchange, .detached(.cancelled)) }
    }

    nonisolated(nonsending) private func wait(
        for exchange: Exchange, shielded: Bool, _ begin: (Exchange.Continuation) -> Void
    ) async throws {
        if shielded {
            await Exchange.suspend(begin)
        } else {
            await withTaskCancellationHandler {
                await Exchange.suspend(begin)
            } onCancel: {
                exchange.cancelRequested.store(true, ordering: .sequentiallyConsistent)
                loop.execute { self.interrupt(exchange, .cancelled) }
            }
        }
        exchange.acquire()
        try Self.outcome(of: exchange)
    }

    static func outcome(of exchange: Exchange) throws {
        switch exchange.ending {
        case .done, .paused, nil: return
        case .failed(let error): throw error
        case .detached(let interruption) where !exchange.mayHaveTakenEffect: throw interruption.error(nil)
        case .detached(.cancelled):
            throw PostgresError(
                .cancelled, "the task was cancelled and the server did not confirm in time that the statement ended",
                outcome: .unknown)
        case .detached(.timedOut):
            throw PostgresError(
                .timeout, "the statement ran past its time limit and the server did not confirm that it ended",
                outcome: .unknown)
        }
    }

    // MARK: On the thread of the task that has the turn

    /// Sends, and waits for the answer for a bounded moment. Returns whether the exchange is over or has paused.
    private func answerHere(_ exchange: Exchange) -> Bool {
        switch transport.write(output) {
        case .more, .drained: break
        // The loop finds out by itself what there is to wait for, or that the connection is lost.
        default: return false
        }
        guard exchange.answersInOneGo, source?.takeReport() == true || hasAnswerSoon() else { return false }
        switch drive(exchange) {
        case .over:
            finish(exchange)
            return true
        case .lost(let error):
            loss = error
            return false
        case .wait(let interest):
            mayHaveMore = interest.contains(.write)
            return false
        case .paused:
            return false
        }
    }

    /// Waits for the answer to begin, where that is worth it.
    private func hasAnswerSoon() -> Bool {
        guard !loop.isCurrent, answerTime.isWorthWaiting() else { return false }
        source?.rest()
        let hasAnswer = transport.waitForBytes(nanoseconds: AnswerTime.longestWait)
        answerTime.record(hasAnswer)
        return hasAnswer
    }

    /// Hands the session to the loop.
    private func handOver(_ exchange: Exchange, _ continuation: Exchange.Continuation) {
        exchange.wait(continuation)
        let deadline = exchange.deadline
        // Once the exchange is in flight the buffers are the loop's.
        let loss = loss
        self.loss = nil
        let hasMore = input.count > 0 || mayHaveMore
        mayHaveMore = false
        let interest: Readiness = output.count > 0 ? [.read, .write] : .read
        let (closed, cancelled, watch) = state.withLock { state in
            state.inFlight = exchange
            let watch = deadline > 0 && !state.isClosed && (state.checkDue == 0 || state.checkDue > deadline)
            if watch { state.checkDue = deadline }
            return (state.isClosed, exchange.cancelRequested.load(ordering: .sequentiallyConsistent), watch)
        }
        if closed {
            loop.execute { self.tearDown() }
            return
        }
        if let loss {
            loop.execute { if self.exchange === exchange { self.fail(loss) } }
            return
        }
        if watch { setWatchdog(deadline) }
        if hasMore {
            // What has been read already is reported by no poll.
            loop.execute { if self.exchange === exchange { self.pump() } }
        } else {
            source?.arm(interest)
        }
        if cancelled { loop.execute { self.interrupt(exchange, .cancelled) } }
    }

    // MARK: On the loop

    private func unpause(_ exchange: Exchange, _ continuation: Exchange.Continuation) {
        exchange.wait(continuation)
        guard self.exchange === exchange, isPaused, exchange.fate == nil else {
            exchange.finish(
                exchange.fate ?? .failed(PostgresError(.connectionClosed, "the connection has been closed")))
            return
        }
        setPaused(false)
        exchange.proceed(output)
        pump()
    }

    var readsUntilDrained: Bool { true }

    /// Bytes have come, or there is room.
    func ready(_ readiness: Readiness) {
        guard exchange != nil, !isPaused else { return }
        pump()
    }

    /// Takes what has come, then waits for more.
    func pump() {
        guard let exchange else { return }
        switch drive(exchange) {
        case .over: finish(exchange)
        case .lost(let error): fail(error)
        case .paused:
            setPaused(true)
            exchange.finish(.paused)
        case .wait(let interest): source?.arm(interest)
        }
    }

    func setPaused(_ paused: Bool) {
        isPaused = paused
        state.withLock { $0.queue.isPaused = paused }
    }

    // MARK: Messages

    private enum Drive {
        case over, paused
        case wait(Readiness)
        case lost(PostgresError)
    }

    /// The most reads before the other sessions of the loop have their turn.
    private static let longestRun = 64

    /// Parses what has come and reads more, until the exchange is over or pauses, or nothing more is there.
    private func drive(_ exchange: Exchange) -> Drive {
        var isDrained = false
        var reads = 0
        while true {
            do {
                while let message = try input.next() {
                    switch receive(message, exchange) {
                    case .more: continue
                    case .pause: return .paused
                    case .over: return .over
                    case .broken(let error): return .lost(error)
                    }
                }
            } catch {
                return .lost(error)
            }
            var interest: Readiness = .read
            if output.count > 0 {
                switch transport.write(output) {
                case .needsWrite: interest = [.read, .write]
                case .lost(let reason): return .lost(Self.lost(reason))
                case .more, .drained, .needsRead: break
                }
            }
            if isDrained { return mayPause(exchange) ? .paused : .wait(interest) }
            // Asking for room to write too, it is reported again at once, after the other sessions.
            if reads == Self.longestRun { return .wait([.read, .write]) }
            reads += 1
            switch read() {
            case .more: break
            case .drained: isDrained = true
            case .needsRead: return mayPause(exchange) ? .paused : .wait(interest)
            case .needsWrite: return .wait([.read, .write])
            case .lost(let reason): return .lost(Self.lost(reason))
            }
        }
    }

    private func read() -> Transport.Outcome {
        let outcome = transport.read(input)
        hasUnread = if case .more = outcome { true } else { false }
        return outcome
    }

    /// Whether something has come since the last exchange, as far as can be told: what comes later than the next request
    /// cannot be told from its answer.
    private var hasUnasked: Bool {
        if input.count > 0 || hasUnread { return true }
        guard let source, source.notesReports else { return !transport.isSilent }
        return source.takeReport()
    }

    /// Takes what the server sent unasked since the last exchange: notices, settings, notifications. Anything else would
    /// be taken for the next statement's answer.
    private func absorb() throws(PostgresError) {
        guard var error = takeUnasked(isReading: true) else { return }
        error.outcome = .notApplied
        let reason = error
        markBroken(reason)
        loop.execute { self.fail(reason) }
        throw error
    }

    /// Returns why the connection cannot be used any longer, if it cannot.
    private func takeUnasked(isReading: Bool) -> PostgresError? {
        let idle = IdleExchange()
        while true {
            do {
                while let message = try input.next() {
                    if case .broken(let error) = receive(message, idle) { return idle.error ?? error }
                }
            } catch {
                return error
            }
            guard isReading else { return nil }
            switch read() {
            case .more, .drained: continue
            case .needsRead, .needsWrite: return nil
            case .lost(let reason): return notices.lastWords ?? Self.lost(reason)
            }
        }
    }

    private func mayPause(_ exchange: Exchange) -> Bool {
        output.count == 0 && exchange.wantsPauseWhenIdle && !exchange.isAbandoned
    }

    private static func lost(_ reason: String) -> PostgresError {
        PostgresError(.connectionLost, "the connection was lost: \(reason)")
    }

    private func receive(_ message: InputBuffer.Message, _ exchange: Exchange) -> Exchange.Progress {
        switch message.type {
        case UInt8(ascii: "N"):
            notices.receive(ErrorFields(message.body))
            return .more
        case UInt8(ascii: "S"):
            return facts.settingChanged(message.body)
        case UInt8(ascii: "A"):
            var reader = MessageReader(message.body)
            let backend: Int32 = reader.integer()
            notifications.append(
                PostgresNotification(channel: reader.string(), payload: reader.string(), backendID: backend))
            if let waiting = exchange as? WaitExchange { waiting.take(&notifications) }
            return exchange.isSettled ? .over : .more
        case UInt8(ascii: "E"):
            let fields = ErrorFields(message.body)
            if fields.isFatal { notices.receive(fields) }
            if preludes > 0 { return .more }
            var error = exchange.judged(fields.error)
            error.readOnlyReason = readOnlyReason
            return exchange.receive(error, output)
        case UInt8(ascii: "Z"):
            facts.note(message.body.first ?? 0)
            if preludes > 0 {
                preludes -= 1
                return .more
            }
        default: break
        }
        if preludes > 0 { return .more }
        return exchange.receive(message, output)
    }

    /// Why a statement that writes would be refused now.
    private var readOnlyReason: PostgresError.ReadOnlyReason {
        if exchange?.loan.isReadOnly == true { return .requested }
        if let scope = exchange?.scope { return scope.isReadOnly ? .requested : .server }
        return wasInTransaction ? .notKnown : .server
    }

    // MARK: The end of an exchange

    private func finish(_ exchange: Exchange) {
        exchange.end()
        self.exchange = nil
        if input.count > 0, let violation = takeUnasked(isReading: false) { markBroken(violation) }
        if quarantine != nil {
            exchange.finish(.done)
            quarantine?.exchangeIsOver = true
            endQuarantine()
            return
        }
        passTurn()
        exchange.follower?.exchangeIsOver()
        exchange.finish(.done, on: loop)
    }

    /// Ends everything: the connection is lost.
    func fail(_ error: PostgresError) {
        let exchange = exchange
        let loss = exchange?.lastWords ?? notices.lastWords ?? error
        markBroken(loss)
        // An error of one statement among several says nothing about the others.
        var reason = exchange?.isOneStatement == true ? exchange?.serverError ?? loss : loss
        reason.outcome = outcomeOfLoss(of: exchange)
        self.exchange = nil
        quarantine = nil
        isPaused = false
        passTurn()
        exchange?.end()
        exchange?.finish(.failed(reason))
    }

    /// What is known of the effects of an exchange whose answer does not come any more.
    func outcomeOfLoss(of exchange: Exchange?) -> PostgresError.Outcome {
        let isUndone = wasInTransaction && exchange?.mayEndTransaction != true
        return isUndone || exchange?.isComplete == false ? .notApplied : .unknown
    }

    private func markBroken(_ error: PostgresError) {
        state.withLock { if $0.broken == nil { $0.broken = error } }
    }

    // MARK: Loans

    /// Begins to take requests of a new borrower.
    func beginLoan(isReadOnly: Bool) -> Loan {
        Loan(number: loans.load(ordering: .acquiring), isReadOnly: isReadOnly)
    }

    /// Refuses further requests of the borrower, whichever task sends them.
    func endLoan() { loans.add(1, ordering: .acquiringAndReleasing) }

    /// Throws when the loan, or the transaction, that a request belongs to has ended. To be asked before the wait for the
    /// turn, and again with the turn in hand: a loan ends before its connection is lent again.
    func refuse(_ loan: Loan, _ scope: TransactionScope?, hasTurn: Bool) throws {
        let hasEnded = loan.number != 0 && loan.number != loans.load(ordering: .acquiring)
        guard hasEnded || scope?.hasEnded == true else { return }
        if hasTurn { passTurn() }
        throw hasEnded ? Loan.hasEnded : TransactionScope.hasEnded
    }

    // MARK: What is known of the session

    /// As of the last exchange that ended.
    var transactionStatus: PostgresConnection.TransactionStatus { facts.transactionStatus }

    /// Notes a statement's effect on the session.
    private func add(_ effect: SessionEffect) { facts.add(effect) }

    /// Whether nothing has come on the idle connection.
    var isSilent: Bool { transport.isSilent }

    /// A number for a savepoint's name, unique in the session.
    func nextSavepoint() -> Int { savepoints.add(1, ordering: .relaxed).newValue }
}
