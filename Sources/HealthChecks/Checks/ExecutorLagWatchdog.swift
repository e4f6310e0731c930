#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Measures, from a thread of its own, how long a task waits before the cooperative pool runs it.
///
/// Blocking calls on the pool's threads stall every task of the process, the health checks among them: only a thread
/// outside the pool can tell. Every interval it hands the pool one empty task; while that has not run, the lag grows.
///
/// ```swift
/// let watchdog = ExecutorLagWatchdog()
/// health.add(watchdog.check())
/// watchdog.start(reportingTo: health)
/// ```
public final class ExecutorLagWatchdog: Sendable {
    struct State {
        var isRunning = false
        var sent: ContinuousClock.Instant?
        var last = Duration.zero
        var worst = Duration.zero
    }

    private let state = HealthLock(State())
    private let interval: Duration
    private let degradedAbove: Duration
    private let unhealthyAbove: Duration
    /// The name of the check.
    public let name: String

    /// A watchdog that does not run yet.
    /// - Parameters:
    ///   - interval: How often it looks.
    ///   - degradedAbove: The lag above which the check is degraded.
    ///   - unhealthyAbove: The lag above which the process counts as stuck.
    public init(
        name: String = "executor_lag", interval: Duration = .milliseconds(500),
        degradedAbove: Duration = .milliseconds(500), unhealthyAbove: Duration = .seconds(10)
    ) {
        self.name = name
        self.interval = interval
        self.degradedAbove = degradedAbove
        self.unhealthyAbove = unhealthyAbove
    }

    /// The lag measured last, or the age of the task that has not run, whichever is longer.
    public var lag: Duration {
        state.withLock { state in max(state.last, state.sent.map { ContinuousClock.now - $0 } ?? .zero) }
    }

    /// The longest lag so far.
    public var worst: Duration { state.withLock { max($0.worst, $0.last) } }

    /// The liveness check: critical, for a process whose pool is stuck answers nobody.
    public func check(criticality: HealthCheck.Criticality = .critical) -> HealthCheck {
        HealthCheck(
            name: name, kind: .live, criticality: criticality, interval: .seconds(1), tags: ["system"]
        ) { [self] in result }
    }

    /// What the lag comes to.
    var result: HealthResult {
        let lag = lag
        let status = HealthBounds(
            degradedAbove: degradedAbove.inSeconds, unhealthyAbove: unhealthyAbove.inSeconds
        ).status(of: lag.inSeconds)
        return HealthResult(
            status, status == .healthy ? nil : "tasks wait for a thread; something blocks the cooperative pool",
            details: [.init("lag_seconds", lag.inSeconds), .init("worst_seconds", max(worst, lag).inSeconds)])
    }

    /// Starts the thread; without effect while it runs. It ends soon after ``stop()`` or when the watchdog is gone.
    /// - Parameter health: Is told from the watchdog's thread while the pool is stuck, when no check can run.
    public func start(reportingTo health: HealthRegistry? = nil) {
        let starts = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard starts else { return }
        let body = ThreadBody { [weak self, weak health, interval] in
            while let watchdog = self, watchdog.turn(health) { pause(interval) }
        }
        let context = Unmanaged.passRetained(body).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let code = pthread_create(&thread, nil, runThread, context)
        guard code == 0 else {
            Unmanaged<ThreadBody>.fromOpaque(context).release()
            state.withLock { $0.isRunning = false }
            return
        }
        #if canImport(Darwin)
            if let thread { pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
    }

    /// Ends the thread after its current pause.
    public func stop() { state.withLock { $0.isRunning = false } }

    /// One look; whether another follows.
    private func turn(_ health: HealthRegistry?) -> Bool {
        let now = ContinuousClock.now
        let (runs, sends) = state.withLock { state in
            let sends = state.sent == nil
            if sends { state.sent = now }
            return (state.isRunning, sends)
        }
        guard runs else { return false }
        if sends {
            Task.detached(priority: .medium) { [weak self] in self?.arrived() }
        } else if result.status != .healthy {
            health?.record(result, for: name)
        }
        return true
    }

    private func arrived() {
        let now = ContinuousClock.now
        state.withLock { state in
            guard let sent = state.sent else { return }
            state.last = now - sent
            state.worst = max(state.worst, state.last)
            state.sent = nil
        }
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

#if canImport(Darwin)
    private func runThread(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }
#else
    private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
#endif

private func pause(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec()
    time.tv_sec = .init(seconds)
    time.tv_nsec = .init(attoseconds / 1_000_000_000)
    nanosleep(&time, nil)
}
