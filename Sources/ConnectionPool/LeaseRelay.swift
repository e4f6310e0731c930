/// Uses a connection at once, on the thread that gives it back.
package protocol LeaseUser: AnyObject, Sendable {
    /// A connection is lent, or the wait is over without one. Called once. It must not block.
    func bring(_ served: Served)
}

/// The place in the pool's line of one that needs no task to use what it is lent.
// As its superclass; the user is let go of when it has been served.
package final class RelayedLease: Waiting, @unchecked Sendable {
    private var user: (any LeaseUser)?

    init(for user: any LeaseUser, site: AcquisitionSite, in core: PoolCore) {
        self.user = user
        super.init(site: site, in: core)
    }

    package override func bring(_ served: Served) {
        let user = user
        self.user = nil
        user?.bring(served)
    }
}

/// Leases that pass from one request to the next without their tasks: the task or loop that gives a connection back sends
/// the next request in line, and that request's task sleeps until the answer is there.
extension Pool {
    /// Whether requests may be relayed: an observer of each lease, and a check before each, need a task.
    package var relays: Bool { !echoes && !checksAlways }

    /// The place of a request in line.
    package func place(for user: any LeaseUser, at site: AcquisitionSite) -> RelayedLease {
        RelayedLease(for: user, site: site, in: core)
    }

    /// Puts a request in line. ``LeaseUser/bring(_:)`` is called once, perhaps before this returns.
    /// - Parameter deadline: The first ``relayDeadline`` of the request.
    package func enqueue(_ request: RelayedLease, deadline: UInt64) {
        let now = core.clock.now()
        enqueue(request, priority: 0, arrived: now, deadline: deadline, now: now)
    }

    /// The moment at which a request that begins to wait now is refused.
    package var relayDeadline: UInt64 { core.clock.now().advanced(saturating: timeout) }

    /// The lease of a slot that a request was served with; `nil` when its connection has broken meanwhile, or must prove
    /// itself, so that the request must wait again.
    package func lease(ofServed slot: Int, isProved: Bool) -> Lease<Backend>? {
        var unproved: Int?
        if let connection = served(slot, isProved, &unproved) {
            return Lease(connection: connection, pool: self, slot: slot)
        }
        if let unproved { prove(unproved) }
        return nil
    }
}
