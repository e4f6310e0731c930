import ConnectionPool
import ConnectionPoolTestKit
import Testing

@Suite struct KitTests {
    @Test func `a backend that keeps the rules passes the conformance suite`() async {
        let suite = ConnectionBackendConformance(
            backend: ScriptedBackend(), dirty: { $0.returnState = .needsReset }, kill: { $0.hangUp() })
        let failures = await suite.run()
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test func `a backend that breaks them is found out`() async {
        let backend = ScriptedBackend()
        backend.validates = Array(repeating: .fail(ScriptedFailure("never valid")), count: 50)
        let failures = await ConnectionBackendConformance(backend: backend).run()
        #expect(failures.count == 3)
    }
}
