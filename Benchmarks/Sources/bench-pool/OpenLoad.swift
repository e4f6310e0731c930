import BenchHarness
import Foundation

/// Callers who come at random moments, whether or not those before them have been served. Each is gone after a second.
struct OpenLoad: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        /// Answers within the patience, a second.
        var goodput: Double
        /// The 99th percentile of all answers, late ones as well, in milliseconds; 0 when there was none.
        var p99: Double
    }

    /// How long a caller waits for its answer.
    static let patience = Duration.seconds(1)
    /// For so long callers come.
    static let seconds = 6.0
    /// Who comes in the first second does not count: the line has its length after it.
    private static let warmUp: UInt64 = 1_000_000_000

    /// When each caller comes, in nanoseconds from the start.
    let arrivals: [UInt64]

    /// Draws exponential gaps with a fixed seed: the same rate gives the same arrivals.
    /// - Parameter rate: Callers a second.
    init(rate: Double) {
        var random = SplitMix64(state: 14)
        var arrivals: [UInt64] = []
        var time = 0.0
        while true {
            time -= log(1 - Double.random(in: 0..<1, using: &random)) / rate
            guard time < Self.seconds else { break }
            arrivals.append(UInt64(time * 1e9))
        }
        self.arrivals = arrivals
    }

    /// Lets each caller make the call at its moment. An answer's time counts from that moment, also when the call began late.
    func offer(_ call: @Sendable @escaping () async throws -> Void) async -> Outcome {
        let start = now()
        let times = await withTaskGroup(of: Double?.self) { group in
            for arrival in arrivals {
                let due = start + arrival
                let time = now()
                if due > time { try? await Task.sleep(for: .nanoseconds(Int64(due - time))) }
                group.addTask {
                    do { try await call() } catch { return nil }
                    return arrival >= Self.warmUp ? Double(now() - due) / 1e6 : nil
                }
            }
            var times: [Double] = []
            for await time in group { if let time { times.append(time) } }
            return times.sorted()
        }
        let inTime = times.count { $0 <= 1_000 }
        return Outcome(
            goodput: Double(inTime) / (Self.seconds - Double(Self.warmUp) / 1e9),
            p99: times.isEmpty ? 0 : times[min(times.count - 1, times.count * 99 / 100)])
    }
}

/// Calls a second when there is always a caller.
func serviceRate(callers: Int = 40, _ call: @Sendable @escaping () async throws -> Void) async throws -> Double {
    let seconds = 2.0
    let end = now() + UInt64(seconds * 1e9)
    let served = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<callers {
            group.addTask {
                var served = 0
                while now() < end {
                    try await call()
                    served += 1
                }
                return served
            }
        }
        return try await group.reduce(0, +)
    }
    return Double(served) / seconds
}

/// Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
