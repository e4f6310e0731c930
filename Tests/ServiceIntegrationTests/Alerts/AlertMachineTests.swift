import TestServers
import Testing

@testable import ServiceIntegration

@Suite("Alert rules")
struct AlertMachineTests {
    private let pool = ["pool": "main"]

    @Test("an alert is pending until its duration is over, fires once, and resolves at the first figure that is well")
    func life() {
        var machine = AlertMachine(threshold: 0.9, duration: .seconds(120))
        func step(_ value: Double?, _ seconds: Int) -> [AlertState] {
            machine.evaluate(value.map { [pool: $0] } ?? [:], at: .seconds(seconds)).map(\.entry.state)
        }
        #expect(step(0.9, 0) == [])
        #expect(step(0.91, 10) == [.pending])
        #expect(step(1, 129) == [])
        #expect(step(1, 130) == [.firing])
        #expect(step(1, 500) == [])
        #expect(step(0.5, 510) == [.resolved])
        #expect(step(0.5, 520) == [])
        #expect(step(0.95, 530) == [.pending])
        #expect(machine.entries[pool]?.since == .seconds(530))
    }

    @Test("a dip starts the duration anew; a figure that is missing is a dip")
    func dips() {
        for gap: [[String: String]: Double] in [[pool: 0.1], [:]] {
            var machine = AlertMachine(threshold: 0.9, duration: .seconds(60))
            for second in 0..<59 { _ = machine.evaluate([pool: 1], at: .seconds(second)) }
            #expect(machine.evaluate(gap, at: .seconds(59)).isEmpty && machine.entries.isEmpty)
            _ = machine.evaluate([pool: 1], at: .seconds(60))
            #expect(machine.evaluate([pool: 1], at: .seconds(119)).isEmpty)
            #expect(machine.evaluate([pool: 1], at: .seconds(120)).map(\.entry.state) == [.firing])
        }
    }

    @Test("a duration of nothing fires at once; what resolved is forgotten after a while")
    func forgets() {
        var machine = AlertMachine(threshold: 1, duration: .zero, memory: .seconds(100))
        #expect(machine.evaluate([[:]: 2], at: .zero).map(\.entry.state) == [.firing])
        _ = machine.evaluate([:], at: .seconds(1))
        #expect(machine.entries.count == 1)
        _ = machine.evaluate([:], at: .seconds(102))
        #expect(machine.entries.isEmpty)
    }

    @Test("random figures of three series give the states that a look back over the history gives", arguments: 0..<100)
    func model(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let duration = Int.random(in: 0...6, using: &random)
        var machine = AlertMachine(threshold: 0.5, duration: .seconds(duration), memory: .seconds(1_000_000))
        var history: [[String: Bool]] = []
        for second in 0..<200 {
            var figures: [[String: String]: Double] = [:]
            var above: [String: Bool] = [:]
            for name in ["a", "b", "c"] where Int.random(in: 0..<10, using: &random) > 0 {
                let isAbove = Int.random(in: 0..<5, using: &random) > 0
                figures[["s": name]] = isAbove ? 0.6 : 0.5
                above[name] = isAbove
            }
            history.append(above)
            _ = machine.evaluate(figures, at: .seconds(second))
            for name in ["a", "b", "c"] {
                // How long it has been above without a break.
                let streak = history.reversed().prefix { $0[name] == true }.count
                let state = machine.entries[["s": name]]?.state
                if streak == 0 {
                    #expect(state == nil || state == .resolved, "seed \(seed), second \(second)")
                } else {
                    #expect(state == (streak > duration ? .firing : .pending), "seed \(seed), second \(second)")
                }
            }
        }
    }
}
