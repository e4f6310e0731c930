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
        /// When it was claimed, on the monotonic clock.
        var claimedAt: Duration
        /// Claimed ahead, it waits for a slot until it is.
        var isStarted: Bool
    }

    struct Outcome {
        var acknowledgement: Acknowledgement
        var queue: String
        var worker: WorkerID
    }

    struct Slots {
        let capacity: Int
        /// Running, waiting, or ended and not yet told.
        var held = 0
        /// Running.
        var active = 0
        /// Claimed ahead, in the order of their claims; those that are no longer ours are passed over.
        var waiting = Fifo<RunReference>()
        /// How long runs take, in seconds, the last ones counting most; `nil` until one has ended.
        var meanRun: Double?
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
    let prefetch: JobWorkerConfiguration.Prefetch

    init(queues: [String: Int], batch: Int, prefetch: JobWorkerConfiguration.Prefetch = .none) {
        slots = queues.mapValues { Slots(capacity: $0) }
        self.batch = batch
        self.prefetch = prefetch
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
        let gone = running.filter { $0.value.worker == lost }
        forget(gone.filter { !$0.value.isStarted }.map(\.key))
        return gone.filter(\.value.isStarted).map(\.key)
    }

    /// Drops claimed jobs that never started and are no longer ours.
    private mutating func forget(_ unstarted: [RunReference]) {
        for reference in unstarted {
            if let run = running.removeValue(forKey: reference) { slots[run.job.queue]?.held -= 1 }
        }
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
                let free = min(room, slot.capacity + ahead(slot) - slot.held - slot.reserved)
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

    /// How many jobs to claim beyond the slots: as many as start within the time they may be held.
    private func ahead(_ slot: Slots) -> Int {
        guard case .adaptive(let maxHold) = prefetch, let mean = slot.meanRun else { return 0 }
        return Int(min(Double(batch), Double(slot.capacity) * maxHold.inSeconds / max(mean, 1e-6)))
    }

    /// An exchange came back. Returns the jobs to start; none once the worker has another registration.
    mutating func exchanged(_ exchange: Exchange, _ reply: ExchangeReply, now: Duration = .zero) -> [ClaimedJob] {
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
        var starting: [ClaimedJob] = []
        starting.reserveCapacity(reply.claimed.count)
        for job in reply.claimed {
            slots[job.queue]?.held += 1
            let isFree = slots[job.queue].map { $0.active < $0.capacity } ?? true
            running[job.reference] = Running(
                job: job, worker: exchange.request.worker, claimedAt: now, isStarted: isFree)
            if isFree {
                slots[job.queue]?.active += 1
                starting.append(job)
            } else if phase == .running {
                slots[job.queue]?.waiting.append(job.reference)
            } else {
                _ = ended(job.reference, .returned)
            }
        }
        return starting
    }

    // MARK: Jobs claimed ahead

    /// The next job of a queue whose slots are not all busy.
    mutating func next(of queue: String) -> ClaimedJob? {
        guard prefetch != .none, phase == .running, let slot = slots[queue], slot.active < slot.capacity else {
            return nil
        }
        while let reference = slots[queue]?.waiting.popFirst() {
            guard let run = running[reference], !run.isStarted else { continue }
            running[reference]?.isStarted = true
            slots[queue]?.active += 1
            return run.job
        }
        return nil
    }

    /// Gives back what has waited since before a moment, or all that waits. Returns whether there was any.
    @discardableResult
    mutating func returnWaiting(claimedBefore moment: Duration? = nil) -> Bool {
        guard prefetch != .none else { return false }
        let stale = running.filter { run in
            !run.value.isStarted && moment.map { run.value.claimedAt < $0 } ?? true
        }
        for reference in stale.keys { _ = ended(reference, .returned) }
        return !stale.isEmpty
    }

    /// Someone wants a job cancelled that waits. Returns whether one did.
    mutating func cancelWaiting(_ id: JobID) -> Bool {
        guard let reference = running.first(where: { $0.key.id == id && !$0.value.isStarted })?.key else {
            return false
        }
        return ended(reference, .cancelled(reason: ""))
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
        forget(lost.filter { running[$0]?.isStarted == false })
        return lost.filter { running[$0] != nil }
    }

    // MARK: Runs

    /// A run has ended, with nothing to tell where it is no longer ours. Returns `false` where nothing will be told.
    mutating func ended(_ reference: RunReference, _ outcome: JobOutcome?, after time: Duration? = nil) -> Bool {
        guard let run = running.removeValue(forKey: reference) else { return false }
        if run.isStarted {
            completedRuns += 1
            slots[run.job.queue]?.active -= 1
            if prefetch != .none, let time = time?.inSeconds {
                let mean = slots[run.job.queue]?.meanRun ?? time
                slots[run.job.queue]?.meanRun = mean + (time - mean) / 8
            }
        }
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
        returnWaiting()
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
