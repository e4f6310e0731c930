import ConnectionPool
import DriverExecutors
import SQLDatabase
import Synchronization

/// A statement that waits for a connection.
///
/// The task or loop that gives a connection back sends it; the loop gives the connection back when the answer is
/// there, and so sends the next. Its task sleeps once, from the call to the answer. What is out of the ordinary on the
/// way is left to the task, which wakes up with the lease in hand.
// Written by the thread that brings the connection, then by the loop, then read by the task, in that order.
final class RelayedStatement: LeaseUser, ExchangeFollower, @unchecked Sendable {
    typealias Backend = PostgresConnectionBackend

    /// How the wait ended.
    enum Ending {
        /// The statement was sent; the exchange has the outcome.
        case sent
        /// The task has the connection and is to send by itself.
        case lent
        /// The connection had broken: the statement waits again.
        case again
        case refused(any Error)
    }

    private let pool: Pool<Backend>
    private let timeout: Duration?
    /// Whether the loop may encode it: it serves many sessions, and what is long is left to the task.
    private let isShort: Bool
    let exchange: StatementExchange
    private var continuation: Exchange.Continuation?
    private(set) var ending = Ending.again
    /// The connection, until it is given back.
    private var lease: Lease<Backend>?
    private var session: PostgresSession?
    private let isSent = Atomic<Bool>(false)
    /// Orders what other threads wrote before what the task reads.
    private let isOver = Atomic<Bool>(false)

    init(_ query: SQLQuery, timeout: Duration?, pool: Pool<Backend>) {
        self.pool = pool
        self.timeout = timeout
        exchange = StatementExchange([query], keeps: true)
        isShort = query.sql.utf8.count <= 4096 && ParameterEncoding.isShort(query.parameters)
        exchange.follower = self
    }

    /// Waits in the pool's line and for the answer.
    nonisolated(nonsending) func wait(site: AcquisitionSite, deadline: UInt64) async {
        let place = pool.place(for: self, at: site)
        await withTaskCancellationHandler {
            await Exchange.suspend { continuation in
                self.continuation = continuation
                pool.enqueue(place, deadline: deadline)
            }
        } onCancel: {
            cancel(place)
        }
        _ = isOver.load(ordering: .acquiring)
        exchange.acquire()
    }

    private func cancel(_ place: RelayedLease) {
        exchange.cancelRequested.store(true, ordering: .sequentiallyConsistent)
        // Sent after this, it is found to be canceled when it is handed to the loop.
        if isSent.load(ordering: .sequentiallyConsistent), let session {
            session.loop.execute { session.interrupt(self.exchange, .cancelled) }
        } else {
            pool.withdraw(place)
        }
    }

    /// On the thread that gives a connection back, or that refuses.
    func bring(_ served: Served) {
        switch served {
        case .failed(let error): wake(.refused(error))
        case .slot(let slot, let isProved):
            guard let lease = pool.lease(ofServed: slot, isProved: isProved) else { return wake(.again) }
            let connection = lease.connection
            self.lease = consume lease
            guard isShort, let limits = connection.relayLimits, limits.serverLimit(timeout) == nil,
                let continuation
            else { return wake(.lent) }
            session = connection.session
            limits.apply(timeout, to: exchange)
            ending = .sent
            isOver.store(true, ordering: .releasing)
            isSent.store(true, ordering: .sequentiallyConsistent)
            if !connection.session.relay(exchange, continuation) { wake(.lent) }
        }
    }

    private func wake(_ ending: Ending) {
        exchange.follower = nil
        self.ending = ending
        isOver.store(true, ordering: .releasing)
        continuation?.resume()
    }

    /// On the loop.
    func exchangeIsOver() {
        // Its task repeats what could not run because its preparation is stale.
        guard !exchange.hasStalePart, let lease = takeLease() else { return }
        if let error = exchange.serverError { pool.settle(lease, after: error) } else { lease.release() }
    }

    /// The result, once it was sent; `nil` when the task is to send it again, because its preparation was stale.
    func result() throws -> PostgresResult? {
        try PostgresSession.outcome(of: exchange)
        try exchange.checkInterruption()
        if exchange.hasStalePart { return nil }
        let result = try exchange.result(0)
        takeLease()?.release()
        return result
    }

    /// Takes the lease, if it has not been given back.
    func takeLease() -> Lease<Backend>? { lease.take() }
}
