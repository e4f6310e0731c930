import ConnectionPool

/// What is drawn once for a schedule.
struct Plan {
    var configuration = PoolConfiguration()
    /// One reading of the clock in so many lets other threads run; 0 for none.
    var interruptions = 0
    /// Before one job in so many the time moves on although jobs are ready, as on a busy machine; 0 for never.
    var lag = 0
    /// One call of the backend in so many does not succeed at once; 0 for none.
    var faults = 0
    /// Whether the backend cannot know without a round trip that a peer has hung up.
    var isBlind = false
    var runsHousekeeping = false
    var callers = 1
    var operators = 0
    /// How long callers and operators are at work, in milliseconds.
    var length = 100
    var ending = Ending.shutdown
    /// Whether hung calls return before the end rather than after it.
    var letsGoFirst = true
    var checksRecovery = false

    enum Ending: Int, CaseIterable {
        /// The director shuts the pool down.
        case shutdown
        /// The pool is let go without a shutdown.
        case drop
        /// The task of `run()` is cancelled.
        case stopRunning
    }

    init(_ random: inout SplitMix64) {
        func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() % UInt64(bound)) }
        func pick<Value>(_ values: Value...) -> Value { values[below(values.count)] }
        let size = pick(1, 1, 2, 2, 3, 4)
        configuration.size = size
        configuration.maxOverflow = pick(0, 0, 1, 2)
        configuration.minimumIdle = pick(0, 0, 1, size)
        configuration.timeout = .milliseconds(10 * (1 + below(60)))
        configuration.maxLifetime = pick(.seconds(1), .seconds(1), .seconds(3600))
        configuration.idleTimeout = pick(.milliseconds(10), .milliseconds(100), .seconds(600))
        configuration.keepAlive = pick(nil, .seconds(1))
        configuration.validation = pick(
            .always, .never, .whenIdle(longerThan: .zero), .whenIdle(longerThan: .milliseconds(10)),
            .whenIdle(longerThan: .milliseconds(50)))
        configuration.leakThreshold = pick(nil, .milliseconds(30), .milliseconds(100))
        configuration.echo = pick(true, false)
        configuration.overload = pick(
            .queue, .queue, .queue, .shed(target: .milliseconds(10), interval: .milliseconds(30)))
        configuration.connectTimeout = pick(.milliseconds(50), .milliseconds(200), .milliseconds(1_300))
        configuration.checkTimeout = pick(.milliseconds(30), .milliseconds(100), .milliseconds(400))
        configuration.backoffBase = .milliseconds(10)
        configuration.backoffCap = pick(.milliseconds(20), .milliseconds(100))
        interruptions = pick(0, 3, 8, 30)
        lag = pick(0, 0, 0, 0, 20, 5)
        faults = pick(0, 2, 4, 4, 12)
        isBlind = pick(true, false)
        runsHousekeeping = pick(true, false)
        callers = 1 + below(6)
        operators = below(4)
        length = pick(50, 100, 200, 400, 1_200)
        ending = pick(.shutdown, .shutdown, .drop, .stopRunning)
        if ending == .drop { runsHousekeeping = false }
        if ending == .stopRunning { runsHousekeeping = true }
        letsGoFirst = pick(true, true, false)
        checksRecovery = pick(true, false)
    }
}
