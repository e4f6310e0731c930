import BenchHarness
import ConnectionPool
import Foundation
import Synchronization

/// More callers than the pool can serve, each with a second of patience, with the line kept short and without.
func measureOverload(_ bench: Bench) async throws {
    guard bench.wants("overload") else { return }
    let capacity = try await serviceRate()
    for load in [0.5, 1, 2, 4] {
        let queue = try await offer(load * capacity, .queue)
        let shed = try await offer(load * capacity, .shed)
        // At exactly the capacity the line is as long as chance has it.
        let isOver = load > 1
        bench.record(
            "overload, \(load) × capacity, answers in time, shed", shed.goodput / capacity * 100, "%",
            floor: "queue", floorValue: queue.goodput / capacity * 100, target: isOver ? .valueAtLeast(90) : nil)
        bench.record(
            "overload, \(load) × capacity, p99 of answers, shed", shed.p99, "ms", floor: "queue",
            floorValue: queue.p99, target: isOver ? .valueAtMost(300) : nil)
    }
}

private let hold = Duration.milliseconds(5)
private let patience = Duration.seconds(1)

private func makePool(_ overload: PoolOverload) async throws -> Pool<StubBackend> {
    let pool = try Pool(
        backend: StubBackend(),
        configuration: PoolConfiguration(size: 10, maxOverflow: 0, timeout: patience, overload: overload))
    try await pool.warmUp()
    return pool
}

/// Answers a second when there is always a caller.
private func serviceRate() async throws -> Double {
    let pool = try await makePool(.queue)
    let end = now() + 2_000_000_000
    let served = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<40 {
            group.addTask {
                var served = 0
                while now() < end {
                    try await pool.withConnection { _ in try await Task.sleep(for: hold) }
                    served += 1
                }
                return served
            }
        }
        return try await group.reduce(0, +)
    }
    await pool.shutdown()
    return Double(served) / 2
}

/// Callers that come at an even pace for five seconds, of which the first does not count. An answer that comes after more
/// than the patience is none.
private func offer(_ rate: Double, _ overload: PoolOverload) async throws -> (goodput: Double, p99: Double) {
    let pool = try await makePool(overload)
    let start = now()
    let answers = await withTaskGroup(of: Double?.self) { group in
        for index in 0..<Int(rate * 5) {
            let due = start + UInt64(Double(index) / rate * 1e9)
            let time = now()
            if due > time { try? await Task.sleep(for: .nanoseconds(Int64(due - time))) }
            group.addTask {
                do {
                    try await pool.withConnection { _ in try await Task.sleep(for: hold) }
                } catch {
                    return nil
                }
                let took = Double(now() - due) / 1e6
                return took <= 1_000 && due > start + 1_000_000_000 ? took : nil
            }
        }
        var answers: [Double] = []
        for await answer in group { if let answer { answers.append(answer) } }
        return answers.sorted()
    }
    await pool.shutdown()
    guard !answers.isEmpty else { return (0, .infinity) }
    return (Double(answers.count) / 4, answers[min(answers.count - 1, answers.count * 99 / 100)])
}
