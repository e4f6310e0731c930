/// A pool of connections: lends them first come, first served, and keeps them healthy.
///
/// ```swift
/// let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 8))
/// let answer = try await pool.withConnection { connection in
///     try await connection.query("SELECT 1")
/// }
/// await pool.shutdown()
/// ```
///
/// It works from the moment it is made. A pool that is let go without ``shutdown(drain:)`` closes its connections by
/// itself, which cannot be awaited. ``run()`` adds housekeeping: connections that grew old or are idle are
/// replaced or closed, dead ones are noticed and leaks are reported.
public final class Pool<Backend: ConnectionBackend>: Sendable {
    /// What makes and checks the connections.
    public let backend: Backend
    let observer: (any PoolObserver)?
    /// Whether the observer receives leases and returns. Asked first: to look for the observer itself takes 20 ns.
    let echoes: Bool
    /// Receives all other events.
    let reporter: PoolReporter?
    let core: PoolCore
    /// The core's.
    let table: SlotTable
    private let isSystemClock: Bool
    let checksAlways: Bool
    /// An idle connection is looked at before it is lent when it rested for longer than this.
    let restLimit: UInt64
    let timeout: UInt64
    /// As the pool was made with.
    let minimumIdle: Int
    let currentTask = CurrentTask.shared

    /// Makes a pool; no connection is opened yet.
    /// - Parameters:
    ///   - backend: Makes, checks and closes the connections.
    ///   - configuration: How the pool behaves.
    ///   - observer: Receives the pool's events.
    ///   - clock: Where the time comes from.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code/invalidConfiguration``.
    public convenience init(
        backend: Backend, configuration: PoolConfiguration = PoolConfiguration(), observer: (any PoolObserver)? = nil,
        clock: any PoolClock = SystemPoolClock()
    ) throws(PoolError) {
        try self.init(
            backend: backend, configuration: configuration, observer: observer, clock: clock,
            jitter: { .random(in: 0...1) })
    }

    /// - Parameters:
    ///   - jitter: Draws a number from 0 to 1, for pauses and lifetimes. Called while the pool's lock is held.
    ///   - tell: Runs what tells the observer; on a thread by default.
    package init(
        backend: Backend, configuration: PoolConfiguration, observer: (any PoolObserver)?, clock: any PoolClock,
        jitter: @escaping @Sendable () -> Double,
        tell: (@Sendable (@escaping @Sendable () -> Void) -> Bool)? = nil
    ) throws(PoolError) {
        try configuration.validate()
        self.backend = backend
        self.observer = observer
        echoes = configuration.echo && observer != nil
        checksAlways = configuration.validation == .always
        restLimit = if case .whenIdle(let limit) = configuration.validation { limit.wholeNanoseconds } else { .max }
        timeout = configuration.timeout.wholeNanoseconds
        minimumIdle = configuration.minimumIdle
        let core = PoolCore(configuration: configuration, clock: clock, jitter: jitter)
        self.core = core
        table = core.table
        reporter = observer.map { observer in
            PoolReporter(observer, start: tell) {
                for drain in core.state.withLock({ $0.takeDrains() }) { drain.bring(true) }
            }
        }
        isSystemClock = clock is SystemPoolClock
    }

    /// No lease, waiter or call of the backend is left: what it still has is idle.
    deinit {
        core.state.withLock { $0.timer }?.cancel()
        for object in table.takeConnections() {
            let connection = unsafeDowncast(object, to: Backend.Connection.self)
            Task.detached { [backend, reporter] in
                await backend.close(connection)
                reporter?.tell(.closed(reason: .shutdown))
            }
        }
    }

    @inline(__always)
    func coarseNow() -> UInt64 { isSystemClock ? MonotonicTime.coarseNow() : core.clock.coarseNow() }

    /// The settings in force.
    public var configuration: PoolConfiguration { core.state.withLock { $0.configuration } }

    /// Lends a connection for the time of a closure. An error that the closure throws decides, by the backend's
    /// ``ConnectionBackend/disposition(of:)``, whether the connection is kept.
    /// - Parameters:
    ///   - timeout: How long to wait for a connection; the configured time by default.
    ///   - priority: Among those that wait: 1 is as good as having come a second earlier. From -3,600 to 3,600.
    ///   - file: Where it is borrowed, for reports of leaks.
    ///   - line: Where it is borrowed.
    ///   - body: Uses the connection, which must not leave it.
    /// - Throws: ``PoolError``, `CancellationError`, and what the closure throws.
    @inlinable
    nonisolated(nonsending) public func withConnection<Result>(
        timeout: Duration? = nil, priority: Int = 0,
        file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (Backend.Connection) async throws -> Result
    ) async throws -> Result {
        let lease = try await acquire(
            timeout: timeout, priority: priority, file: file, line: line)
        let connection = lease.connection
        do {
            return try await marked(lease.mark) { try await body(connection) }
        } catch {
            settle(lease, after: error)
            throw error
        }
    }

    /// Runs a closure that uses a connection; see ``LoanMarks``.
    @inlinable
    nonisolated(nonsending) func marked<Result>(
        _ mark: LoanMark, _ body: nonisolated(nonsending) () async throws -> Result
    ) async rethrows -> Result {
        try await loanMark.withValue(mark) {
            begin(mark)
            defer { end(mark) }
            return try await body()
        }
    }

    @usableFromInline
    var loanMark: TaskLocal<LoanMark> { core.marks.local }
    @usableFromInline
    func begin(_ mark: LoanMark) { core.marks.begin(mark, in: table) }
    @usableFromInline
    func end(_ mark: LoanMark) { core.marks.end(mark, in: table) }
}
