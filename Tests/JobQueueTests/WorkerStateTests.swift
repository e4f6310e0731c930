import JobQueueTestKit
import Testing

@testable import JobQueue

/// A worker's rules under seeded random courses of events, against a store that is a list.
@Suite struct WorkerStateTests {
    private static let capacity = ["a": 3, "b": 2]

    private struct Course {
        var random: SplitMix
        var state: WorkerState
        var exchanges: [WorkerState.AckAndClaim] = []
        var started: Set<RunReference> = []
        var running: [RunReference: Int] = [:]
        var told: Set<RunReference> = []
        var claimed = 0
        var nextRun: Int64 = 0

        init(seed: UInt64, prefetch: JobWorkerConfiguration.Prefetch) {
            random = SplitMix(state: seed)
            state = WorkerState(queues: capacity, batch: 4, prefetch: prefetch)
            state.registered(WorkerID())
        }

        mutating func start(_ jobs: [WorkerState.Claimed]) {
            for claimed in jobs {
                #expect(started.insert(claimed.job.reference).inserted, "a run starts once")
                #expect(!running.values.contains(claimed.place), "each has a place of its own")
                running[claimed.job.reference] = claimed.place
            }
        }

        mutating func step() {
            switch random.next(below: 10) {
            case 0, 1, 2:
                state.markMayHaveJobs(nil)
                if let exchange = state.nextExchange() { exchanges.append(exchange) }
            case 3, 4: answer(isLost: false)
            case 5, 6, 7: endOne()
            case 8: if random.next(below: 4) == 0 { answer(isLost: true) }
            default:
                if random.next(below: 10) == 0 {
                    let lost = state.leaseLost()
                    for reference in lost {
                        guard let place = running.removeValue(forKey: reference) else { continue }
                        _ = state.ended(reference, at: place, nil)
                    }
                    state.registered(WorkerID())
                }
            }
            if exchanges.isEmpty, state.reconciling() != nil { _ = state.reconciled(lost: []) }
            check()
        }

        mutating func answer(isLost: Bool) {
            guard !exchanges.isEmpty else { return }
            let exchange = exchanges.remove(at: random.next(below: exchanges.count))
            if isLost {
                state.exchangeFailed(exchange)
                return
            }
            for outcome in exchange.request.acknowledgements {
                #expect(told.insert(outcome.reference).inserted || state.needsReconciling, "told once")
            }
            var reply = ExchangeReply()
            for claim in exchange.request.claims {
                for _ in 0..<random.next(below: claim.limit + 1) {
                    nextRun += 1
                    reply.claimed.append(
                        ClaimedJob(
                            id: JobID(), run: nextRun, kind: "k", queue: claim.queue, payload: [], attempt: 1,
                            maxAttempts: 1, waited: .zero))
                }
            }
            claimed += reply.claimed.count
            start(state.exchanged(exchange, reply))
        }

        mutating func endOne() {
            let known = running.sorted { $0.value < $1.value }
            guard let (reference, place) = known.randomElement(using: &random) else { return }
            running[reference] = nil
            let queue = state.running[place].map { state.slots[$0.slot].queue }
            _ = state.ended(reference, at: place, .completed(result: nil), after: .milliseconds(5))
            let endsTwice = state.ended(reference, at: place, .completed(result: nil))
            #expect(!endsTwice, "a run ends once")
            while let queue, let next = state.next(of: queue) { start([next]) }
        }

        func check() {
            for (index, slot) in state.slots.enumerated() {
                let name = slot.queue
                #expect(slot.held >= 0 && slot.reserved >= 0 && slot.active >= 0, "\(name): nothing below zero")
                #expect(slot.active <= slot.capacity, "\(name): \(slot.active) run in \(slot.capacity) slots")
                // A slot whose outcome travels with a claim for it is counted twice until the answer is there.
                let told = exchanges.reduce(0) { $0 + $1.outcomes.count { $0.slot == index } }
                if state.prefetch == .none {
                    #expect(slot.held + slot.reserved - told <= slot.capacity, "\(name): more claimed than slots")
                }
            }
        }

        /// Everything ends, is told, and leaves every slot free.
        mutating func finish() {
            _ = state.advance(to: .draining)
            for _ in 0..<10_000 where !state.isDone {
                if state.needsReconciling, exchanges.isEmpty { _ = state.reconciled(lost: []) }
                endOne()
                if let exchange = state.nextExchange() { exchanges.append(exchange) }
                answer(isLost: false)
            }
            #expect(state.isDone)
            for slot in state.slots {
                #expect(slot.held == 0 && slot.reserved == 0 && slot.active == 0)
            }
        }
    }

    @Test(arguments: 0..<40)
    func `slots are never overfilled and all are free in the end, whatever happens in which order`(_ seed: Int) {
        let prefetch: JobWorkerConfiguration.Prefetch =
            seed.isMultiple(of: 2) ? .none : .adaptive(maxHold: .milliseconds(20))
        var course = Course(seed: UInt64(seed), prefetch: prefetch)
        for _ in 0..<1500 { course.step() }
        course.finish()
        #expect(course.claimed > 100)
    }

    /// Queues that always have jobs, and an exchange after the other: what each is given.
    @Test(arguments: 0..<200)
    func `a batch is shared by capacity, no queue goes without, and no room is left over`(_ seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let batch = 1 + random.next(below: 120)
        let count = 1 + random.next(below: 12)
        let queues = Dictionary(uniqueKeysWithValues: (0..<count).map { ("q\($0)", 1 + random.next(below: 900)) })
        let capacity = queues.values.reduce(0, +)
        var state = WorkerState(queues: queues, batch: batch)
        state.registered(WorkerID())
        var lastServed = queues.mapValues { _ in 0 }
        var nextRun: Int64 = 0
        for exchange in 1...60 {
            state.markMayHaveJobs(nil)
            guard let request = state.nextExchange() else {
                Issue.record("seed \(seed): nothing is asked for")
                return
            }
            let shares = Dictionary(uniqueKeysWithValues: request.request.claims.map { ($0.queue, $0.limit) })
            #expect(shares.values.reduce(0, +) == min(batch, capacity), "seed \(seed): all room is used")
            for (queue, slots) in queues {
                let share = shares[queue] ?? 0
                if count <= batch {
                    let due = 1 + (batch - count) * slots / capacity
                    #expect(share >= min(slots, due), "seed \(seed): \(queue) of \(slots) gets \(share) of \(batch)")
                }
                if share > 0 { lastServed[queue] = exchange }
                #expect(exchange - (lastServed[queue] ?? 0) <= count / batch + 1, "seed \(seed): \(queue) waits")
            }
            var reply = ExchangeReply()
            for claim in request.request.claims {
                for _ in 0..<claim.limit {
                    nextRun += 1
                    reply.claimed.append(
                        ClaimedJob(
                            id: JobID(), run: nextRun, kind: "k", queue: claim.queue, payload: [], attempt: 1,
                            maxAttempts: 1, waited: .zero))
                }
            }
            // They end at once and untold, so that all slots are free again.
            for claimed in state.exchanged(request, reply) {
                _ = state.ended(claimed.job.reference, at: claimed.place, nil)
            }
        }
    }
}
