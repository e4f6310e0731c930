/// A connection on loan. It goes back when the lease ends, and cannot be given back twice.
public struct Lease<Backend: ConnectionBackend>: ~Copyable {
    /// The connection. Do not keep it beyond the lease.
    public let connection: Backend.Connection
    private let pool: Pool<Backend>
    private let slot: Int
    private var verdict: ConnectionReturnState?

    init(connection: Backend.Connection, pool: Pool<Backend>, slot: Int) {
        self.connection = connection
        self.pool = pool
        self.slot = slot
    }

    /// Gives the connection back now.
    public consuming func release() {}

    /// Gives the connection back to be closed, because it is of no more use.
    public consuming func discard() { verdict = .broken }

    deinit { pool.giveBack(slot, verdict: verdict) }
}
