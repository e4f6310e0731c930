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
        var reference: RunReference
        /// Whose slot it has: an index into ``slots``.
        var slot: Int
        /// The registration that claimed it.
        var worker: WorkerID
        /// When it was claimed, on the monotonic clock.
        var claimedAt: Duration
        var suspicion: JobSuspicion
        /// Claimed ahead, it waits for a slot until it is.
        var isStarted: Bool
    }

    /// A claimed job, and where it stands in ``running``.
    struct Claimed {
        var job: ClaimedJob
        var place: Int
    }

    struct Outcome {
        var acknowledgement: Acknowledgement
        var slot: Int
        var worker: WorkerID
    }

    /// The slots of one queue.
    struct Slots {
        let queue: String
        let capacity: Int
        /// Running, waiting, or ended and not yet told.
        var held = 0
        /// Running.
        var active = 0
        /// Claimed ahead, in the order of their claims; those that are no longer ours are passed over.
        var waiting = Fifo<Claimed>()
        /// How long runs take, in seconds, the last ones counting most; `nil` until one has ended.
        var meanRun: Double?
        /// Asked for in an exchange under way.
        var reserved = 0
        /// Whether the queue may have jobs: told so, or not known to be empty.
        var mayHaveJobs = true
        /// How often it was said that the queue may have jobs.
        var calls = 0
    }

    /// An exchange to make: what to tell, and for which slots to ask.
    struct AckAndClaim {
        var request: ExchangeRequest
        var outcomes: [Outcome]
        /// For each queue asked, in the order of the claims: its index, and ``Slots/calls`` at that time, because what
        /// is said while the store answers is newer.
        var asked: [(slot: Int, calls: Int)] = []
    }

    private(set) var phase = Phase.running
    private(set) var worker: WorkerID?
    /// What was claimed and has not ended. A run is found by its place on the way of every job.
    private(set) var running = PlaceTable<Running>()
    private(set) var outcomes: [Outcome] = []
    /// One for each queue. Found by index on the way of every job, by name only once a claim.
    private(set) var slots: [Slots]
    private let places: [String: Int]
    private(set) var quarantine: Quarantine
    /// Which queue is asked for first.
    private var firstSlot = 0
    private(set) var underWay = 0
    /// How many exchanges were begun so far.
    private(set) var begunExchanges = 0
    /// An exchange failed: what it claimed is unknown until the store is asked.
    private(set) var needsReconciling = false
    private(set) var completedRuns = 0
    let batch: Int
    let prefetch: JobWorkerConfiguration.Prefetch

    init(
        queues: [String: Int], batch: Int, prefetch: JobWorkerConfiguration.Prefetch = .none,
        quarantine: Quarantine? = nil
    ) {
        slots = queues.map { Slots(queue: $0.key, capacity: $0.value) }
        places = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($0.element.queue, $0.offset) })
        self.batch = batch
        self.prefetch = prefetch
        self.quarantine = quarantine ?? Quarantine(slots: queues.values.reduce(0, +))
    }

    // MARK: Registration

    mutating func registered(_ id: WorkerID) {
        worker = id
        needsReconciling = false
        markMayHaveJobs(nil)
    }

    /// The lease has ended. Outcomes not yet told would be refused, and are dropped with their slots.
    /// Returns what ran under it, to be cancelled.
    mutating func leaseLost() -> [RunReference] {
        guard let lost = worker else { return [] }
        worker = nil
        needsReconciling = false
        let dropped = outcomes.filter { $0.worker == lost }
        outcomes.removeAll { $0.worker == lost }
        for outcome in dropped { slots[outcome.slot].held -= 1 }
        return forget { $0.worker == lost }
    }

    /// Drops claimed jobs that are no longer ours and never started. Returns those that run.
    private mutating func forget(where isLost: (Running) -> Bool) -> [RunReference] {
        var started: [RunReference] = []
        for (place, run) in running.occupied where isLost(run) {
            if run.isStarted {
                started.append(run.reference)
            } else {
                leave(run, at: place)
                slots[run.slot].held -= 1
            }
        }
        return started
    }

    private mutating func leave(_ run: Running, at place: Int) {
        running.remove(at: place)
        quarantine.gaveBack(1, run.suspicion)
    }

    // MARK: Exchanges

    /// The store has told which queues have suspected jobs. Returns whether there is one to ask for.
    mutating func heard(_ report: MaintenanceReport, now: Duration) -> Bool {
        quarantine.heard(report, serving: Set(places.keys), now: now)
        return !quarantine.suspected.isEmpty || !quarantine.lastChances.isEmpty
    }

    /// Notes that a queue, or all, may have jobs.
    mutating func markMayHaveJobs(_ queue: String?) {
        for index in slots.indices where queue.map({ $0 == slots[index].queue }) ?? true {
            slots[index].mayHaveJobs = true
            slots[index].calls += 1
        }
    }

    /// The next exchange, if there is something to tell or to ask for.
    mutating func nextExchange() -> AckAndClaim? {
        guard let worker, !needsReconciling else { return nil }
        var claims: [QueueClaim] = []
        var asked: [(slot: Int, calls: Int)] = []
        let told = Array(outcomes.prefix(batch))
        outcomes.removeFirst(told.count)
        for outcome in told { slots[outcome.slot].held -= 1 }
        if phase == .running {
            for (index, share, suspicion) in wishes() {
                slots[index].reserved += share
                quarantine.took(share, suspicion)
                claims.append(QueueClaim(queue: slots[index].queue, limit: share, suspicion: suspicion))
                asked.append((index, slots[index].calls))
            }
        }
        // Until the exchange is done these slots count as held.
        for outcome in told { slots[outcome.slot].held += 1 }
        guard !told.isEmpty || !claims.isEmpty else { return nil }
        underWay += 1
        begunExchanges += 1
        return AckAndClaim(
            request: ExchangeRequest(
                worker: worker, acknowledgements: told.map(\.acknowledgement), claims: claims),
            outcomes: told, asked: asked)
    }

    /// For how many jobs of which queues to ask, and under which suspicion.
    private mutating func wishes() -> [(slot: Int, share: Int, suspicion: JobSuspicion)] {
        let isIdle = running.isEmpty && slots.allSatisfy { $0.reserved == 0 }
        if let queue = quarantine.lastChance(isIdle: isIdle), let index = places[queue] {
            return [(index, 1, .lastChance)]
        }
        guard quarantine.admitsOthers else { return [] }
        var wishes: [(slot: Int, share: Int, suspicion: JobSuspicion)] = []
        var free = quarantine.free
        // They come off what the queue has room for.
        for queue in quarantine.suspected.sorted() where free > 0 {
            guard let index = places[queue] else { continue }
            let room = min(free, slots[index].capacity - slots[index].held - slots[index].reserved)
            guard room > 0 else { continue }
            wishes.append((index, room, .suspected))
            slots[index].reserved += room
            free -= room
        }
        let others = shares()
        for wish in wishes { slots[wish.slot].reserved -= wish.share }
        return wishes + others.map { ($0.slot, $0.share, .clear) }
    }

    /// For how many jobs of which queues to ask: a batch at most.
    ///
    /// Each queue gets one job and a share of the rest by its capacity; what a queue has no room for goes to the others. With more
    /// queues than jobs in a batch, those that come away empty are first the next time.
    private mutating func shares() -> [(slot: Int, share: Int)] {
        let free = slots.map { $0.mayHaveJobs ? max(0, $0.capacity + ahead($0) - $0.held - $0.reserved) : 0 }
        let asking = slots.indices.map { ($0 + firstSlot) % slots.count }.filter { free[$0] > 0 }
        let capacity = asking.reduce(0) { $0 + slots[$1].capacity }
        var shares = asking.prefix(batch).map { (slot: $0, share: 1) }
        if asking.count > batch { firstSlot = asking[batch] }
        var room = batch - shares.count
        func give(_ place: Int, _ most: Int) {
            let more = min(room, most, free[shares[place].slot] - shares[place].share)
            shares[place].share += more
            room -= more
        }
        let rest = room
        for place in shares.indices { give(place, rest * slots[shares[place].slot].capacity / capacity) }
        for place in shares.indices { give(place, room) }
        return shares
    }

    /// How many jobs to claim beyond the slots: as many as start within the time they may be held.
    private func ahead(_ slot: Slots) -> Int {
        guard case .adaptive(let maxHold) = prefetch, let mean = slot.meanRun else { return 0 }
        return Int(min(Double(batch), Double(slot.capacity) * maxHold.inSeconds / max(mean, 1e-6)))
    }

    /// An exchange came back. Returns the jobs to start; none once the worker has another registration.
    mutating func exchanged(_ exchange: AckAndClaim, _ reply: ExchangeReply, now: Duration = .zero) -> [Claimed] {
        underWay -= 1
        for outcome in exchange.outcomes { slots[outcome.slot].held -= 1 }
        // For each queue and suspicion.
        let kinds = JobSuspicion.allCases.count
        var received = Array(repeating: 0, count: slots.count * kinds)
        var starting: [Claimed] = []
        if worker == exchange.request.worker {
            starting.reserveCapacity(reply.claimed.count)
            var index = exchange.asked.first?.slot ?? 0
            for job in reply.claimed {
                // Jobs come queue by queue.
                if slots[index].queue != job.queue { index = places[job.queue] ?? index }
                received[index * kinds + job.suspicion.rawValue] += 1
                if let claimed = receive(job, slot: index, worker: exchange.request.worker, now: now) {
                    starting.append(claimed)
                }
            }
        }
        for (claim, asked) in zip(exchange.request.claims, exchange.asked) {
            slots[asked.slot].reserved -= claim.limit
            let suspicion = claim.suspicion ?? .clear
            quarantine.gaveBack(claim.limit, suspicion)
            guard received[asked.slot * kinds + suspicion.rawValue] < claim.limit else { continue }
            quarantine.cameShort(claim.queue, suspicion)
            if suspicion == .clear, slots[asked.slot].calls == asked.calls { slots[asked.slot].mayHaveJobs = false }
        }
        return starting
    }

    /// Takes in a claimed job. Returns it where it starts now.
    private mutating func receive(_ job: ClaimedJob, slot index: Int, worker: WorkerID, now: Duration) -> Claimed? {
        slots[index].held += 1
        let isFree = slots[index].active < slots[index].capacity
        let place = running.insert(
            Running(
                reference: job.reference, slot: index, worker: worker, claimedAt: now, suspicion: job.suspicion,
                isStarted: isFree))
        quarantine.took(1, job.suspicion)
        let claimed = Claimed(job: job, place: place)
        if isFree {
            slots[index].active += 1
            return claimed
        }
        if phase == .running {
            slots[index].waiting.append(claimed)
        } else {
            _ = ended(job.reference, at: place, .returned)
        }
        return nil
    }

    // MARK: Jobs claimed ahead

    /// The next job of a queue whose slots are not all busy.
    mutating func next(of queue: String) -> Claimed? {
        guard prefetch != .none, phase == .running, let index = places[queue],
            slots[index].active < slots[index].capacity
        else { return nil }
        while let claimed = slots[index].waiting.popFirst() {
            guard var run = running[claimed.place], run.reference == claimed.job.reference, !run.isStarted else {
                continue
            }
            run.isStarted = true
            running[claimed.place] = run
            slots[index].active += 1
            return claimed
        }
        return nil
    }

    /// Gives back what has waited since before a moment, or all that waits. Returns whether there was any.
    @discardableResult
    mutating func returnWaiting(claimedBefore moment: Duration? = nil) -> Bool {
        guard prefetch != .none else { return false }
        let stale = running.occupied.filter { _, run in
            !run.isStarted && moment.map { run.claimedAt < $0 } ?? true
        }
        for (place, run) in stale { _ = ended(run.reference, at: place, .returned) }
        return !stale.isEmpty
    }

    /// Someone wants a job cancelled that waits. Returns whether one did.
    mutating func cancelWaiting(_ id: JobID) -> Bool {
        guard let (place, run) = running.occupied.first(where: { $1.reference.id == id && !$1.isStarted }) else {
            return false
        }
        return ended(run.reference, at: place, .cancelled(reason: ""))
    }

    /// An exchange failed: nobody knows whether it took effect. Outcomes are told again.
    mutating func exchangeFailed(_ exchange: AckAndClaim) {
        underWay -= 1
        for (claim, asked) in zip(exchange.request.claims, exchange.asked) {
            slots[asked.slot].reserved -= claim.limit
            quarantine.gaveBack(claim.limit, claim.suspicion ?? .clear)
        }
        guard worker == exchange.request.worker else {
            for outcome in exchange.outcomes { slots[outcome.slot].held -= 1 }
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
        let held = running.occupied.map(\.element).filter { $0.worker == worker }.map(\.reference)
        return (worker, held + outcomes.filter { $0.worker == worker }.map(\.acknowledgement.reference))
    }

    /// The store has been asked. Returns the runs that are no longer ours, to be cancelled.
    mutating func reconciled(lost: [RunReference]) -> [RunReference] {
        needsReconciling = false
        markMayHaveJobs(nil)
        let lost = Set(lost)
        for outcome in outcomes where lost.contains(outcome.acknowledgement.reference) {
            slots[outcome.slot].held -= 1
        }
        outcomes.removeAll { lost.contains($0.acknowledgement.reference) }
        return forget { lost.contains($0.reference) }
    }

    // MARK: Runs

    /// A run has ended, with nothing to tell where it is no longer ours. Returns `false` where nothing will be told.
    mutating func ended(
        _ reference: RunReference, at place: Int, _ outcome: JobOutcome?, after time: Duration? = nil
    ) -> Bool {
        // The place may be another run's by now.
        guard let run = running[place], run.reference == reference else { return false }
        leave(run, at: place)
        if run.isStarted {
            completedRuns += 1
            slots[run.slot].active -= 1
            if prefetch != .none, let time = time?.inSeconds {
                let mean = slots[run.slot].meanRun ?? time
                slots[run.slot].meanRun = mean + (time - mean) / 8
            }
        }
        slots[run.slot].mayHaveJobs = true
        guard let outcome, run.worker == worker else {
            slots[run.slot].held -= 1
            return false
        }
        outcomes.append(
            Outcome(acknowledgement: Acknowledgement(reference, outcome), slot: run.slot, worker: run.worker))
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
        for outcome in outcomes { slots[outcome.slot].held -= 1 }
        outcomes = []
    }

    /// Whether it pays to let a few more runs end before the next exchange.
    var isFilling: Bool { outcomes.count < batch && !running.isEmpty }

    /// Nothing runs and nothing is left to tell.
    var isDone: Bool { phase > .running && running.isEmpty && outcomes.isEmpty && underWay == 0 }
}
