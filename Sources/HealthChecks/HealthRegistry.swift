#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Looks at everything again and again in the background; whoever asks reads the last result and its age.
///
/// ```swift
/// let health = HealthRegistry()
/// health.add(HealthCheck(name: "database") { try await database.ping(); return .healthy })
/// // a service of the group: try await health.run()
/// let report = health.report()
/// ```
/// A check is never looked at twice at once. A look that gives no answer in its time counts as a failure, and again at
/// each interval until it ends; nobody waits for it, and no second look begins before it has ended.
public final class HealthRegistry: Sendable {
    struct State {
        var entries: [String: HealthEntry] = [:]
        var order: [String] = []
        var snapshot = HealthSnapshot()
        var isDraining = false
        var isStarted = false
        var nextFlight: UInt64 = 0
        var changeHooks: [@Sendable (HealthTransition) -> Void] = []
        var lookHooks: [@Sendable (HealthLook) -> Void] = []

        mutating func renew(at now: ContinuousClock.Instant) {
            snapshot = HealthSnapshot(order.lazy.compactMap { [entries] in entries[$0] }, at: now)
        }
    }

    let state = HealthLock(State())
    let now: @Sendable () -> ContinuousClock.Instant
    let wall: @Sendable () -> Date
    let showsErrors: Bool

    /// A registry without checks.
    /// - Parameters:
    ///   - showsErrors: Whether a report says the text of an error that a check threw; without, it names the error's
    ///     type only, for texts may hold addresses and secrets.
    ///   - now: The time; tests bring their own.
    ///   - wall: The time of day, for reports.
    public init(
        showsErrors: Bool = false, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        wall: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.showsErrors = showsErrors
        self.wall = wall
        self.now = now
    }

    /// Adds a check, or replaces the one of its name, whose look in flight no longer counts.
    public func add(_ check: HealthCheck) {
        let now = now()
        let entry = HealthEntry(check, due: now)
        let replaced = state.withLock { state in
            let old = state.entries.updateValue(entry, forKey: check.name)
            if old == nil { state.order.append(check.name) }
            state.renew(at: now)
            return old
        }
        replaced?.flight?.waiters.forEach { $0.resume() }
    }

    /// Removes the check of a name; no effect where there is none.
    public func remove(_ name: String) {
        let now = now()
        let removed = state.withLock { state in
            state.order.removeAll { $0 == name }
            let removed = state.entries.removeValue(forKey: name)
            state.renew(at: now)
            return removed
        }
        removed?.flight?.waiters.forEach { $0.resume() }
    }

    /// Is told of every change of a check: its name, what it was and what it is.
    public func onChange(_ hook: @escaping @Sendable (String, HealthStatus, HealthStatus) -> Void) {
        onTransition { hook($0.name, $0.from, $0.to) }
    }

    /// Is told of every change of a check, outside all locks.
    public func onTransition(_ hook: @escaping @Sendable (HealthTransition) -> Void) {
        state.withLock { $0.changeHooks.append(hook) }
    }

    /// Is told of every look that ended or ran out of its time, outside all locks: what metrics are made of.
    public func onLook(_ hook: @escaping @Sendable (HealthLook) -> Void) {
        state.withLock { $0.lookHooks.append(hook) }
    }

    /// The last changes of a check, at most 32, the latest last.
    public func history(of name: String) -> [HealthTransition] {
        state.withLock { $0.entries[name]?.history ?? [] }
    }

    /// From now on the service is not ready.
    public func drain() { state.withLock { $0.isDraining = true } }

    /// Whether ``drain()`` was called.
    public var isDraining: Bool { state.withLock { $0.isDraining } }

    /// From now on the startup probe answers that the service has started, once every startup check was well.
    public func started() { state.withLock { $0.isStarted = true } }

    /// Whether ``started()`` was called and every critical startup check was well at least once.
    public var isStarted: Bool {
        state.withLock { state in
            state.isStarted
                && state.entries.values.allSatisfy {
                    $0.check.kind != .startup || $0.check.criticality != .critical || $0.wasWell
                }
        }
    }
}
