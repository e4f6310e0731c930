#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
        var lost: UInt64 = 0
    }

    private let observer: any PoolObserver
    private let whenIdle: @Sendable () -> Void
    private let start: (@Sendable (@escaping @Sendable () -> Void) -> Bool)?
    private let state = PoolLock(State())

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
        state.withLock { state in
            if state.events.count < Self.capacity { state.events.append(event) } else { state.lost += 1 }
            defer { state.hasThread = true }
            return !state.hasThread
        }
    }

    /// Sets about telling.
    func begin() {
        // Without a thread the next event tries again.
        let isThere =
            start.map { $0 { self.tellAll() } } ?? Self.startThread { repeat { self.tellAll() } while self.waits() }
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

    /// Waits for a moment whether there is more to tell: threads are not made and ended for each event of a burst.
    private func waits() -> Bool {
        for _ in 0..<50 {
            usleep(4_000)
            if state.withLock({ !$0.events.isEmpty }) { return true }
        }
        return state.withLock { state in
            state.hasThread = !state.events.isEmpty
            return state.hasThread
        }
    }

    /// Runs the body on a thread that ends with it.
    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let argument = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                #if canImport(Darwin)
                    let pointer: UnsafeMutableRawPointer? = argument
                #else
                    let pointer = argument
                #endif
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        if code != 0 { argument.release() }
        return code == 0
    }
}
