public import ConnectionPool

/// What a scripted call does.
public enum ScriptedStep: Sendable {
    case succeed
    case fail(ScriptedFailure)
    /// Waits until the gate is opened, or until its task is cancelled, which makes it fail.
    case hang(Gate)
    /// Waits until the gate is opened, and takes no notice of cancellation.
    case stick(Gate)
    /// Takes so long by the backend's clock.
    case slow(Duration)
}

/// The error of a scripted failure.
public struct ScriptedFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why.
    public let reason: String
    /// Whether ``ScriptedBackend/isPermanent(_:)`` says that it recurs.
    public let isPermanent: Bool

    /// A failure for a reason.
    public init(_ reason: String = "scripted", isPermanent: Bool = false) {
        self.reason = reason
        self.isPermanent = isPermanent
    }

    /// The reason.
    public var description: String { reason }
}

/// A connection to nothing, which knows what was done to it.
public final class ScriptedConnection: Sendable {
    /// Counts from 1 in the order in which connections were made.
    public let number: Int
    private let state = PoolLock(State())

    private struct State {
        var isOpen = true
        var returnState = ConnectionReturnState.clean
        var closings = 0
        var users = 0
        var mostUsers = 0
        var proofs = 1
    }

    init(number: Int) { self.number = number }

    /// Whether its peer has not hung up; a test hangs up with ``hangUp()``.
    public var isOpen: Bool { state.withLock { $0.isOpen && $0.closings == 0 } }
    /// How often it was closed: never more than once.
    public var closings: Int { state.withLock { $0.closings } }
    /// How often it has shown that it works: when it was made, and by each round trip since.
    public var proofs: Int { state.withLock { $0.proofs } }
    /// The most borrowers that used it at once: never more than one.
    public var mostUsers: Int { state.withLock { $0.mostUsers } }

    /// The state in which it comes back.
    public var returnState: ConnectionReturnState {
        get { state.withLock { $0.returnState } }
        set { state.withLock { $0.returnState = newValue } }
    }

    /// Its peer closes it.
    public func hangUp() { state.withLock { $0.isOpen = false } }

    /// Uses it for the time of a body; ``mostUsers`` counts those that did so at once.
    public func use<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        beginUse()
        defer { endUse() }
        return try await body()
    }

    /// A borrower begins to use it.
    public func beginUse() {
        state.withLock { state in
            state.users += 1
            state.mostUsers = max(state.mostUsers, state.users)
        }
    }

    /// A borrower has done with it.
    public func endUse() { state.withLock { $0.users -= 1 } }

    func prove() throws {
        try state.withLock { state in
            guard state.isOpen, state.closings == 0 else { throw ScriptedFailure("peer hung up") }
            state.proofs += 1
        }
    }

    func close() { state.withLock { $0.closings += 1 } }
}

/// A door that scripted calls wait before.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var next = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var arrivals = 0
    }

    private let state = PoolLock(State())

    /// A closed door.
    public init() {}

    /// Lets in those that wait, and all that come.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }

    /// Waits until so many have come to the door.
    public func waitForArrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.arrivals >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Waits before the door; throws when the task is cancelled.
    public func pass() async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let passed = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let (verdict, watchers) = state.withLock { state -> (Bool?, [CheckedContinuation<Void, Never>]) in
                    state.arrivals += 1
                    let arrivals = state.arrivals
                    let woken = state.watchers.filter { $0.count <= arrivals }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= arrivals }
                    if state.isOpen { return (true, woken) }
                    if Task.isCancelled { return (false, woken) }
                    state.waiting[id] = continuation
                    return (nil, woken)
                }
                if let verdict { continuation.resume(returning: verdict) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: false)
        }
        if !passed { throw CancellationError() }
    }
}

/// A backend without a server, whose calls succeed, fail, hang or are slow as a test has written.
///
/// ```swift
/// let backend = ScriptedBackend()
/// backend.connects = [.fail(ScriptedFailure("no route")), .succeed]
/// let pool = try Pool(backend: backend)
/// ```
public final class ScriptedBackend: ConnectionBackend {
    private struct State {
        var connects: [ScriptedStep] = []
        var validates: [ScriptedStep] = []
        var resets: [ScriptedStep] = []
        var closes: [ScriptedStep] = []
        var always: ScriptedStep = .succeed
        var otherValidates: ScriptedStep = .succeed
        var made: [ScriptedConnection] = []
        var attempts = 0
        var underWay = 0
        var mostUnderWay = 0
        var open = 0
        var mostOpen = 0
        var isBlind = false
        var validations = 0
        var resetCount = 0
    }

    private let state = PoolLock(State())
    private let clock: any PoolClock

    /// A backend all of whose calls succeed, until a script says otherwise.
    /// - Parameter clock: What slow steps sleep on.
    public init(clock: any PoolClock = SystemPoolClock()) { self.clock = clock }

    /// What the next connection attempts do; each takes the first one out.
    public var connects: [ScriptedStep] {
        get { state.withLock { $0.connects } }
        set { state.withLock { $0.connects = newValue } }
    }
    /// What connection attempts do that ``connects`` says nothing of.
    public var otherConnects: ScriptedStep {
        get { state.withLock { $0.always } }
        set { state.withLock { $0.always = newValue } }
    }
    /// Whether it cannot know without a round trip that a peer has hung up: neither from an idle connection nor from one
    /// that comes back.
    public var isBlind: Bool {
        get { state.withLock { $0.isBlind } }
        set { state.withLock { $0.isBlind = newValue } }
    }
    /// What the next validations do.
    public var validates: [ScriptedStep] {
        get { state.withLock { $0.validates } }
        set { state.withLock { $0.validates = newValue } }
    }
    /// What validations do that ``validates`` says nothing of.
    public var otherValidates: ScriptedStep {
        get { state.withLock { $0.otherValidates } }
        set { state.withLock { $0.otherValidates = newValue } }
    }
    /// What the next resets do.
    public var resets: [ScriptedStep] {
        get { state.withLock { $0.resets } }
        set { state.withLock { $0.resets = newValue } }
    }
    /// What the next closings do.
    public var closes: [ScriptedStep] {
        get { state.withLock { $0.closes } }
        set { state.withLock { $0.closes = newValue } }
    }

    /// All connections that were made.
    public var made: [ScriptedConnection] { state.withLock { $0.made } }
    /// Connection attempts so far.
    public var attempts: Int { state.withLock { $0.attempts } }
    /// The most attempts that were under way at once.
    public var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }
    /// Connections that are open.
    public var open: Int { state.withLock { $0.open } }
    /// The most connections that were open at once.
    public var mostOpen: Int { state.withLock { $0.mostOpen } }
    /// Validations so far.
    public var validations: Int { state.withLock { $0.validations } }
    /// Resets so far.
    public var resetCount: Int { state.withLock { $0.resetCount } }

    /// Every peer hangs up.
    public func hangUpAll() { for connection in made { connection.hangUp() } }

    /// Makes a connection, as ``connects`` says.
    public func connect() async throws -> ScriptedConnection {
        let step = state.withLock { state in
            state.attempts += 1
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return state.connects.isEmpty ? state.always : state.connects.removeFirst()
        }
        defer { state.withLock { $0.underWay -= 1 } }
        try await act(step)
        return state.withLock { state in
            let connection = ScriptedConnection(number: state.made.count + 1)
            state.made.append(connection)
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
            return connection
        }
    }

    /// As ``validates`` says; a connection whose peer hung up fails.
    public func validate(_ connection: ScriptedConnection) async throws {
        try await act(
            state.withLock { state in
                state.validations += 1
                return state.validates.isEmpty ? state.otherValidates : state.validates.removeFirst()
            })
        try connection.prove()
    }

    /// Whether the peer has not hung up; `nil` when it ``isBlind``.
    public func isOpen(_ connection: ScriptedConnection) -> Bool? { isBlind ? nil : connection.isOpen }

    /// As the connection says.
    public func returnState(of connection: ScriptedConnection) -> ConnectionReturnState {
        isBlind || connection.isOpen ? connection.returnState : .broken
    }

    /// As ``resets`` says.
    public func reset(_ connection: ScriptedConnection) async throws {
        try await act(
            state.withLock { state in
                state.resetCount += 1
                return state.resets.isEmpty ? .succeed : state.resets.removeFirst()
            })
        connection.returnState = .clean
    }

    /// As ``closes`` says; a failed closing has closed all the same.
    public func close(_ connection: ScriptedConnection) async {
        let step = state.withLock { state in state.closes.isEmpty ? .succeed : state.closes.removeFirst() }
        try? await act(step)
        connection.close()
        state.withLock { $0.open -= 1 }
    }

    /// A ``ScriptedFailure`` says it itself.
    public func isPermanent(_ error: any Error) -> Bool { (error as? ScriptedFailure)?.isPermanent ?? false }

    /// A ``ScriptedFailure`` says what becomes of the connection: `"evict"`, `"evictAll"`, and all others keep it.
    public func disposition(of error: any Error) -> ConnectionDisposition {
        switch (error as? ScriptedFailure)?.reason {
        case "evict": .evict
        case "evictAll": .evictAll
        default: .keep
        }
    }

    private func act(_ step: ScriptedStep) async throws {
        switch step {
        case .succeed: return
        case .fail(let failure): throw failure
        case .hang(let gate): try await gate.pass()
        case .stick(let gate): try await Task { try await gate.pass() }.value
        case .slow(let duration):
            let parts = duration.components
            let nanoseconds = UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
            try await clock.sleep(until: clock.now() + nanoseconds)
        }
    }
}
