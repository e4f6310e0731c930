import JobQueueTestKit
import Testing

@testable import JobQueue

/// Workers' rules and a store, in one thread and in an order drawn from a seed. Some jobs kill the worker they run in.
@Suite struct PoisonTests {
    private struct Run {
        var place: Int
        var isPoison: Bool
    }

    private struct Host {
        var id: WorkerID
        var state: WorkerState
        var running: [RunReference: Run] = [:]
    }

    private struct Course {
        var random: SplitMix
        let clock = ManualJobClock()
        let store: MemoryJobStore
        let poison: Set<JobID>
        let jobs: [NewJob]
        var hosts: [Host] = []
        var losses = 0
        let slots: Int

        init(seed: UInt64) {
            random = SplitMix(state: seed)
            store = MemoryJobStore(clock: clock)
            slots = 1 + random.next(below: 64)
            let maxRescues = 2 + random.next(below: 3)
            jobs = (0..<(1 + random.next(below: 64))).map { number in
                NewJob(kind: "probe", queue: number % 3 == 0 ? "a" : "b", maxRescues: maxRescues)
            }
            let count = min(jobs.count, 1 + random.next(below: 4))
            var random = random
            poison = Set(jobs.shuffled(using: &random).prefix(count).map(\.id))
        }

        mutating func start() async throws -> Host {
            let id = try await store.register(
                WorkerDescription(host: "probe", process: 1, queues: ["a", "b"]), lease: .seconds(10))
            var state = WorkerState(
                queues: ["a": slots, "b": 1 + slots / 3], batch: 1 + random.next(below: 40),
                quarantine: Quarantine(slots: slots + 1 + slots / 3, patience: .seconds(1 + random.next(below: 30))))
            state.registered(id)
            return Host(id: id, state: state)
        }

        mutating func step() async throws {
            let index = random.next(below: hosts.count)
            switch random.next(below: 8) {
            case 0, 1, 2: try await exchange(index)
            case 3, 4, 5:
                let known = hosts[index].running.sorted { $0.value.place < $1.value.place }
                guard let (reference, run) = known.randomElement(using: &random) else { return }
                if run.isPoison {
                    losses += 1
                    hosts[index] = try await start()
                } else {
                    hosts[index].running[reference] = nil
                    // Some fail once in between, which clears what is held against them.
                    let outcome: JobOutcome =
                        random.next(below: 10) == 0 ? .retry(after: .seconds(1), error: "e") : .completed(result: nil)
                    _ = hosts[index].state.ended(reference, at: run.place, outcome)
                }
            default:
                clock.advance(by: .milliseconds(500 + random.next(below: 1000)))
                for host in hosts { _ = try await store.heartbeat(host.id, lease: .seconds(10)) }
                let report = try await store.maintain(MaintenanceRequest(retention: nil))
                _ = hosts[index].state.heard(report, now: clock.monotonic())
                hosts[index].state.markMayHaveJobs(nil)
            }
        }

        mutating func exchange(_ index: Int) async throws {
            guard let exchange = hosts[index].state.nextExchange() else { return }
            let reply = try await store.exchange(exchange.request)
            for claimed in hosts[index].state.exchanged(exchange, reply) {
                hosts[index].running[claimed.job.reference] = Run(
                    place: claimed.place, isPoison: poison.contains(claimed.job.id))
            }
            let suspicions = hosts[index].state.running.occupied.map(\.element.suspicion)
            if suspicions.contains(.lastChance) { #expect(suspicions.count == 1, "alone") }
            let company = hosts[index].state.quarantine.company
            #expect(suspicions.count { $0 == .suspected } <= company, "a few at a time")
        }

        mutating func run() async throws {
            for _ in 0...random.next(below: 3) { hosts.append(try await start()) }
            _ = try await store.enqueue(jobs)
            for _ in 0..<60_000 {
                try await step()
                if try await store.jobs(JobFilter(limit: 1000)).allSatisfy(\.state.isTerminal) { return }
            }
        }
    }

    @Test(arguments: 0..<60)
    func `who kills workers is found, and no other job is given up for it`(_ seed: Int) async throws {
        var course = Course(seed: UInt64(seed))
        try await course.run()
        for record in try await course.store.jobs(JobFilter(limit: 1000)) {
            let isPoison = course.poison.contains(record.id)
            #expect(
                record.state == (isPoison ? .dead : .completed),
                "seed \(seed): \(record.state) after \(record.rescues) losses")
        }
        // As many losses as each guilty one may cause, and no more.
        let most = course.poison.count * (course.jobs.first?.maxRescues ?? 0)
        #expect(course.losses <= most, "seed \(seed): \(course.losses) losses of \(most)")
    }
}
