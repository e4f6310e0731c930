import TestServers
import Testing

@testable import ConnectionPool

/// The machine against a model that knows only who holds what: each slot is in one place, each waiter ends once.
private struct Model {
    var machine: PoolStateMachine<Int>
    var random: SplitMix64
    var now: UInt64 = 1_000_000_000
    var leased: [Int] = []
    var connecting: [Int] = []
    var checking: [Int] = []
    var resetting: [Int] = []
    var closing: [Int] = []
    var waiting: [Int: WaiterID] = [:]
    var order: [Int] = []
    var nextWaiter = 0
    var served = 0
    var refused = 0
    var cancelled = 0
    var abandoned = 0
    var lastKind: UInt64 = 0
    var largestLimit: Int
    var problem: String?

    init(seed: UInt64, checksAlways: Bool, sheds: Bool) {
        var configuration = PoolConfiguration(size: 4, maxOverflow: 3, minimumIdle: 2)
        configuration.maxLifetime = .seconds(20)
        configuration.idleTimeout = .seconds(5)
        configuration.keepAlive = .seconds(3)
        configuration.leakThreshold = .seconds(10)
        configuration.connectTimeout = .seconds(2)
        configuration.checkTimeout = .seconds(1)
        if checksAlways { configuration.validation = .always }
        if sheds { configuration.overload = .shed }
        machine = PoolStateMachine(rules: PoolRules(configuration))
        random = SplitMix64(seed: seed)
        largestLimit = machine.rules.limit
    }

    static func take(_ list: inout [Int], _ random: inout SplitMix64) -> Int? {
        list.isEmpty ? nil : list.remove(at: Int(random.next() % UInt64(list.count)))
    }

    mutating func step() {
        now += random.next() % 50_000_000
        let kind = random.next() % 43
        lastKind = kind
        switch kind {
        case 0..<6:
            if !machine.isSlow, let slot = machine.idle.popFirst() { leased.append(slot) }
        case 6..<14:
            if let slot = Self.take(&leased, &random) {
                let state: ConnectionReturnState = [.clean, .clean, .clean, .needsReset, .broken][
                    Int(random.next() % 5)]
                machine.released(slot, state, now: now)
            }
        case 14..<21:
            wait()
        case 21:
            if let waiter = waiting.keys.min(), let id = waiting[waiter] {
                if machine.cancel(id) != waiter { problem = "a waiter could not be cancelled" }
                waiting[waiter] = nil
                cancelled += 1
            }
        case 22..<27:
            if let slot = Self.take(&connecting, &random) {
                machine.connected(slot, took: 1_000_000, jitter: Double(random.next() % 100) / 100, now: now)
            }
        case 27:
            if let slot = Self.take(&connecting, &random) { _ = machine.connectFailed(slot, jitter: 0.5, now: now) }
        case 28..<30:
            if let slot = Self.take(&checking, &random) {
                machine.checked(slot, works: random.next() % 8 != 0, now: now)
            }
        case 30:
            if let slot = Self.take(&resetting, &random) {
                machine.checked(slot, works: random.next() % 8 != 0, now: now)
            }
        case 31..<34:
            if let slot = Self.take(&closing, &random) { machine.closed(slot, now: now) }
        case 34:
            _ = machine.timeReached(jitter: 0.5, now: now)
            let limit = now - min(now, 1_000_000_000)
            if machine.slots.contains(where: { $0.begun > 0 && $0.state != .connecting && $0.begun <= limit }) {
                problem = "a call is waited for beyond its limit"
            }
        case 35:
            let started = now
            machine.tick(
                now: now, idleSince: { _ in started - min(started, 2_000_000_000) }, leasedSince: { _ in started })
        case 36:
            if random.next() % 8 == 0 { machine.evictAll(now: now) }
        case 37:
            if random.next() % 4 == 0 { machine.suspend() } else { machine.resume(now: now) }
        case 38:
            if random.next() % 8 == 0 {
                let size = 1 + Int(random.next() % 6)
                machine.resize(size: size, maxOverflow: Int(random.next() % 4), minimumIdle: min(2, size), now: now)
                largestLimit = max(largestLimit, machine.rules.limit)
            }
        case 39:
            if !machine.isSlow, let slot = machine.idle.popFirst() { machine.retire(slot, .broken, now: now) }
        case 40:
            if let slot = machine.idle.descending.first, machine.takeToLookAt(slot, now: now) {
                machine.checked(slot, works: random.next() % 8 != 0, bySight: true, now: now)
            }
        default:
            // A caller that took a connection of which nobody can tell by sight whether it works.
            guard !machine.isSlow, !machine.rules.checksAlways, let slot = machine.idle.popFirst() else { break }
            wait(found: slot)
        }
        perform()
        check()
    }

    mutating func wait(found: Int? = nil) {
        let waiter = nextWaiter
        nextWaiter += 1
        order.append(waiter)
        waiting[waiter] = machine.wait(
            waiter, priority: 0, arrived: now, deadline: now + random.next() % 3_000_000_000, found: found, now: now)
        if waiting[waiter] == nil { refused += 1 }
    }

    /// Calls that the machine has given up may return later, and are no slot's any more.
    mutating func forget() {
        for (slot, _) in machine.forgotten {
            let before = connecting.count + checking.count + resetting.count + closing.count
            connecting.removeAll { $0 == slot }
            checking.removeAll { $0 == slot }
            resetting.removeAll { $0 == slot }
            closing.removeAll { $0 == slot }
            abandoned += 1
            if before != connecting.count + checking.count + resetting.count + closing.count + 1 {
                problem = "slot \(slot) had no call to give up"
            }
        }
        machine.forgotten = []
    }

    mutating func perform() {
        forget()
        let actions = machine.actions
        machine.actions = ShortList()
        for action in actions.array {
            switch action {
            case .lend(let waiter, let slot, let isProved):
                if machine.rules.checksAlways, !isProved { problem = "slot \(slot) is lent unproved" }
                if slot >= machine.rules.limit { problem = "slot \(slot) is lent beyond the limit" }
                if waiting.removeValue(forKey: waiter) == nil { problem = "\(waiter) was served and did not wait" }
                if leased.contains(slot) { problem = "slot \(slot) is lent twice" }
                if machine.overload == nil, let earlier = waiting.keys.min(), earlier < waiter {
                    problem = "\(waiter) overtook \(earlier)"
                }
                leased.append(slot)
                served += 1
            case .shed(let waiter, let waited, _):
                if machine.overload == nil { problem = "\(waiter) was refused without an overload" }
                if waited < 100_000_000 { problem = "\(waiter) was refused after \(waited) ns" }
                if waiting.removeValue(forKey: waiter) == nil { problem = "\(waiter) was refused and did not wait" }
                refused += 1
            case .fail(let waiter, _):
                if waiting.removeValue(forKey: waiter) == nil { problem = "\(waiter) was refused and did not wait" }
                refused += 1
            case .connect(let slot): begin(slot, \.connecting)
            case .check(let slot): begin(slot, \.checking)
            case .reset(let slot): begin(slot, \.resetting)
            case .close(let slot, _): begin(slot, \.closing)
            case .reportLeak, .quiet: break
            }
        }
    }

    private mutating func begin(_ slot: Int, _ list: WritableKeyPath<Model, [Int]>) {
        self[keyPath: list].append(slot)
        machine.began(slot, now: now)
    }

    mutating func check() {
        let busy = leased + connecting + checking + resetting + closing
        if Set(busy).count != busy.count { problem = "a slot is in two places" }
        if busy.contains(where: machine.idle.contains) { problem = "a busy slot is idle" }
        if busy.count + machine.idle.count != machine.occupied { problem = "a connection is lost" }
        if machine.occupied > largestLimit { problem = "more connections than the limit" }
        if machine.waiters.count != waiting.count { problem = "a waiter is lost" }
        // Where connections must prove themselves first, each that waits has one that does.
        if !machine.isSuspended, !machine.idle.isEmpty, waiting.count > checking.count - machine.slowChecks {
            problem = "somebody waits beside an idle connection after \(lastKind)"
        }
        if machine.count(.connecting) != connecting.count || machine.count(.closing) != closing.count {
            problem = "the tally is wrong"
        }
    }

    /// Everything that is under way ends well, and what is lent comes back, until nobody waits.
    mutating func settle() {
        machine.resume(now: now)
        for _ in 0..<10_000 where !waiting.isEmpty {
            now += 20_000_000
            perform()
            if let slot = connecting.popLast() {
                machine.connected(slot, took: 0, jitter: 0, now: now)
            } else if let slot = checking.popLast() ?? resetting.popLast() {
                machine.checked(slot, works: true, now: now)
            } else if let slot = closing.popLast() {
                machine.closed(slot, now: now)
            } else if let slot = leased.popLast() {
                machine.released(slot, .clean, now: now)
            } else {
                machine.resume(now: now)
            }
            perform()
            check()
        }
    }
}

@Suite struct RandomStepsTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `fifty thousand random steps lose no waiter and no connection`(seed: UInt64) {
        var model = Model(seed: seed, checksAlways: seed % 4 == 0, sheds: seed % 3 == 0)
        for step in 0..<50_000 {
            model.step()
            if let problem = model.problem {
                Issue.record("seed \(seed), step \(step): \(problem)")
                return
            }
        }
        model.settle()
        #expect(model.problem == nil)
        #expect(model.waiting.isEmpty)
        #expect(model.served + model.refused + model.cancelled == model.nextWaiter)
        #expect(model.served > 1_000)
        #expect(model.abandoned > 100)
        model.machine.shutdown(now: model.now)
        model.perform()
        for slot in model.leased + model.closing + model.connecting + model.checking + model.resetting {
            switch model.machine.slots[slot].state {
            case .ready: model.machine.released(slot, .clean, now: model.now)
            case .connecting: model.machine.connected(slot, took: 0, jitter: 0, now: model.now)
            case .checking, .resetting: model.machine.checked(slot, works: true, now: model.now)
            default: break
            }
        }
        for slot in model.machine.slots.indices where model.machine.slots[slot].state == .closing {
            model.machine.closed(slot, now: model.now)
        }
        #expect(model.machine.occupied == 0)
    }
}
