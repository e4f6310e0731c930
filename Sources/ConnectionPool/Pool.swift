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
/// It works from the moment it is made. ``run()`` adds housekeeping: connections that grew old or lie idle are
/// replaced or closed, dead ones are noticed and leaks are reported.
public final class Pool<Backend: ConnectionBackend>: Sendable {
    typealias Connection = Backend.Connection
    typealias Waiting = CheckedContinuation<Result<(slot: Int, Connection), any Error>, Never>

    /// What makes and checks the connections.
    public let backend: Backend
    let observer: (any PoolObserver)?
    let state: PoolLock<Guarded>

    struct Guarded {
        var machine: PoolStateMachine<Backend.Connection>
        var continuations: [UInt64: Waiting] = [:]
        var deadlines: [UInt64: ContinuousClock.Instant] = [:]
        var nextWaiter: UInt64 = 0
        var timer: (task: Task<Void, Never>, fires: ContinuousClock.Instant)?
        var working = 0
        var idleWatchers: [CheckedContinuation<Void, Never>] = []
    }

    /// Makes a pool; no connection is opened yet.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code/invalidConfiguration``.
    public init(
        backend: Backend, configuration: PoolConfiguration = PoolConfiguration(), observer: (any PoolObserver)? = nil
    ) throws(PoolError) {
        try configuration.validate()
        self.backend = backend
        self.observer = observer
        state = PoolLock(Guarded(machine: PoolStateMachine(configuration: configuration)))
    }

    /// The pool at this moment.
    public var statistics: PoolStatistics { state.withLock { $0.machine.statistics() } }

    /// The settings in force.
    public var configuration: PoolConfiguration { state.withLock { $0.machine.configuration } }

    /// Lends a connection for the time of a closure. An error that the closure throws decides, by the backend's
    /// ``ConnectionBackend/disposition(of:)``, whether the connection is kept.
    /// - Throws: ``PoolError``, `CancellationError`, and what the closure throws.
    public func withConnection<Result>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: (Backend.Connection) async throws -> Result
    ) async throws -> Result {
        let lease = try await acquire(timeout: timeout, priority: priority, file: file, line: line)
        do {
            return try await body(lease.connection)
        } catch {
            switch backend.disposition(of: error) {
            case .keep: lease.release()
            case .evict: lease.discard()
            case .evictAll:
                lease.discard()
                evictAll()
            }
            throw error
        }
    }

    /// Lends a connection until the lease ends.
    /// - Parameters:
    ///   - timeout: How long to wait; the configured time by default.
    ///   - priority: Among those that wait: 1 is as good as having come a second earlier.
    /// - Throws: ``PoolError``, or `CancellationError` when the waiting task is cancelled.
    public func acquire(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> Lease<Backend> {
        let site = AcquisitionSite(file: file, line: line)
        let start = ContinuousClock.now
        while true {
            let (slot, connection) = try await grant(site: site, timeout: timeout, priority: priority, start: start)
            guard let slot else { continue }
            if configuration.echo { observer?.pool(did: .acquired(waited: .now - start, site: site)) }
            return Lease(connection: connection, pool: self, slot: slot)
        }
    }

    /// Lends a connection when one is free at this moment and needs no check; `nil` otherwise.
    public func tryAcquire(file: StaticString = #fileID, line: UInt = #line) -> Lease<Backend>? {
        let grant = state.withLock {
            $0.machine.acquire(nil, site: AcquisitionSite(file: file, line: line), priority: 0, now: .now)
        }
        switch grant {
        case .lend(let slot, let connection):
            return Lease(connection: connection, pool: self, slot: slot)
        case .check(let slot, let connection):
            if backend.isOpen(connection), configuration.validation != .always {
                perform(state.withLock { $0.machine.checked(slot, lends: true, works: true, now: .now) })
                return Lease(connection: connection, pool: self, slot: slot)
            }
            perform(state.withLock { $0.machine.checked(slot, lends: true, works: false, now: .now) })
            return nil
        case .wait, .refuse:
            return nil
        }
    }

    /// Opens the persistent connections before they are needed.
    /// - Throws: The first connection attempt's error.
    public func warmUp(_ count: Int? = nil) async throws {
        let target = min(count ?? configuration.size, configuration.size)
        while statistics.total < target {
            let slots = state.withLock { state in
                state.machine.reserve(target - state.machine.slots.count, now: .now)
            }
            if slots.isEmpty { return }
            for slot in slots { try await connect(slot) }
        }
    }

    /// Closes idle connections now and lent ones when they come back; new ones take their place. For a failover.
    public func evictAll() { perform(state.withLock { $0.machine.evictAll(now: .now) }) }

    /// Lends nothing until ``resume()``; callers wait.
    public func suspend() { state.withLock { $0.machine.isSuspended = true } }

    /// Ends ``suspend()``.
    public func resume() {
        perform(
            state.withLock { state in
                state.machine.isSuspended = false
                return state.machine.lendIdle(now: .now)
            })
    }

    /// Changes the number of connections while the pool is in use.
    public func resize(size: Int, maxOverflow: Int) throws(PoolError) {
        var changed = configuration
        changed.size = size
        changed.maxOverflow = maxOverflow
        changed.minimumIdle = min(changed.minimumIdle, size)
        try changed.validate()
        let wanted = changed
        perform(
            state.withLock { state in
                state.machine.configuration = wanted
                return state.machine.shrink() + state.machine.regrow(now: .now)
            })
    }
}
