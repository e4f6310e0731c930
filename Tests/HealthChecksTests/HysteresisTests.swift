import TestServers
import Testing

@testable import HealthChecks

@Suite("Hysteresis")
struct HysteresisTests {
    /// The rule read off the whole history, with no state of its own but the status before.
    func model(_ history: [HealthStatus], before: HealthStatus, toFail: Int, toPass: Int) -> HealthStatus {
        guard let last = history.last else { return .unknown }
        if before == .unknown { return last }
        let lastFailures = history.reversed().prefix { $0 == .unhealthy }.count
        let lastSuccesses = history.reversed().prefix { $0 != .unhealthy }.count
        if last == .unhealthy { return lastFailures >= toFail ? .unhealthy : before }
        if before == .unhealthy, lastSuccesses < toPass { return .unhealthy }
        return last
    }

    @Test("random sequences of results change the state exactly as the model says", arguments: 0..<200)
    func randomSequences(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let toFail = Int.random(in: 1...4, using: &random)
        let toPass = Int.random(in: 1...4, using: &random)
        var state = CheckState(failuresToFail: toFail, successesToPass: toPass)
        var history: [HealthStatus] = []
        var before = HealthStatus.unknown
        var changes = 0
        let start = ContinuousClock.now
        for step in 0..<200 {
            let status: HealthStatus =
                [.healthy, .degraded, .unhealthy, .unhealthy].randomElement(using: &random) ?? .healthy
            history.append(status)
            let expected = model(history, before: before, toFail: toFail, toPass: toPass)
            let change = state.apply(HealthResult(status), took: .zero, at: start + .seconds(step))
            #expect(state.status == expected, "seed \(seed), step \(step)")
            #expect((change == nil) == (expected == before))
            if let change {
                #expect(change.from == before && change.to == expected)
                changes += 1
            }
            before = expected
        }
        #expect(state.transitions == changes)
    }

    @Test("the first result counts at once, whatever the thresholds")
    func firstResult() {
        var state = CheckState(failuresToFail: 5, successesToPass: 5)
        let change = state.apply(.unhealthy("no"), took: .zero, at: .now)
        #expect(change?.from == .unknown && change?.to == .unhealthy)
    }

    @Test("a flapping check stays as it was")
    func flapping() {
        var state = CheckState(failuresToFail: 3, successesToPass: 2)
        _ = state.apply(.healthy, took: .zero, at: .now)
        for step in 0..<50 {
            _ = state.apply(step % 3 == 2 ? .healthy : .unhealthy("flap"), took: .zero, at: .now)
            #expect(state.status == .healthy)
        }
        #expect(state.transitions == 1)
    }
}
