import ConnectionPoolTestKit
import TestServers
import Testing

@testable import ConnectionPool

/// Only callers are an overload: not a slow start, a slow check or a server that is away.
@Suite struct OverloadCauseTests {
    /// A pool of random size with no more callers than places, in virtual time: each borrows, works, returns and comes again.
    private struct Trial {
        private enum Event {
            case arrival(Int), connected(Int), checked(Int), returned(Int), eviction

            /// The slot whose call of the backend ends.
            var slot: Int? {
                switch self {
                case .connected(let slot), .checked(let slot): slot
                case .arrival, .returned, .eviction: nil
                }
            }
        }

        private var random: SplitMix64
        private var machine: PoolStateMachine<Int>
        private var now: UInt64 = 1_000_000_000
        private var events: [(at: UInt64, event: Event)] = []
        private var callerOf: [Int: Int] = [:]
        private let connectTime: UInt64
        private let checkTime: UInt64
        private let failureShare: UInt64
        private let patience: UInt64
        private(set) var served = 0
        private(set) var refused = 0
        private(set) var failed = 0

        /// - Parameter isAway: Whether no attempt to connect succeeds; then there are up to five callers for each place.
        init(seed: UInt64, isAway: Bool = false) {
            random = SplitMix64(seed: seed)
            let size = 1 + Int(random.next() % 20)
            var configuration = PoolConfiguration(size: size, maxOverflow: 0, overload: .shed)
            if random.next() % 3 == 0 { configuration.validation = .always }
            machine = PoolStateMachine(rules: PoolRules(configuration))
            connectTime = random.next() % 4 == 0 ? 3_000_000_000 : random.next() % 600_000_000
            checkTime = random.next() % 300_000_000
            // In percent: from a server that is always there to one that is away.
            failureShare = isAway ? 100 : [0, 0, 30, 100][Int(random.next() % 4)]
            patience = 200_000_000 + random.next() % 5_000_000_000
            for caller in 0..<(1 + Int(random.next() % UInt64(isAway ? 5 * size : size))) {
                let spread: UInt64 = random.next() % 2 == 0 ? 1 : 1_000_000_000
                at(random.next() % spread, .arrival(caller))
            }
            for _ in 0..<(random.next() % 4) { at(random.next() % 20_000_000_000, .eviction) }
        }

        private mutating func at(_ delay: UInt64, _ event: Event) { events.append((now + delay, event)) }

        mutating func run() {
            let end = now + 20_000_000_000
            while true {
                let first = events.indices.min { events[$0].at < events[$1].at }
                let next = min(first.map { events[$0].at } ?? .max, machine.deadline(now: now))
                guard next < end else { return }
                now = max(now, next)
                if let first, events[first].at <= now {
                    happen(events.remove(at: first).event)
                } else {
                    _ = machine.timeReached(jitter: 0.5, now: now)
                }
                perform()
            }
        }

        private mutating func happen(_ event: Event) {
            switch event {
            case .arrival(let caller):
                let id = machine.wait(
                    caller, priority: 0, arrived: now, deadline: now + patience, now: now)
                if id == nil { refuse(caller) }
            case .connected(let slot):
                if random.next() % 100 < failureShare {
                    _ = machine.connectFailed(slot, jitter: 0.5, isPermanent: false, now: now)
                } else {
                    machine.connected(slot, took: connectTime, jitter: 0.5, now: now)
                }
            case .checked(let slot): machine.checked(slot, works: true, now: now)
            case .returned(let slot):
                machine.released(slot, .clean, now: now)
                if let caller = callerOf.removeValue(forKey: slot) { at(random.next() % 50_000_000, .arrival(caller)) }
            case .eviction: machine.evictAll(now: now)
            }
            // Attempts that were given up for newer ones come to nothing.
            for (slot, _) in machine.forgotten {
                events.removeAll { $0.event.slot == slot }
            }
            machine.forgotten = []
        }

        private mutating func refuse(_ caller: Int) {
            refused += 1
            comeAgain(caller)
        }

        private mutating func comeAgain(_ caller: Int) {
            at(1 + random.next() % 50_000_000, .arrival(caller))
        }

        private mutating func perform() {
            while !machine.actions.isEmpty {
                let actions = machine.actions
                machine.actions = ShortList()
                for action in actions.array {
                    switch action {
                    case .lend(let caller, let slot, _):
                        served += 1
                        callerOf[slot] = caller
                        at(random.next() % 40_000_000, .returned(slot))
                    case .shed(let caller, _, _): refuse(caller)
                    case .fail(let caller, _):
                        failed += 1
                        comeAgain(caller)
                    case .connect(let slot):
                        machine.began(slot, now: now)
                        at(connectTime, .connected(slot))
                    case .check(let slot):
                        machine.began(slot, now: now)
                        at(checkTime, .checked(slot))
                    case .close(let slot, _): machine.closed(slot, now: now)
                    case .reset, .reportLeak, .quiet: break
                    }
                }
            }
        }
    }

    @Test func `callers who are not more than the places are never refused for an overload`() {
        var (served, failed) = (0, 0)
        for seed: UInt64 in 1...400 {
            var trial = Trial(seed: seed)
            trial.run()
            #expect(trial.refused == 0, "seed \(seed)")
            served += trial.served
            failed += trial.failed
        }
        print("overload: 400 pools with a place for each caller, \(served) leases, \(failed) timeouts, none refused")
        #expect(served > 100_000 && failed > 1_000)
    }

    @Test func `however many come, nobody is refused for an overload by a server that is away`() {
        var failed = 0
        for seed: UInt64 in 1...200 {
            var trial = Trial(seed: seed, isAway: true)
            trial.run()
            #expect(trial.refused == 0 && trial.served == 0, "seed \(seed)")
            failed += trial.failed
        }
        #expect(failed > 10_000)
    }

    @Test func `in an outage callers are told that the server cannot be reached, also while the line is kept short`()
        async throws
    {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, overload: .shed))
        bench.backend.otherConnects = .fail(ScriptedFailure("connection refused"))
        let callers = (0..<10).map { _ in
            Task { try await bench.pool.withConnection(timeout: .milliseconds(600)) { _ in } }
        }
        await bench.whileTimePasses {
            for caller in callers {
                let error = await #expect(throws: PoolError.self) { try await caller.value }
                #expect(error?.code == .connectFailed)
            }
        }
        #expect(bench.pool.statistics.shed == 0)
        await bench.shutDownAndCheck()
    }
}
