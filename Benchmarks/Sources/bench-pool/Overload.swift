import BenchHarness
import ConnectionPool
import Foundation

/// More callers than the pool can serve, with the line kept short and without. The stub holds a connection for 5 ms.
func measureOverload(_ bench: Bench) async throws {
    guard OverloadRows.wanted(bench, "stub") else { return }
    func withPool<Result>(
        _ overload: PoolOverload, _ body: (@Sendable @escaping () async throws -> Void) async throws -> Result
    ) async throws -> Result {
        let pool = try Pool(backend: StubBackend(), configuration: OverloadRows.configuration(overload))
        try await pool.warmUp()
        let result = try await body {
            try await pool.withConnection { _ in try await Task.sleep(for: .milliseconds(5)) }
        }
        await pool.shutdown()
        return result
    }
    let capacity = try await withPool(.queue) { try await serviceRate($0) }
    let rows = OverloadRows(bench: bench, backend: "stub", capacity: capacity)
    for load in OverloadRows.loads where rows.wants(load) {
        let arrivals = OpenLoad(rate: load * rows.capacity)
        rows.record(
            load, queue: try await withPool(.queue) { await arrivals.offer($0) },
            shed: try await withPool(.shed) { await arrivals.offer($0) })
    }
}

/// The rows of one backend, named alike.
struct OverloadRows {
    /// Offered, in units of the capacity.
    static let loads = [0.5, 1, 2, 4]

    let bench: Bench
    let backend: String
    /// Answers a second when there is always a caller.
    let capacity: Double

    /// Ten connections, whose callers wait for as long as they have patience.
    static func configuration(_ overload: PoolOverload) -> PoolConfiguration {
        PoolConfiguration(size: 10, maxOverflow: 0, timeout: OpenLoad.patience, overload: overload)
    }

    /// Whether any row of a backend is asked for.
    static func wanted(_ bench: Bench, _ backend: String) -> Bool { loads.contains { bench.wants(name(backend, $0)) } }

    private static func name(_ backend: String, _ load: Double) -> String {
        "overload, \(backend), \(String(format: "%g", load)) × capacity"
    }

    func wants(_ load: Double) -> Bool { bench.wants(Self.name(backend, load)) }

    /// The pool with a plain line and with a short one. At exactly the capacity the line is as long as chance has it, so
    /// the targets are for more.
    func record(_ load: Double, queue: OpenLoad.Outcome, shed: OpenLoad.Outcome) {
        let name = Self.name(backend, load)
        let isOver = load > 1
        bench.record("\(name), goodput, .queue", queue.goodput, "1/s", floor: "capacity", floorValue: capacity)
        bench.record(
            "\(name), goodput, .shed", shed.goodput, "1/s", floor: "capacity", floorValue: capacity,
            target: isOver ? .ratioAtLeast(0.9) : nil)
        bench.record(
            "\(name), p99, .shed", shed.p99, "ms", floor: ".queue", floorValue: queue.p99,
            target: isOver ? .valueAtMost(300) : nil)
    }

    /// The pool with a short line beside that of another language.
    func record(_ load: Double, shed: OpenLoad.Outcome, peer: String, _ theirs: OpenLoad.Outcome) {
        let name = Self.name(backend, load)
        bench.record(
            "\(name), goodput, against \(peer)", shed.goodput, "1/s", floor: peer, floorValue: theirs.goodput)
        bench.record("\(name), p99, against \(peer)", shed.p99, "ms", floor: peer, floorValue: theirs.p99)
    }
}
