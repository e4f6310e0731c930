/// What a worker runs, owes and may claim: the rules of its slots, without time, tasks or a store.
///
/// A slot is taken when a claim is asked for, and free again when the store has taken in the outcome of the run that
/// had it, or has said that there was no job for it.
struct WorkerState {
    enum Phase: Int, Comparable {
        /// Claims and runs.
        case running
        /// Claims no more.
        case draining
        /// Has cancelled what still runs.
        case cancelling
        /// Has given back what still runs: only outcomes are left to tell.
        case returning

        static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
    }

    struct Running {
        var job: ClaimedJob
        /// The registration that claimed it.
        var worker: WorkerID
    }

    struct Outcome {
        var acknowledgement: Acknowledgement
        var queue: String
        var worker: WorkerID
    }

    struct Slots {
        let capacity: Int
        /// Running, or ended and not yet told.
        var held = 0
        /// Asked for in an exchange under way.
        var reserved = 0
        /// Whether the queue may have jobs: told so, or not known to be empty.
        var isHungry = true
        /// How often it was said that the queue may have jobs.
        var calls = 0
    }

    /// An exchange to make: what to tell, and for which slots to ask.
    struct Exchange {
        var request: ExchangeRequest
        var outcomes: [Outcome]
        /// For each queue asked, ``Slots/calls`` at that time: what is said while the store answers is newer.
        var calls: [String: Int] = [:]
    }

    private(set) var phase = Phase.running
    private(set) var worker: WorkerID?
    private(set) var running: [RunReference: Running] = [:]
    private(set) var outcomes: [Outcome] = []
    private(set) var slots: [String: Slots]
    private(set) var underWay = 0
    /// An exchange failed: what it claimed is unknown until the store is asked.
    private(set) var needsReconciling = false
    private(set) var completedRuns = 0
    let batch: Int

    init(queues: [String: Int], batch: Int) {
        slots = queues.mapValues { Slots(capacity: $0) }
        self.batch = batch
    }

    // MARK: Registration

    mutating func registered(_ id: WorkerID) {
        worker = id
        needsReconciling = false
        makeHungry(nil)
    }

    /// The lease has ended. Outcomes not yet told would be refused, and are dropped with their slots.
    /// Returns what ran under it, to be cancelled.
    mutating func leaseLost() -> [RunReference] {
        guard let lost = worker else { return [] }
        worker = nil
        needsReconciling = false
        let dropped = outcomes.filter { $0.worker == lost }
        outcomes.removeAll { $0.worker == lost }
        for outcome in dropped { slots[outcome.queue]?.held -= 1 }
        return running.filter { $0.value.worker == lost }.map(\.key)
    }

    // MARK: Exchanges

    /// Notes that a queue, or all, may have jobs.
    mutating func makeHungry(_ queue: String?) {
        for name in queue.map({ [$0] }) ?? Array(slots.keys) {
            slots[name]?.isHungry = true
            slots[name]?.calls += 1
        }
    }

    /// The next exchange, if there is something to tell or to ask for.
    mutating func nextExchange() -> Exchange? {
        guard let worker, !needsReconciling else { return nil }
        var claims: [QueueClaim] = []
        var calls: [String: Int] = [:]
        let told = Array(outcomes.prefix(batch))
        outcomes.removeFirst(told.count)
        for outcome in told { slots[outcome.queue]?.held -= 1 }
        if phase == .running {
            var room = batch
            for (name, slot) in slots where room > 0 && slot.isHungry {
                let free = min(room, slot.capacity - slot.held - slot.reserved)
                guard free > 0 else { continue }
                room -= free
                slots[name]?.reserved += free
                claims.append(QueueClaim(queue: name, limit: free))
                calls[name] = slot.calls
            }
        }
        // Until the exchange is done these slots count as held.
        for outcome in told { slots[outcome.queue]?.held += 1 }
        guard !told.isEmpty || !claims.isEmpty else { return nil }
        underWay += 1
        return Exchange(
            request: ExchangeRequest(
                worker: worker, acknowledgements: told.map(\.acknowledgement), claims: claims),
            outcomes: told, calls: calls)
    }

    /// An exchange came back. Returns the jobs to start; none once the worker has another registration.
    mutating func exchanged(_ exchange: Exchange, _ reply: ExchangeReply) -> [ClaimedJob] {
        underWay -= 1
        for outcome in exchange.outcomes { slots[outcome.queue]?.held -= 1 }
        var received: [String: Int] = [:]
        for job in reply.claimed { received[job.queue, default: 0] += 1 }
        for claim in exchange.request.claims {
            slots[claim.queue]?.reserved -= claim.limit
            let isShort = received[claim.queue, default: 0] < claim.limit
            if isShort, slots[claim.queue]?.calls == exchange.calls[claim.queue] {
                slots[claim.queue]?.isHungry = false
            }
        }
        guard worker == exchange.request.worker else { return [] }
        for job in reply.claimed {
            slots[job.queue]?.held += 1
            running[job.reference] = Running(job: job, worker: exchange.request.worker)
        }
        return reply.claimed
    }

    /// An exchange failed: nobody knows whether it took effect. Outcomes are told again.
    mutating func exchangeFailed(_ exchange: Exchange) {
        underWay -= 1
        for claim in exchange.request.claims { slots[claim.queue]?.reserved -= claim.limit }
        guard worker == exchange.request.worker else {
            for outcome in exchange.outcomes { slots[outcome.queue]?.held -= 1 }
            return
        }
        outcomes.insert(contentsOf: exchange.outcomes, at: 0)
        needsReconciling = true
    }

    /// Asks for a look at what the store thinks this worker runs.
    mutating func wantReconciling() { needsReconciling = true }

    /// What to hold against the store, once no exchange is under way.
    func reconciling() -> (worker: WorkerID, holding: [RunReference])? {
        guard let worker, needsReconciling, underWay == 0 else { return nil }
        let held = running.filter { $0.value.worker == worker }.map(\.key)
        return (worker, held + outcomes.filter { $0.worker == worker }.map(\.acknowledgement.reference))
    }

    /// The store has been asked. Returns the runs that are no longer ours, to be cancelled.
    mutating func reconciled(lost: [RunReference]) -> [RunReference] {
        needsReconciling = false
        makeHungry(nil)
        let lost = Set(lost)
        for outcome in outcomes where lost.contains(outcome.acknowledgement.reference) {
            slots[outcome.queue]?.held -= 1
        }
        outcomes.removeAll { lost.contains($0.acknowledgement.reference) }
        return lost.filter { running[$0] != nil }
    }

    // MARK: Runs

    /// A run has ended, with nothing to tell where it is no longer ours. Returns `false` where nothing will be told.
    mutating func ended(_ reference: RunReference, _ outcome: JobOutcome?) -> Bool {
        guard let run = running.removeValue(forKey: reference) else { return false }
        completedRuns += 1
        slots[run.job.queue]?.isHungry = true
        guard let outcome, run.worker == worker else {
            slots[run.job.queue]?.held -= 1
            return false
        }
        outcomes.append(
            Outcome(
                acknowledgement: Acknowledgement(reference, outcome), queue: run.job.queue, worker: run.worker))
        return true
    }

    // MARK: Stopping

    mutating func advance(to next: Phase) -> Bool {
        guard phase < next else { return false }
        phase = next
        return true
    }

    /// The store does not answer and there is no more time: what is not told is left to be rescued.
    mutating func forgetOutcomes() {
        for outcome in outcomes { slots[outcome.queue]?.held -= 1 }
        outcomes = []
    }

    /// Whether it pays to let a few more runs end before the next exchange.
    var isFilling: Bool { outcomes.count < batch && !running.isEmpty }

    /// Nothing runs and nothing is left to tell.
    var isDone: Bool { phase > .running && running.isEmpty && outcomes.isEmpty && underWay == 0 }
}
