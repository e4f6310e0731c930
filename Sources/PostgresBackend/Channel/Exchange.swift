import CVitalsLibPQ
import Synchronization

/// One round of the conversation with the server: what is sent, and what becomes of the answers.
///
/// `send` runs on the thread of whoever holds the channel's turn, everything else on the loop. A result passed to
/// `receive` belongs to the exchange.
// Touched by one thread at a time: the turn's holder before arming, the loop until the continuation resumes, the
// holder after. `cancelAsked` is atomic.
class Exchange: @unchecked Sendable {
    /// How it ended for whoever waits.
    enum Ending {
        case done
        /// The holder is to take what there is, or to give more, and then to go on.
        case paused
        case failed(PostgresError)
        case cancelled
        case timedOut
    }

    /// What the answers so far mean.
    enum Progress {
        case more
        /// Wait for the descriptor before asking libpq for more.
        case wait
        /// Let the holder have what there is.
        case pause
        case over
        /// Cannot go on; the connection with it.
        case broken(PostgresError)
    }

    /// Set before the continuation resumes.
    final private(set) var ending: Ending?
    final private(set) var continuation: CheckedContinuation<Void, Never>?
    /// Whether the task that waited has gone; the rest of the answer is thrown away. The loop's own.
    final var isAbandoned = false
    /// How it ended once and for all. The loop's own.
    final private(set) var fate: Ending?
    /// Orders what the loop wrote before what the holder reads, in a way the thread sanitizer can follow.
    private final let resumed = Atomic<Bool>(false)
    final let cancelAsked = Atomic<Bool>(false)
    /// Monotonic nanoseconds after which the exchange is given up; 0 for never.
    final var deadline: UInt64 = 0

    /// Puts everything into libpq's buffer.
    func send(_ wire: OpaquePointer) throws(PostgresError) {}

    /// Whether nothing needs to be waited for after `send`.
    var isSettled: Bool { false }

    /// Takes a result, or `nil` at the end of one command's results.
    func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        if let result { PQclear(result) }
        return result == nil ? .over : .more
    }

    /// Takes all that libpq has.
    func pump(_ wire: OpaquePointer) -> Progress {
        while PQisBusy(wire) == 0 {
            let result = PQgetResult(wire)
            if PQstatus(wire) == CONNECTION_BAD {
                let error = result.map { PostgresError(result: $0) }
                if let result { PQclear(result) }
                return .broken(error ?? .lost(wire))
            }
            switch receive(result, wire) {
            case .more: continue
            case let progress: return progress
            }
        }
        return .wait
    }

    /// The holder goes on after a pause.
    func proceed(_ wire: OpaquePointer) {}

    /// The server has said its last word on it. Called before the turn passes on.
    func end(_ wire: OpaquePointer) {}

    /// What the server said before the connection broke.
    var serverError: PostgresError? { nil }

    /// How to be rid of it when nobody wants the answer any more.
    enum Abandonment {
        /// Nothing is under way: the turn passes on at once.
        case drop
        /// The server ends it by itself: read on until it has.
        case drain
        /// Ask the server to cancel, and read on until it has.
        case cancel
    }

    /// Prepares for being rid of it.
    func abandon(_ wire: OpaquePointer) -> Abandonment { .cancel }

    final func wait(_ continuation: CheckedContinuation<Void, Never>) {
        ending = nil
        self.continuation = continuation
    }

    final func resume(_ ending: Ending) {
        if case .paused = ending {} else if fate == nil { fate = ending }
        guard let continuation else { return }
        self.continuation = nil
        self.ending = ending
        resumed.store(true, ordering: .releasing)
        continuation.resume()
    }

    /// For the holder, once it has been resumed.
    final func settle() { _ = resumed.load(ordering: .acquiring) }
}

/// A script of statements without parameters: collects the results.
final class ScriptExchange: Exchange, @unchecked Sendable {  // As its superclass.
    private let sql: String
    private var results: [OpaquePointer] = []

    init(_ sql: String) { self.sql = sql }

    deinit { results.forEach { PQclear($0) } }

    /// Hands over the results, each to be cleared.
    func takeResults() -> [OpaquePointer] {
        defer { results = [] }
        return results
    }

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        guard PQsendQuery(wire, sql) == 1 else { throw .lost(wire) }
    }

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else { return .over }
        switch PQresultStatus(result) {
        case PGRES_COPY_IN:
            PQclear(result)
            _ = PQputCopyEnd(wire, "use copyIn for COPY … FROM STDIN")
        case PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            return .broken(PostgresError(.protocolViolation, "use copyOut for COPY … TO STDOUT"))
        default:
            if isAbandoned { PQclear(result) } else { results.append(result) }
        }
        return .more
    }

    override var serverError: PostgresError? {
        results.first { PQresultStatus($0) == PGRES_FATAL_ERROR }.map { PostgresError(result: $0) }
    }
}
