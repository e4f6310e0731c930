/// Uses a connection at once, on the thread that gives it back.
package protocol LeaseUser: AnyObject, Sendable {
    /// A connection is lent, or the wait is over without one. Called once. It must not block.
    func bring(_ served: Served)
}

/// The place in the pool's line of one that needs no task to use what it is lent.
// As its superclass; the user is let go of when it has been served.
package final class RelayedLease: Waiting, @unchecked Sendable {
    private var user: (any LeaseUser)?

    package init(for user: any LeaseUser, site: AcquisitionSite) {
        self.user = user
        super.init(task: CurrentTask.shared().id, site: site)
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

    /// Lends an idle connection that is open as far as can be seen without a round trip; `nil` when there is none at this moment.
    @inline(__always)
    package func takeIdle(file: StaticString, line: UInt) -> Lease<Backend>? {
        let slot = table.take()
        guard slot >= 0,
            let connection = open(slot, task: currentTask().id, site: AcquisitionSite(file: file, line: line))
        else { return nil }
        return Lease(connection: connection, pool: self, slot: slot)
    }

    /// Puts a request in line. ``LeaseUser/bring(_:)`` is called once, perhaps before this returns.
    /// - Parameter deadline: From ``relayDeadline(_:)``.
    package func enqueue(_ request: RelayedLease, priority: Int, deadline: UInt64) {
        let now = core.clock.now()
        enqueue(request, priority: priority, arrived: now, deadline: deadline, now: now)
    }

    /// Takes a request out of the line because its task is cancelled, if it is still there.
    package func leaveLine(_ request: RelayedLease) { withdraw(request) }

    /// The moment at which a request that waits for a connection is refused.
    package func relayDeadline(_ timeout: Duration?) -> UInt64 {
        core.clock.now().advanced(saturating: timeout?.wholeNanoseconds ?? self.timeout)
    }

    /// The lease of a slot that a request was served with; `nil` when its connection has broken meanwhile and was given
    /// back, so that the request must wait again.
    package func lease(ofServed slot: Int) -> Lease<Backend>? {
        served(slot).map { Lease(connection: $0, pool: self, slot: slot) }
    }
}
