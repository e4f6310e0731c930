import DriverExecutors
import Synchronization

/// One request to the server and its answers: what is sent, and what becomes of the messages that come back.
///
/// An exchange is over when the server has reported that it is ready for the next one.
// Accessed by one thread at a time: by the task that holds the turn until the session is handed to the loop, by the
// loop until the continuation resumes, by the task after that.
class Exchange: @unchecked Sendable {
    /// How an exchange ended for the task that waits for it.
    enum Ending {
        /// The server's answer is complete.
        case done
        /// The task is to take what has come, or to supply more, and then to proceed.
        case paused
        case failed(PostgresError)
        /// The task stopped waiting before the server had answered.
        case detached(Interruption)
    }

    /// Why a task wants an exchange to end early.
    enum Interruption {
        case cancelled, timedOut
    }

    /// What a message means for the exchange.
    enum Progress {
        case more
        /// Let the task have what there is before more is parsed.
        case pause
        case over
        /// The connection cannot be used any longer.
        case broken(PostgresError)
    }

    /// How to end an exchange that nobody waits for any longer.
    enum Abandonment {
        /// Nothing is under way on the server: the turn passes on at once.
        case drop
        /// The server ends it by itself: read on until it has.
        case drain
        /// Ask the server to cancel, and read on until it has.
        case cancel
        /// Ask the server to cancel, also send what ends the exchange, and read on until either has.
        case sendAndCancel

        var asksToCancel: Bool { self == .cancel || self == .sendAndCancel }

        /// Whether there is something to send, or to read, that no poll reports.
        var mustPump: Bool { self == .drain || self == .sendAndCancel }
    }

    typealias Continuation = LoopContinuation

    /// Suspends the task until the exchange is finished or paused.
    nonisolated(nonsending) static func suspend(_ begin: (Continuation) -> Void) async {
        #if DEBUG
            await withCheckedContinuation { begin($0) }
        #else
            await withUnsafeContinuation { begin($0) }
        #endif
    }

    /// Set before the continuation resumes.
    final private(set) var ending: Ending?
    /// How it ended for good. Accessed only on the loop, or by the task before the session is handed to the loop.
    final private(set) var fate: Ending?
    /// Whether nobody waits any longer and the rest of the answer is discarded. Accessed only on the loop.
    final var isAbandoned = false
    /// Why the server was asked to cancel it, if it was. Accessed only on the loop, then by the task.
    final var interruption: Interruption?
    private final var continuation: Continuation?
    /// Orders what the loop wrote before what the task reads, in a way the thread sanitizer can follow.
    private final let resumed = Atomic<Bool>(false)
    final let cancelRequested = Atomic<Bool>(false)
    /// Monotonic nanoseconds after which the exchange is interrupted; 0 for never.
    final var deadline: UInt64 = 0
    /// The server's time limit for this request in place of the session's, in milliseconds.
    final var serverLimit: Int64?
    /// The limit at which the server ends the request by itself, in nanoseconds; 0 where none is known.
    final var usualLimit: UInt64 = 0
    /// When it was sent, in monotonic nanoseconds, where ``usualLimit`` is known.
    final var begun: UInt64 = 0
    /// The transaction scope that the statement belongs to, if any.
    final var scope: TransactionScope?
    /// Called on the loop when the server has answered, once the session is free and before the task wakes.
    final var follower: (any ExchangeFollower)?
    /// The loan that the statement belongs to.
    final var loan = Loan.none

    /// Appends the request. Nothing is sent when it throws.
    func encode(_ output: OutputBuffer, _ session: SessionView) throws(PostgresError) {}

    /// Whether its answer comes whole, without a pause for the task.
    var answersInOneGo: Bool { false }

    /// Whether it sends something.
    var isRequest: Bool { true }

    /// Whether nothing needs to be waited for.
    var isSettled: Bool { false }

    /// Takes one message. The session has taken notices, notifications and settings out before.
    func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress { .more }

    /// Takes an error that the server reports.
    func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress { .broken(error) }

    /// What the request may leave behind in the session, once it is encoded.
    var effect: SessionEffect { .none }

    /// Whether the request may end the transaction that it runs in.
    var mayEndTransaction: Bool { true }

    /// Whether the request may have taken effect although its answer is not known. Functions that a query calls do not
    /// count: whoever cancels a query that he reads is told of the cancellation alone.
    var mayHaveTakenEffect: Bool { true }

    /// Whether the server has all of the request. Without the rest it does nothing.
    var isComplete: Bool { true }

    /// Nothing more has come for now. Returns whether the task is to have what there is.
    var wantsPauseWhenIdle: Bool { false }

    /// The task proceeds after a pause.
    func proceed(_ output: OutputBuffer) {}

    /// The server has finished with it. Called before the turn passes on.
    func end() {}

    /// An error of the server to the request.
    var serverError: PostgresError? { nil }

    /// An error of the server after which it ends the connection.
    var lastWords: PostgresError? { serverError.flatMap { $0.closesConnection ? $0 : nil } }

    /// Whether ``serverError`` says what became of the whole request, also where the connection is lost after it.
    var isOneStatement: Bool { true }

    /// An error of the server with a code for the limit or for the cancellation that ended the statement.
    ///
    /// The server has one SQLSTATE for a statement past its limit and for a canceled one, and distinguishes the two only in
    /// its own language. So the clock decides, unless the client has canceled it itself.
    final func judged(_ error: PostgresError) -> PostgresError {
        guard error.isCancellation, error.code == .cancelled else { return error }
        switch interruption {
        case .cancelled: return error
        case .timedOut: return error.with(code: .timeout)
        case nil:
            guard usualLimit > 0 else { return error }
            // The two clocks may run apart a little.
            let isOver = MonotonicTime.now() &- begun >= usualLimit - usualLimit / 128
            return isOver ? error.with(code: .timeout) : error
        }
    }

    /// What the task is to throw for an error of the server.
    final func thrown(_ error: PostgresError) -> any Error {
        if let interruption, error.isCancellation { interruption.error(error) } else { error }
    }

    /// Prepares for its end when nobody waits any longer.
    func abandon(_ output: OutputBuffer) -> Abandonment { .cancel }

    final func wait(_ continuation: Continuation) {
        ending = nil
        self.continuation = continuation
    }

    /// Ends the exchange, or its part up to a pause, for its task.
    final func finish(_ ending: Ending, on loop: (any ReadinessLoop)? = nil) {
        if isAbandoned, let fate {
            // The task has gone on, or is about to learn how it ended; that stands.
            guard continuation != nil else { return }
            self.ending = fate
        } else {
            if case .paused = ending {} else if fate == nil { fate = ending }
            follower = nil
            self.ending = ending
        }
        guard let continuation else { return }
        self.continuation = nil
        resumed.store(true, ordering: .releasing)
        if let loop { loop.resume(continuation) } else { continuation.resume() }
    }

    /// Whether a task waits for the exchange.
    final var isAwaited: Bool { continuation != nil }

    /// For the task, once it has been resumed.
    final func acquire() { _ = resumed.load(ordering: .acquiring) }
}

/// Goes on with what an exchange leaves free.
protocol ExchangeFollower: AnyObject {
    /// The exchange is answered in full and was not interrupted.
    func exchangeIsOver()
}

/// What an exchange may know of its session when it is encoded.
struct SessionView {
    /// Whether a transaction is open.
    let isInTransaction: Bool
    /// Whether a proxy gives each transaction another session, so that nothing may be left in one.
    let isPooled: Bool
    /// Whether the statement runs in a transaction or savepoint that a closure is the extent of.
    let isInScope: Bool
    /// Whether statements that write are refused.
    let isReadOnly: Bool
    /// The same, also within a transaction that is read-only by its beginning.
    let isInReadOnlyScope: Bool
    /// The prepared statements.
    let statements: StatementCache

    /// Whether strings have no escapes, as the scanner assumes (`standard_conforming_strings`).
    let hasStandardStrings: Bool
    /// The server's version: 150004 for 15.4.
    let serverVersion: Int32

    /// Whether a request begins with a ``ReadOnlyGuard``: an open transaction has been made read-only already.
    var isGuarded: Bool { isReadOnly && !isInTransaction }

    /// Whether a text was read as the server reads it: a backslash ends no string unless strings have escapes.
    func canRead(_ traits: StatementTraits) -> Bool { hasStandardStrings || !traits.hasBackslash }

    /// What a statement may leave behind in the session.
    func effect(of traits: StatementTraits) -> SessionEffect {
        canRead(traits) ? traits.effect : max(traits.effect, .session)
    }

    /// Whether a statement may end the transaction that it runs in.
    func mayEndTransaction(_ traits: StatementTraits) -> Bool { traits.mayEndTransaction || !canRead(traits) }

    /// Whether a statement may change what prepared ones mean, or discard them.
    func mayInvalidate(_ traits: StatementTraits) -> Bool { traits.mayInvalidate || !canRead(traits) }

    /// Notes a statement that is about to be sent, if it may change what names stand for.
    func noteNames(_ traits: StatementTraits) {
        if traits.mayChangeNames || !canRead(traits) { statements.namesMayChange() }
    }

    /// Refuses a statement that would leave something in a session that is not the client's own, or that would end the
    /// transaction of a closure that goes on.
    func admit(_ traits: StatementTraits) throws(PostgresError) {
        if isInScope || isGuarded, !canRead(traits) {
            throw PostgresError(
                .notSupported,
                "standard_conforming_strings is off, so what the backslash of this statement means is not known: a "
                    + "transaction's body and read run none; set it to on, and write E'…' where escapes are meant")
        }
        if isInScope, traits.endsTransaction {
            throw PostgresError(
                .notSupported,
                "COMMIT and ROLLBACK do not belong into a transaction's body: return from it to commit, throw to roll "
                    + "back, use withSavepoint for a part")
        }
        if isGuarded, traits.controlsTransaction {
            throw PostgresError(
                .notSupported,
                "a connection lent by read runs no BEGIN, COMMIT, ROLLBACK, CALL or DO, after which the server would "
                    + "accept writing: use withTransaction(readOnly: true)")
        }
        if isReadOnly || isInReadOnlyScope, traits.liftsReadOnly {
            var refusal = PostgresError(
                .readOnly,
                "the statement changes transaction_read_only where nothing may be written, and servers before version 16 let "
                    + "it be put back: use write access for what writes")
            refusal.readOnlyReason = .requested
            throw refusal
        }
        guard isPooled else { return }
        // A server runs nothing of a text that holds a command it does not know.
        if traits.isUnknown, serverVersion > StatementTraits.lastKnownVersion {
            throw PostgresError(
                .notSupported,
                "the statement's command is not known, and may change the session, which behind a transaction pooler "
                    + "belongs to no client: check its spelling, or use a direct connection")
        }
        guard !canRead(traits) || traits.knownEffect >= .session else { return }
        throw PostgresError(
            .notSupported,
            "the statement changes the session, which behind a transaction pooler belongs to no client: use SET LOCAL, "
                + "transaction-level locks or a direct connection")
    }
}
