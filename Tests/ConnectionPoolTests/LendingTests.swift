import ConnectionPool
import ConnectionPoolTestKit
import Testing

@Suite struct LendingTests {
    @Test func `a connection is lent, comes back, and is lent again`() async throws {
        let bench = try Bench()
        let first = try await bench.pool.withConnection { $0.number }
        let second = try await bench.pool.withConnection { $0.number }
        #expect(first == 1)
        #expect(second == 1)
        #expect(bench.pool.statistics.leases == 2)
        #expect(bench.pool.statistics.created == 1)
        #expect(bench.pool.statistics.reuse == 0.5)
        await bench.shutDownAndCheck()
    }
}
