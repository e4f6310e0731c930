import ConnectionPoolTestKit
import Foundation
import TestServers
import Testing

@testable import ConnectionPool

/// Ten servers of ten milliseconds each, in virtual time: a thousand callers a second are the capacity.
@Suite struct OverloadTests {
    struct Outcome {
        var offered = 0
        var answered: [UInt64] = []
        var refused: [UInt64] = []
        var timedOut = 0

        func quantile(_ share: Double, of waits: [UInt64]) -> Double {
            waits.isEmpty ? 0 : Double(waits.sorted()[min(waits.count - 1, Int(share * Double(waits.count)))]) / 1e6
        }
    }

    /// Callers with a second of patience come at random moments for so many seconds.
    private func simulate(
        _ overload: PoolOverload, load: Double, seconds: Double, seed: UInt64, patience: UInt64 = 1_000_000_000,
        priority: (Int) -> Int = { _ in 0 }
    ) -> Outcome {
        let slots = 10
        let service: Double = 10_000_000
        var machine = PoolStateMachine<Int>(
            rules: PoolRules(PoolConfiguration(size: slots, maxOverflow: 0, overload: overload)))
        var random = SplitMix64(seed: seed)
        func exponential(_ mean: Double) -> UInt64 {
            let share = (Double(random.next() >> 11) + 1) / 0x1p53
            return UInt64(-mean * log(share))
        }
        var now: UInt64 = 1_000_000_000
        let end = now + UInt64(seconds * 1e9)
        var outcome = Outcome()
        var arrivals: [Int: UInt64] = [:]
        var busy: [(until: UInt64, slot: Int)] = []
        var nextArrival = now
        func perform() {
            while !machine.actions.isEmpty {
                let actions = machine.actions
                machine.actions = ShortList()
                for action in actions.array {
                    switch action {
                    case .lend(let waiter, let slot, _):
                        let waited = now - (arrivals.removeValue(forKey: waiter) ?? now)
                        outcome.answered.append(waited)
                        busy.append((now + exponential(service), slot))
                    case .shed(let waiter, let waited, _):
                        arrivals[waiter] = nil
                        outcome.refused.append(waited)
                    case .fail(let waiter, _):
                        arrivals[waiter] = nil
                        outcome.timedOut += 1
                    case .connect(let slot): machine.connected(slot, took: 0, jitter: 0, now: now)
                    case .close(let slot, _): machine.closed(slot, now: now)
                    case .check, .reset, .reportLeak, .quiet: break
                    }
                }
            }
        }
        while true {
            let back = busy.indices.min { busy[$0].until < busy[$1].until }
            let next = min(nextArrival, back.map { busy[$0].until } ?? .max, machine.deadline(now: now))
            guard next < end else { break }
            now = max(now, next)
            if let back, busy[back].until <= now {
                machine.released(busy.remove(at: back).slot, .clean, now: now)
            } else if nextArrival <= now {
                let waiter = outcome.offered
                outcome.offered += 1
                nextArrival = now + exponential(service / Double(slots) / load)
                if !machine.isSlow, let slot = machine.idle.popFirst() {
                    outcome.answered.append(0)
                    busy.append((now + exponential(service), slot))
                } else {
                    arrivals[waiter] = now
                    let id = machine.wait(
                        waiter, priority: priority(waiter), arrived: now, deadline: now + patience, now: now)
                    if id == nil {
                        arrivals[waiter] = nil
                        outcome.refused.append(0)
                    }
                }
            } else {
                _ = machine.timeReached(jitter: 0.5, now: now)
            }
            perform()
        }
        return outcome
    }

    @Test(arguments: [0.5, 0.9], 1...3) func `below the capacity nobody is refused, or nearly nobody`(
        load: Double, seed: Int
    ) {
        let outcome = simulate(.shed, load: load, seconds: 30, seed: UInt64(seed))
        #expect(outcome.refused.count + outcome.timedOut <= outcome.offered / (load < 0.8 ? .max : 200))
    }

    @Test(arguments: [1.2, 2, 4], 1...2)
    func `above it the work goes on at full capacity, for callers who wait for little`(load: Double, seed: Int) {
        let seconds = 8.0
        let outcome = simulate(.shed, load: load, seconds: seconds, seed: UInt64(seed))
        let goodput = Double(outcome.answered.count) / seconds
        let p99 = outcome.quantile(0.99, of: outcome.answered)
        #expect(goodput >= 900, "\(load): \(goodput)")
        #expect(p99 <= 250, "\(load): \(p99) ms")
        #expect(outcome.timedOut == 0)
        // Whoever is refused is told soon.
        #expect(outcome.quantile(1, of: outcome.refused) <= 400)
        let queue = simulate(.queue, load: load, seconds: seconds, seed: UInt64(seed))
        let queueP99 = queue.quantile(0.99, of: queue.answered)
        print(
            "overload \(load)x seed \(seed): shed \(Int(goodput))/s p99 \(Int(p99)) ms; queue "
                + "\(Int(Double(queue.answered.count) / seconds))/s p99 \(Int(queueP99)) ms")
        #expect(p99 < queueP99 / 2)
    }

    @Test func `an overload ends with its cause`() {
        var control = OverloadControl(.shed(target: .milliseconds(20), interval: .milliseconds(100)))!
        var now: UInt64 = 1_000_000_000
        control.look(earliest: now, now: now)
        for _ in 0..<20 {
            now += 10_000_000
            control.served(waited: 50_000_000, isLast: false, now: now)
            control.look(earliest: now - 60_000_000, now: now)
        }
        #expect(control.isOverloaded)
        #expect(control.limit(arrived: now) == now + 100_000_000)
        now += 10_000_000
        control.served(waited: 1, isLast: true, now: now)
        #expect(!control.isOverloaded && control.limit(arrived: now) == .max)
    }

    @Test func `the more urgent are served first, also from the end of the line`() {
        var outcome = Outcome()
        var served: [Int: Int] = [:]
        for urgent in [true, false] {
            outcome = simulate(.shed, load: 3, seconds: 20, seed: 5) { urgent && $0 % 10 == 0 ? 10 : 0 }
            served[urgent ? 1 : 0] = outcome.answered.count
        }
        #expect(served[1]! > served[0]! * 9 / 10)
    }

    @Test func `a caller that cannot be served in time is told at once`() throws {
        var machine = PoolStateMachine<Int>(
            rules: PoolRules(
                PoolConfiguration(
                    size: 1, maxOverflow: 0, overload: .shed(target: .seconds(50), interval: .seconds(100)))))
        var now: UInt64 = 1_000_000_000
        func wait(_ waiter: Int, patience: UInt64) -> WaiterID? {
            machine.wait(waiter, priority: 0, arrived: now, deadline: now + patience, now: now)
        }
        for waiter in 0..<60 { #expect(wait(waiter, patience: 1_000_000_000_000) != nil) }
        machine.connected(0, took: 0, jitter: 0, now: now)
        // Nothing is known of the pace yet.
        #expect(wait(60, patience: 1) != nil)
        for _ in 0..<30 {
            now += 10_000_000
            machine.released(0, .clean, now: now)
        }
        // Thirty wait, and one comes free every 10 ms.
        #expect(machine.waiters.count == 30)
        #expect(wait(61, patience: 200_000_000) == nil)
        #expect(wait(62, patience: 400_000_000) != nil)
        let retry = try #require(machine.overload).retryAfter(waiting: machine.waiters.count)
        #expect(retry == 30_000_000_000)
    }

    @Test func `the error of a refused caller says how long, how many and when to come again`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, overload: .shed))
        let lease = try await bench.pool.acquire()
        let waiters = (0..<3).map { number in
            Task { try await bench.pool.withConnection(priority: number / 2) { _ in } }
        }
        try await eventually("they wait") { bench.pool.statistics.waiting == 3 }
        for _ in 0..<4 {
            await bench.clock.waitForSleepers(1)
            bench.clock.advance(by: .milliseconds(60))
        }
        for waiter in waiters {
            let error = await #expect(throws: PoolError.self) { try await waiter.value }
            #expect(error?.code == .overloaded)
            #expect(error?.message.hasPrefix("refused after ") == true)
            #expect(error?.retryAfter == .milliseconds(100))
        }
        #expect(bench.pool.statistics.shed == 3 && bench.pool.statistics.timeouts == 0)
        #expect(bench.pool.statistics.shedByPriority == [0: 2, 1: 1])
        try await eventually("the observer is told") {
            bench.events.all.count { if case .shed(_, 1, _) = $0 { true } else { false } } == 1
        }
        #expect(!bench.pool.statistics.isOverloaded)
        lease.release()
        try await bench.pool.withConnection { _ in }
        await bench.shutDownAndCheck()
    }
}
