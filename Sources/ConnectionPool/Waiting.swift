import Synchronization

/// One that waits for a connection, as the pool keeps it.
// As its superclass; the outcome is written before the task is woken.
package class Waiting: Sleeper, @unchecked Sendable {
    final let site: AcquisitionSite
    /// What the closure holds that it stands in.
    final let around: Loan?
    /// Which waiter a cancellation removes; 0 until it is in line. Used under the pool's lock.
    final let number = Atomic<UInt64>(0)
    /// Why no connection can be made, when it is refused for that. Set under the pool's lock, read by whoever refuses it.
    final var cause: (any Error)?
    @exclusivity(unchecked) private(set) final var outcome = Served.slot(-1, isProved: false)

    init(site: AcquisitionSite, in core: PoolCore) {
        self.site = site
        around = core.marks.around(in: core.table)
        super.init()
    }

    /// Waits until it is served or refused.
    /// - Parameter start: Puts it in line.
    @inline(__always)
    nonisolated(nonsending) final func wait(_ start: () -> Void) async -> Served {
        await sleep(start)
        return outcome
    }

    /// It is served or refused. Called once.
    package func bring(_ outcome: Served) {
        self.outcome = outcome
        wake()
    }
}

/// What a waiter wakes up to.
package enum Served: Sendable {
    /// The connection of a slot; proved when a round trip has just shown that it works.
    case slot(Int, isProved: Bool)
    case failed(any Error)
}
