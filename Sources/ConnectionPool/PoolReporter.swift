import VitalsSupport

/// Tells an observer what happened in a pool, in order and one event at a time, on a thread that lives while there is
/// something to tell, and a moment longer. Nothing waits for it: an observer that does not return costs the events that come meanwhile.
final class PoolReporter: Sendable {
    /// More events than this do not wait for an observer.
    static let capacity = 1_024

    private struct State {
        var events: [PoolEvent] = []
        var isTelling = false
        /// Whether there is a thread, which may wait for more.
        var hasThread = false
        /// Whether that thread sleeps until there is more.
        var isParked = false
        var lost: UInt64 = 0
    }

    private let observer: any PoolObserver
    private let whenIdle: @Sendable () -> Void
    private let start: (@Sendable (@escaping @Sendable () -> Void) -> Bool)?
    private let state = PoolLock(State())
    private let parker = Parker()

    /// - Parameters:
    ///   - start: Has the body run elsewhere; `false` when that is not possible now. `nil` for a thread.
    ///   - whenIdle: Called each time when all has been told.
    init(
        _ observer: any PoolObserver,
        start: (@Sendable (@escaping @Sendable () -> Void) -> Bool)?,
        whenIdle: @escaping @Sendable () -> Void
    ) {
        self.observer = observer
        self.start = start
        self.whenIdle = whenIdle
    }

    /// Whether all has been told.
    var isIdle: Bool { state.withLock { !$0.isTelling && $0.events.isEmpty } }

    /// Events that were not told, because too many waited for the observer.
    var lost: UInt64 { state.withLock { $0.lost } }

    func tell(_ event: PoolEvent) {
        if note(event) { begin() }
    }

    /// Puts an event in line, also while the pool's lock is held. When it returns `true`, ``begin()`` is to be called soon.
    func note(_ event: PoolEvent) -> Bool {
        let (begins, wakes) = state.withLock { state in
            if state.events.count < Self.capacity { state.events.append(event) } else { state.lost += 1 }
            defer { (state.hasThread, state.isParked) = (true, false) }
            return (!state.hasThread, state.isParked)
        }
        if wakes { parker.wake() }
        return begins
    }

    /// Sets about telling.
    func begin() {
        // Without a thread the next event tries again.
        let isThere =
            if let start {
                start { self.tellAll() }
            } else {
                NamedThread.start("pool-observer") { repeat { self.tellAll() } while self.waits() } == 0
            }
        if !isThere { state.withLock { $0.hasThread = false } }
    }

    private func tellAll() {
        while true {
            let events = state.withLock { state in
                defer { state.events = [] }
                state.isTelling = !state.events.isEmpty
                if !state.isTelling, start != nil { state.hasThread = false }
                return state.events
            }
            if events.isEmpty { return whenIdle() }
            for event in events { observer.pool(did: event) }
        }
    }

    /// Waits for a moment whether there is more to tell: a burst of events does not start and end a thread for each.
    private func waits() -> Bool {
        parker.prepare()
        let isEmpty = state.withLock { state in
            state.isParked = state.events.isEmpty
            return state.isParked
        }
        guard isEmpty else { return true }
        parker.park(nanoseconds: 20_000_000)
        return state.withLock { state in
            state.isParked = false
            state.hasThread = !state.events.isEmpty
            return state.hasThread
        }
    }
}
