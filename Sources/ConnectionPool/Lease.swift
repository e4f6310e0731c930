/// A connection on loan. It goes back when the lease ends, and cannot be given back twice.
///
/// A lease belongs to the task that acquired it: it is not `Sendable`.
public struct Lease<Backend: ConnectionBackend>: ~Copyable {
    /// The connection. Do not keep it beyond the lease.
    public let connection: Backend.Connection
    private let pool: Pool<Backend>
    private let slot: Int
    private var isBroken = false

    @inline(__always)
    init(connection: Backend.Connection, pool: Pool<Backend>, slot: Int) {
        self.connection = connection
        self.pool = pool
        self.slot = slot
    }

    /// What marks the closure that uses the connection; see ``LoanMarks``.
    @usableFromInline
    var mark: LoanMark { pool.core.marks.mark(slot, in: pool.table) }

    /// Of which generation the connection is.
    var generation: UInt64 { pool.table.cell(slot).pointee.generation }

    /// Gives the connection back now.
    public consuming func release() {}

    /// Gives the connection back to be closed, because it is of no more use.
    public consuming func discard() { isBroken = true }

    deinit { pool.giveBack(slot, connection, isBroken: isBroken) }
}

@available(*, unavailable)
extension Lease: Sendable {}
