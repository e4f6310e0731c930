import ConnectionPool

/// An error of the simulated backend, or of a borrower.
struct SimulatedFailure: Error {
    var isPermanent = false
    var disposition = ConnectionDisposition.keep
}

/// A connection to nothing, and what has been done with it.
// One thread runs everything.
final class SimulatedConnection: @unchecked Sendable {
    let number: Int
    /// Whether its peer has not hung up.
    var isAlive = true
    var isDirty = false
    /// The caller that uses it; 0 for none.
    var borrower = 0
    var closings = 0
    var isClosed = false
    let madeAt: UInt64
    /// When all connections of its time were evicted.
    var evictedAt = UInt64.max
    /// When it last showed by a round trip that it works.
    var provedAt: UInt64
    /// When anything last showed that it works: a return, a round trip, or a look at its socket.
    var seenAt: UInt64

    init(number: Int) {
        self.number = number
        madeAt = world.time
        provedAt = world.time
        seenAt = world.time
    }
}

/// A backend each of whose calls may succeed, be slow, throw, hang, or return after it was given up.
// One thread runs everything.
final class SimulatedBackend: ConnectionBackend, @unchecked Sendable {
    private(set) var connections: [SimulatedConnection] = []
    /// Calls under way.
    private(set) var calls: [SimulatedCall] = []
    /// Calls of `connect` that threw.
    private(set) var connectThrows = 0
    /// When calls cease to fail; hung ones stay hung until ``letGo()``.
    var isFaulty = true
    private var hung: [Sleeper] = []
    private var hangs = true

    var open: Int { connections.reduce(0) { $1.isClosed ? $0 : $0 + 1 } }

    func connect() async throws -> SimulatedConnection {
        let call = begin(.connect, nil)
        defer { end(call) }
        world.oracle.checkLimit()
        do {
            try await act(call)
        } catch {
            connectThrows += 1
            throw error
        }
        let connection = SimulatedConnection(number: connections.count + 1)
        connections.append(connection)
        world.note("connection \(connection.number) is made", 10, connection.number)
        return connection
    }

    func validate(_ connection: SimulatedConnection) async throws {
        try await check(.validate, connection)
        connection.provedAt = world.time
    }

    func reset(_ connection: SimulatedConnection) async throws {
        try await check(.reset, connection)
        connection.isDirty = false
    }

    private func check(_ kind: PoolCall, _ connection: SimulatedConnection) async throws {
        world.oracle.checkFree(connection, for: kind)
        let call = begin(kind, connection)
        defer { end(call) }
        try await act(call)
        guard connection.isAlive, connection.closings == 0 else { throw SimulatedFailure() }
        connection.seenAt = world.time
    }

    func close(_ connection: SimulatedConnection) async {
        connection.closings += 1
        if connection.closings > 1 { world.fail("connection \(connection.number) is closed twice") }
        world.oracle.checkFree(connection, for: .close)
        let call = begin(.close, connection)
        defer { end(call) }
        try? await act(call)
        connection.isClosed = true
        world.note("connection \(connection.number) is closed", 11, connection.number)
    }

    func isOpen(_ connection: SimulatedConnection) -> Bool? {
        world.interrupt()
        if world.plan.isBlind { return nil }
        if connection.isAlive { connection.seenAt = world.time }
        return connection.isAlive
    }

    func returnState(of connection: SimulatedConnection) -> ConnectionReturnState {
        world.interrupt()
        if !connection.isAlive, !world.plan.isBlind { return .broken }
        return connection.isDirty ? .needsReset : .clean
    }

    func disposition(of error: any Error) -> ConnectionDisposition {
        world.interrupt()
        return (error as? SimulatedFailure)?.disposition ?? .keep
    }

    func isPermanent(_ error: any Error) -> Bool {
        world.interrupt()
        return (error as? SimulatedFailure)?.isPermanent ?? false
    }

    /// All hung calls return, and none hangs any more.
    func letGo() {
        hangs = false
        let waiting = hung
        hung = []
        for sleeper in waiting { sleeper.wake() }
    }

    // MARK: Calls

    private func begin(_ kind: PoolCall, _ connection: SimulatedConnection?) -> SimulatedCall {
        let call = SimulatedCall(kind, connection, began: world.time)
        calls.append(call)
        world.note(
            "\(kind) begins\(connection.map { " for connection \($0.number)" } ?? "")", 12, connection?.number ?? 0)
        return call
    }

    private func end(_ call: SimulatedCall) {
        calls.removeAll { $0 === call }
        world.note("\(call.kind) ends\(call.isCancelled ? ", cancelled" : "")", 13)
    }

    /// Does what the seed says, and marks the call when the pool cancels it meanwhile.
    private func act(_ call: SimulatedCall) async throws {
        try await withTaskCancellationHandler {
            if isFaulty, world.once(in: world.plan.faults) {
                try await misbehave()
            } else if world.once(in: 3) {
                // Not `Task.yield()`, which does not come by the scheduler's hook.
                await Task {}.value
            }
        } onCancel: {
            call.isCancelled = true
        }
    }

    private func misbehave() async throws {
        switch world.below(7) {
        case 0: throw SimulatedFailure(isPermanent: world.once(in: 3))
        case 1:
            try await world.sleep(for: world.duration(upTo: 60))
            throw SimulatedFailure(isPermanent: world.once(in: 3))
        // It takes notice of being cancelled, or none.
        case 2, 3: try await world.sleep(for: world.duration(upTo: 300))
        case 4: await Task { try? await world.sleep(for: world.duration(upTo: 600)) }.value
        case 5: try await hang()
        default: await Task { try? await hang() }.value
        }
    }

    private func hang() async throws {
        guard hangs else { return }
        let sleeper = Sleeper(deadline: .max)
        try await sleeper.wait {
            hung.append(sleeper)
        } onCancel: {
            self.hung.removeAll { $0 === sleeper }
        }
    }
}

/// A call of the backend that is under way.
// One thread runs everything.
final class SimulatedCall: @unchecked Sendable {
    let kind: PoolCall
    let connection: SimulatedConnection?
    let began: UInt64
    /// Whether the pool has cancelled it: it has exceeded its limit, or the pool shuts down.
    var isCancelled = false

    init(_ kind: PoolCall, _ connection: SimulatedConnection?, began: UInt64) {
        self.kind = kind
        self.connection = connection
        self.began = began
    }
}
