import ConnectionPool

/// What must be true of a pool, told from what it has been asked, what it has asked of its backend, and what it reports.
// One thread runs everything.
final class Oracle: PoolObserver, @unchecked Sendable {
    weak var pool: SimulatedPool?
    var callers: [Caller] = []
    var leases = 0
    var returned = 0
    private var events = Events()
    /// Calls that the pool went on without.
    var abandoned: Int { events.abandoned }
    /// No connection may be opened beyond this; shrinks with the limit as fast as connections go.
    private var allowance = 0
    /// Since which job nothing may be lent; `nil` while it may.
    private var closedSince: Int?
    private(set) var isShutdown = false
    /// From when on connections may be closed in use.
    private var forcedFrom = UInt64.max
    /// Since when housekeeping runs without a break.
    var housekeepingSince = UInt64.max
    /// Waits of operators, each with the moment at which it must be over.
    private(set) var waits: [OperatorWait] = []

    private struct Events {
        var connected = 0
        var connectFailed = 0
        var lastFailure: UInt64 = 0
        var closed = 0
        var acquired = 0
        var released = 0
        var timedOut = 0
        var shed = 0
        var leaks: [Int] = []
        var leaksReturned = 0
        var abandoned = 0
        var abandonedConnects = 0
    }

    private var outcomes: [String: Int] = [:]

    // MARK: Told by the pool

    func pool(did event: PoolEvent) {
        world.note("observed: \(event)", 30)
        switch event {
        case .connected: events.connected += 1
        case .connectFailed:
            events.connectFailed += 1
            events.lastFailure = world.time
        case .closed: events.closed += 1
        case .acquired: events.acquired += 1
        case .released: events.released += 1
        case .timedOut: events.timedOut += 1
        case .shed: events.shed += 1
        case .suspectedLeak(let held, let site):
            events.leaks.append(Int(site.description.split(separator: ":").last ?? "") ?? 0)
            if let threshold = world.plan.configuration.leakThreshold, held < threshold {
                world.fail("a leak is reported after \(held)")
            }
        case .leakReturned: events.leaksReturned += 1
        case .abandoned(let call, _):
            events.abandoned += 1
            if call == .connect {
                events.abandonedConnects += 1
                events.lastFailure = world.time
            }
        }
        world.interrupt()
    }

    // MARK: Told by the operators

    func start(_ pool: SimulatedPool) {
        self.pool = pool
        allowance = world.plan.configuration.size + world.plan.configuration.maxOverflow
    }

    func suspended() {
        closedSince = closedSince ?? world.jobCount
    }

    func resumed() {
        if !isShutdown { closedSince = nil }
    }

    func resizes(to limit: Int) {
        allowance = max(allowance, limit)
    }

    func shutDown(drain: UInt64) { forcedFrom = min(forcedFrom, world.time + drain) }

    func isShutDown() {
        isShutdown = true
        closedSince = closedSince ?? world.jobCount
    }

    func began(_ wait: OperatorWait) { waits.append(wait) }

    func ended(_ wait: OperatorWait) {
        waits.removeAll { $0 === wait }
        if world.time > wait.end, isPunctual {
            world.fail("\(wait.kind) ended \(world.time - wait.end) ns late")
        }
    }

    // MARK: Told by the scheduler

    func enqueued(_ job: UInt) { waiting(job)?.woke() }

    func ran(_ job: UInt) { waiting(job)?.ran() }

    private func waiting(_ job: UInt) -> Caller? { callers.first { $0.isWaiting && $0.id == job } }

    /// Why a caller should not be served now, by the outermost job.
    func objection(to caller: Caller) -> String? {
        if let closedSince, closedSince < world.outerJob {
            return isShutdown ? "the pool is shut down" : "the pool is suspended"
        }
        if case .shed = world.plan.configuration.overload { return nil }
        let earlier = callers.first {
            $0 !== caller && $0.isWaiting && $0.parkedSince > 0 && $0.parkedSince < world.outerJob
                && $0.rank < caller.rank
        }
        return earlier.map { "caller \($0.number) came before and waits" }
    }

    // MARK: Leases

    /// Whether whatever is due at a moment happens at that moment.
    private var isPunctual: Bool { world.plan.lag == 0 }

    private var isForced: Bool { world.time >= forcedFrom }

    func checkLease(of connection: SimulatedConnection, to caller: Caller, atOnce: Bool) {
        var name: String { "connection \(connection.number), lent to caller \(caller.number)," }
        if connection.borrower != 0 { world.fail("\(name) is in use by caller \(connection.borrower)") }
        if connection.closings > 0, !isForced { world.fail("\(name) is closed") }
        if isChecked(connection), !isForced { world.fail("\(name) is being checked") }
        if connection.isDirty, !isForced { world.fail("\(name) is dirty") }
        if connection.evictedAt < world.time, !isForced, isPunctual { world.fail("\(name) was evicted") }
        let age = Duration.nanoseconds(world.time - connection.madeAt)
        // The coarse clock lags.
        if age > world.plan.configuration.maxLifetime + .milliseconds(4), !isForced, isPunctual {
            world.fail("\(name) is \(age) old")
        }
        switch world.plan.configuration.validation {
        case .always:
            if atOnce { world.fail("\(name) was not checked, but validation is .always") }
            if connection.provedAt < caller.arrived { world.fail("\(name) has not shown that it works") }
        case .whenIdle(let limit):
            let age = Duration.nanoseconds(world.time - connection.seenAt)
            if age > limit + .milliseconds(4), connection.provedAt < caller.arrived, isPunctual {
                world.fail("\(name) rested for \(age), and nobody looked at it")
            }
        case .never: break
        }
    }

    func checkFailure(_ error: any Error, of caller: Caller) {
        guard let error = error as? PoolError else {
            if !(error is CancellationError) || !caller.isCancelled {
                world.fail("caller \(caller.number) gets \(error)")
            }
            return
        }
        outcomes[error.code.rawValue, default: 0] += 1
        let isLate = world.time >= caller.deadline
        let isRight =
            switch error.code {
            case .timeout: isLate
            case .connectFailed: error.underlying != nil
            case .overloaded: world.plan.configuration.overload != .queue
            case .shutdown: forcedFrom < .max
            case .nestedAcquire: caller.closures > 0
            case .invalidConfiguration: false
            }
        if !isRight { world.fail("caller \(caller.number) gets without a reason: \(error)") }
    }

    func checkLeakReport(heldSince since: UInt64, by caller: Caller) {
        guard let threshold = world.plan.configuration.leakThreshold, housekeepingSince <= since, !isForced, isPunctual,
            world.time - since > UInt64(threshold / .nanoseconds(1)) + 255_000_000,
            !events.leaks.contains(caller.number)
        else { return }
        world.fail("caller \(caller.number) held for \((world.time - since) / 1_000_000) ms, and no leak is reported")
    }

    // MARK: Connections

    private func isChecked(_ connection: SimulatedConnection) -> Bool {
        world.backend.calls.contains { $0.connection === connection && !$0.isCancelled }
    }

    /// Nobody uses a connection with which a call of the backend begins.
    func checkFree(_ connection: SimulatedConnection, for kind: PoolCall) {
        if kind == .close, isForced { return }
        var name: String { "\(kind) of connection \(connection.number)" }
        if connection.borrower != 0 { world.fail("\(name), which caller \(connection.borrower) uses") }
        if isChecked(connection) { world.fail("\(name), with which another call is under way") }
        if kind != .close, connection.closings > 0, !isForced { world.fail("\(name), which is closed") }
    }

    /// Called as a connection attempt begins.
    func checkLimit() {
        guard let pool else { return }
        let statistics = world.uninterrupted { pool.statistics }
        let open = world.backend.open + world.backend.calls.count { $0.kind == .connect }
        let counted = open - statistics.stuckCalls
        if counted > allowance {
            world.fail("\(open) connections, \(statistics.stuckCalls) of them stuck, are more than \(allowance)")
        }
    }

    // MARK: At rest

    /// Checks everything that must be true when nothing is ready to run.
    func checkAtRest() {
        for caller in callers where caller.isWaiting {
            if caller.deadline <= world.time { world.fail("caller \(caller.number) waits beyond its deadline") }
            if caller.isCancelled { world.fail("caller \(caller.number) is cancelled and waits") }
        }
        guard let pool else { return }
        let statistics = pool.statistics
        checkCounts(statistics)
        checkProgress(statistics)
    }

    private func checkCounts(_ now: PoolStatistics) {
        func equal(_ a: Int, _ b: Int, _ what: String) {
            if a != b { world.fail("\(what): \(a) is not \(b) in \(now)") }
        }
        let backend = world.backend
        let made = backend.connections.count
        let live = now.total + now.connecting + now.closing
        allowance = max(now.limit, min(allowance, live))
        if live > allowance { world.fail("\(live) connections are more than \(allowance)") }
        if now.idle > now.size { world.fail("\(now.idle) idle connections are more than \(now.size)") }
        let held = callers.reduce(0) { $0 + $1.held.count { $0.closings == 0 } }
        equal(now.inUse, held, "connections in use and held")
        equal(now.waiting, callers.count { $0.isWaiting }, "callers that wait")
        equal(
            now.connecting + now.checking + now.closing + now.stuckCalls, backend.calls.count, "calls under way")
        equal(Int(now.created) - Int(now.closed), now.total, "created less closed, and present")
        equal(Int(now.leases), leases, "leases")
        equal(Int(now.useTimes.count), returned, "use times and returns")
        equal(Int(now.createTimes.count), Int(now.created), "creation times and connections")
        equal(Int(now.timeouts), events.timedOut, "timeouts and their events")
        equal(Int(now.shed), events.shed, "refusals and their events")
        equal(Int(now.shed), outcomes["overloaded", default: 0], "refusals and callers that got one")
        equal(Int(now.abandonedCalls), events.abandoned, "abandoned calls and their events")
        equal(Int(now.leaks), events.leaks.count, "leaks and their events")
        let (late, failed) = (outcomes["timeout", default: 0], outcomes["connectFailed", default: 0])
        if Int(now.timeouts) < late || Int(now.timeouts) > late + failed {
            world.fail("\(now.timeouts) timeouts, but \(late) callers got one and \(failed) a failure to connect")
        }
        if Int(now.connectFailures) < events.connectFailed
            || Int(now.connectFailures) > backend.connectThrows + events.abandonedConnects
        {
            world.fail("\(now.connectFailures) failures to connect, but \(events.connectFailed) were observed")
        }
        if world.plan.configuration.echo {
            equal(events.acquired, leases, "acquired events and leases")
            equal(events.released, returned, "released events and returns")
        }
        equal(events.connected, Int(now.created), "connected events and connections")
        // What a stuck call holds is counted when it returns.
        guard now.stuckCalls == 0 else { return }
        equal(now.total + now.closing, backend.open, "open connections")
        equal(Int(now.created + now.closings[.late, default: 0]), made, "created or late, and made")
        let closings = now.closings.reduce(0) { $0 + Int($1.value) }
        equal(closings - now.closing, events.closed, "closings and their events")
    }

    private func checkProgress(_ now: PoolStatistics) {
        for wait in waits {
            let isOver =
                switch wait.kind {
                case .drain: now.total + now.connecting + now.closing + now.stuckCalls == 0
                case .suspension:
                    now.isSuspended && now.inUse + now.connecting + now.checking + now.closing == 0 || isShutdown
                case .warmUp: now.connecting + now.closing == 0
                }
            if isOver { world.fail("\(wait.kind) goes on, but its condition is met in \(now)") }
            // The ten seconds of a shutdown begin when its drain is over, which may be late.
            let isBound = isPunctual || wait.kind != .drain
            if wait.end <= world.time, isBound { world.fail("\(wait.kind) goes on beyond its limit") }
            if wait.isCancelled { world.fail("\(wait.kind) is cancelled and goes on") }
        }
        if forcedFrom < .max, now.waiting + now.idle > 0 { world.fail("it is shut down, and there are \(now)") }
        if isForced, now.inUse > 0 { world.fail("the drain is over, and there are \(now)") }
        guard now.waiting > 0, !now.isSuspended, forcedFrom == .max else { return }
        let ends = callers.filter { !$0.held.isEmpty && $0.isWaiting }.map(\.deadline)
        // One that gives up in less than half the time in which the last does is waited for.
        let isCircle = (ends.min() ?? 0) >= world.time + ((ends.max() ?? 0) - min(world.time, ends.max() ?? 0)) / 2
        if now.inUse >= now.limit, isCircle,
            callers.allSatisfy({ $0.held.isEmpty || $0.isWaiting && $0.held.count == $0.closures })
        {
            world.fail("all that hold connections wait for another")
        }
        let configuration = world.plan.configuration
        // Calls that the waiters may count on: those that do not take suspiciously long.
        let prospects = world.backend.calls.count { call in
            let age = Duration.nanoseconds(world.time - call.began)
            return switch call.kind {
            case .connect: age < min(.seconds(1), configuration.connectTimeout)
            case .validate: age < min(.milliseconds(200), configuration.checkTimeout)
            case .reset, .close: false
            }
        }
        let checks = world.backend.calls.count { $0.kind == .validate }
        if now.idle > 0, now.waiting > checks {
            world.fail("\(now.waiting) wait beside \(now.idle) idle connections")
        }
        let cap = UInt64(configuration.backoffCap / .nanoseconds(1))
        if prospects == 0, now.total + now.connecting + now.closing < now.limit,
            world.time > events.lastFailure + cap
        {
            world.fail("\(now.waiting) wait, there is room, and no connection is made")
        }
    }

    /// Checks what must be true when everything is over.
    func checkEnd() {
        for caller in callers {
            if caller.isWaiting { world.fail("caller \(caller.number) waits for ever") }
            if !caller.held.isEmpty { world.fail("caller \(caller.number) never returns its connection") }
        }
        if let wait = waits.first { world.fail("\(wait.kind) never ends") }
        if let call = world.backend.calls.first { world.fail("a call of \(call.kind) never ends") }
        for connection in world.backend.connections where !connection.isClosed {
            world.fail("connection \(connection.number) is never closed")
        }
        if events.closed != world.backend.connections.count {
            world.fail("\(events.closed) closed events for \(world.backend.connections.count) connections")
        }
        // A caller that sleeps for longer than the threshold after it was served may be served once more instead.
        if events.leaksReturned > events.leaks.count || events.leaksReturned < events.leaks.count && isPunctual {
            world.fail("\(events.leaks.count) leaks were suspected, \(events.leaksReturned) returned")
        }
        if world.sleeping > 0 { world.fail("\(world.sleeping) tasks sleep for ever") }
        if pool != nil { world.fail("the pool is never freed") }
    }
}

/// An operator that waits for the pool.
// One thread runs everything.
final class OperatorWait: @unchecked Sendable {
    enum Kind { case drain, suspension, warmUp }

    let kind: Kind
    /// When it must be over.
    var end = UInt64.max
    var isCancelled = false

    init(_ kind: Kind) { self.kind = kind }
}
