import ConnectionPool

/// A request that needs no task to use its connection: whoever gives one back sends it, and its caller sleeps until the
/// answer is there, as the drivers do.
// One thread runs everything.
final class Relay: LeaseUser, @unchecked Sendable {
    private let pool: SimulatedPool
    private let caller: Caller
    private let deadline: UInt64
    private var answer: UnsafeContinuation<Bool, Never>?

    init(_ pool: SimulatedPool, _ caller: Caller) {
        self.pool = pool
        self.caller = caller
        deadline = pool.relayDeadline
    }

    /// Puts the request in line until it has used a connection or failed.
    func send() async {
        guard pool.relays else { return }
        caller.begins(timeout: deadline - world.time, priority: 0, "relay", isTask: false)
        while !(await isOver()) {}
    }

    /// Puts it in line once; `false` when it must wait again.
    private func isOver() async -> Bool {
        let site = AcquisitionSite(file: #fileID, line: UInt(caller.number))
        let place = pool.place(for: self, at: site)
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                answer = continuation
                pool.enqueue(place, deadline: deadline)
            }
        } onCancel: {
            pool.withdraw(place)
        }
    }

    // The waiters that the pool has served at the same moment may not have been told.
    func bring(_ served: Served) { world.within { take(served) } }

    private func take(_ served: Served) {
        let answer = answer
        switch served {
        case .failed(let error):
            caller.failed(error)
            answer?.resume(returning: true)
        case .slot(let slot, let isProved):
            guard let lease = pool.lease(ofServed: slot, isProved: isProved) else {
                answer?.resume(returning: false)
                return
            }
            caller.obtained(lease.connection)
            caller.returns(lease.connection)
            lease.release()
            answer?.resume(returning: true)
        }
    }
}
