import BenchHarness
import PatientGen

/// What one chunk of arithmetic gives: nothing is read, written or shared, so two threads of it gain what the machine
/// has to give at this moment.
private func arithmetic() -> UInt64 {
    var state: UInt64 = 1
    for number in 0..<200_000 as Range<UInt64> {
        state = (state &* 6_364_136_223_846_793_005) ^ (state >> 29) &+ number
    }
    return state
}

/// Chunks of arithmetic a second on so many tasks.
private func arithmeticRate(_ width: Int) async -> Double {
    let chunks = 120
    let start = now()
    await withTaskGroup(of: UInt64.self) { group in
        for _ in 0..<width {
            group.addTask {
                var sum: UInt64 = 0
                for _ in 0..<chunks / width { sum &+= arithmetic() }
                return sum
            }
        }
        for await sum in group { blackHole(sum) }
    }
    return Double(chunks) / Double(now() - start) * 1e9
}

/// Two tasks against one, in order. Beside it what two tasks of plain arithmetic gain over one, in the same round: where
/// others use the machine, that is less than 2, and no generator can gain more.
func measureParallel(_ bench: Bench) async throws {
    for format in PatientFormat.allCases {
        let name = "\(format.rawValue), two threads"
        guard bench.wants(name) else { continue }
        func run(_ width: Int) async throws -> Double {
            try await stream(format, width, patients: 100_000).rate
        }
        var gains: [(gain: Double, floor: Double)] = []
        let figures = try await bench.medians([
            { try await run(1) }, { try await run(2) },
            {
                let before = await arithmeticRate(2) / arithmeticRate(1)
                let gain = try await run(2) / run(1)
                let after = await arithmeticRate(2) / arithmeticRate(1)
                gains.append((gain, (before + after) / 2))
                return gain
            },
        ])
        bench.record(
            name, figures[1], "patients/s", floor: "one thread", floorValue: figures[0], target: .ratioAtLeast(1.8))
        // The round in the middle, by what was gained of what could be.
        let middle = gains.sorted { $0.gain / $0.floor < $1.gain / $1.floor }[gains.count / 2]
        bench.record(
            "\(name), gain", middle.gain, "×", floor: "two threads of arithmetic", floorValue: middle.floor,
            target: .ratioAtLeast(0.9))
    }
}
