import JobQueue

extension JobStoreConformance {
    static let randomised: [Case] = (1...3).map { seed in
        Case("a random course of events goes by the rules (seed \(seed))") { probe in
            var course = RandomCourse(seed: UInt64(seed), probe: probe)
            try await course.run(steps: 250)
        }
    }
}

/// A seeded course of events, told to a store and to one `JobLifecycle` a job, which must agree after each.
struct RandomCourse {
    private struct Held {
        var job: ClaimedJob
        var worker: WorkerID
    }

    let probe: StoreProbe
    private var random: SplitMix
    private var model: [JobID: JobLifecycle] = [:]
    private var order: [JobID] = []
    private var held: [Held] = []
    private var workers: [WorkerID] = []

    init(seed: UInt64, probe: StoreProbe) {
        self.probe = probe
        random = SplitMix(state: seed)
    }

    mutating func run(steps: Int) async throws {
        for _ in 0..<3 { workers.append(try await probe.worker()) }
        for step in 0..<steps {
            let name = try await self.step()
            if step.isMultiple(of: 10) || step == steps - 1 { try await compare(after: "step \(step), \(name)") }
        }
    }

    private mutating func step() async throws -> String {
        switch random.next(below: 12) {
        case 0...2: return try await enqueue()
        case 3...5: return try await claim()
        case 6...8: return try await end()
        case 9: return try await cancel()
        case 10: return try await retry()
        default: return random.next(below: 3) == 0 ? try await lose() : try await endLate()
        }
    }

    private mutating func enqueue() async throws -> String {
        let delayed = random.next(below: 4) == 0
        let job = sample {
            $0.priority = JobPriority(rawValue: random.next(below: 10))
            if delayed { $0.start = .after(.seconds(3600)) }
        }
        try await probe.enqueue(job)
        model[job.id] = JobLifecycle(isDelayed: delayed, maxRescues: job.maxRescues)
        order.append(job.id)
        return "enqueue"
    }

    private mutating func claim() async throws -> String {
        let worker = workers[random.next(below: workers.count)]
        for job in try await probe.claim(worker, 1 + random.next(below: 3)) {
            try probe.expect(model[job.id]?.claim() == true, "\(job.id) was not ready: \(model[job.id] as Any)")
            try probe.expectEqual(job.run, model[job.id]?.run ?? 0, "run")
            try probe.expectEqual(job.attempt, model[job.id]?.attempt ?? 0, "attempt")
            held.append(Held(job: job, worker: worker))
        }
        return "claim"
    }

    private mutating func outcome() -> JobOutcome {
        switch random.next(below: 7) {
        case 0, 1: .completed(result: [1])
        case 2: .retry(after: .seconds(3600), error: "e")
        case 3: .snoozed(.seconds(3600))
        case 4: .dead(error: "d")
        case 5: .discarded(reason: "x")
        default: .returned
        }
    }

    private mutating func end() async throws -> String {
        guard !held.isEmpty else { return "nothing to end" }
        let run = held.remove(at: random.next(below: held.count))
        let outcome = outcome()
        let accepted = try await probe.end(run.job, run.worker, outcome)
        let wanted = model[run.job.id]?.finish(run: run.job.run, outcome) ?? false
        try probe.expectEqual(accepted, wanted, "\(outcome.name) accepted")
        return outcome.name
    }

    /// An outcome of a run that is over, or never was.
    private mutating func endLate() async throws -> String {
        guard let id = order.randomElement(using: &random), let known = model[id] else { return "nothing" }
        let reference = RunReference(id: id, run: known.run - 1)
        let reply = try await probe.store.exchange(
            ExchangeRequest(worker: workers[0], acknowledgements: [Acknowledgement(reference, outcome())]))
        try probe.expectEqual(reply.rejected, [reference], "a late outcome is refused")
        return "late outcome"
    }

    private mutating func cancel() async throws -> String {
        guard let id = order.randomElement(using: &random) else { return "nothing" }
        let done = try await probe.store.cancel(id)
        try probe.expectEqual(done, model[id]?.cancel() ?? false, "cancelled")
        return "cancel"
    }

    private mutating func retry() async throws -> String {
        guard let id = order.randomElement(using: &random) else { return "nothing" }
        let done = try await probe.store.retry(id)
        try probe.expectEqual(done, model[id]?.retryByHand() ?? false, "retried")
        return "retry"
    }

    private mutating func lose() async throws -> String {
        let index = random.next(below: workers.count)
        let lost = workers[index]
        try await probe.store.unregister(lost)
        workers[index] = try await probe.worker()
        try await probe.maintain()
        for run in held where run.worker == lost { model[run.job.id]?.rescue() }
        return "lost worker"
    }

    private func compare(after what: String) async throws {
        for (id, wanted) in model {
            let found = try await probe.record(id)
            let line = "\(found.state) \(found.attempt) \(found.run) \(found.rescues) \(found.cancelRequested)"
            let rule = "\(wanted.state) \(wanted.attempt) \(wanted.run) \(wanted.rescues) \(wanted.cancelRequested)"
            try probe.expectEqual(line, rule, "state, attempt, run, rescues, wish of \(id) after \(what)")
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, good enough for tests.
public struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    /// A generator that always tells the same numbers for a seed.
    public init(state: UInt64) { self.state = state }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 up to, and without, a bound.
    public mutating func next(below bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}
