import CVitalsLibPQ
import Synchronization

/// One round of the conversation with the server: what is sent, and what becomes of the answers.
///
/// `send` runs on the thread of whoever holds the channel's turn, `receive` and `end` on the loop. A result passed to
/// `receive` belongs to the exchange.
// Touched by one thread at a time: the turn's holder before arming, the loop until the continuation resumes, the
// holder after. `cancelAsked` is atomic.
class Exchange: @unchecked Sendable {
    /// How it ended for whoever waits.
    enum Ending {
        case done
        case failed(PostgresError)
        case cancelled
        case timedOut
    }

    /// Set before the continuation resumes, and once.
    final var ending: Ending?
    final var continuation: UnsafeContinuation<Void, Never>?
    /// Whether the task that waited has gone; the rest of the answer is thrown away. The loop's own.
    final var isAbandoned = false
    final let cancelAsked = Atomic<Bool>(false)
    /// Monotonic nanoseconds after which the exchange is given up; 0 for never.
    final var deadline: UInt64 = 0

    /// Puts everything into libpq's buffer.
    func send(_ wire: OpaquePointer) throws(PostgresError) {}

    /// What a result means for the exchange.
    enum Progress {
        case more
        case over
        /// Cannot go on; the connection with it.
        case broken(PostgresError)
        /// Wait for the descriptor before asking libpq for more.
        case wait
    }

    /// Takes a result, or `nil` at the end of one command's results.
    func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        if let result { PQclear(result) }
        return result == nil ? .over : .more
    }

    /// What the server said before the connection broke.
    var serverError: PostgresError? { nil }

    /// The connection has gone quiet: the exchange is over. Called before the turn passes on.
    func end(_ wire: OpaquePointer) {}

    /// Whether the server must be told when nobody wants the answer any more.
    var cancelsOnServer: Bool { true }

    final func resume(_ ending: Ending) {
        guard let continuation else { return }
        self.continuation = nil
        self.ending = ending
        continuation.resume()
    }
}

/// A prepared or unprepared statement, or a script: collects the results.
class CommandExchange: Exchange, @unchecked Sendable {  // As its superclass.
    /// The results, to be decoded and cleared by the waiting task.
    final var results: [OpaquePointer] = []
    private let sender: (OpaquePointer) -> Int32
    /// How many pipeline synchronisation points end it; 0 without a pipeline.
    private var syncs: Int

    /// - Parameter sender: Calls libpq; 1 when all is well.
    init(syncs: Int = 0, _ sender: @escaping (OpaquePointer) -> Int32) {
        self.syncs = syncs
        self.sender = sender
    }

    deinit { results.forEach { PQclear($0) } }

    /// Hands over the results, each to be cleared.
    final func takeResults() -> [OpaquePointer] {
        defer { results = [] }
        return results
    }

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        if syncs > 0, PQenterPipelineMode(wire) != 1 { throw .lost(wire) }
        if sender(wire) != 1 {
            let error = PostgresError.lost(wire)
            if syncs > 0 { _ = PQexitPipelineMode(wire) }
            throw error
        }
    }

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else { return syncs == 0 ? .over : .more }
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            syncs -= 1
            return syncs == 0 ? .over : .more
        case PGRES_COPY_IN:
            PQclear(result)
            _ = PQputCopyEnd(wire, "use copyIn for COPY … FROM STDIN")
            return .more
        case PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            return .broken(PostgresError(.protocolViolation, "use copyOut for COPY … TO STDOUT"))
        default:
            if isAbandoned { PQclear(result) } else { results.append(result) }
            return .more
        }
    }

    override var serverError: PostgresError? {
        results.first { PQresultStatus($0) == PGRES_FATAL_ERROR }.map { PostgresError(result: $0) }
    }

    override func end(_ wire: OpaquePointer) {
        if PQpipelineStatus(wire) != PQ_PIPELINE_OFF { _ = PQexitPipelineMode(wire) }
    }
}
