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

    private enum Complaint: Error, Equatable { case refused }

    @Test func `a typed loan says whose error it was`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, timeout: .seconds(1)))
        let number = try await bench.pool.lend { $0.number }
        #expect(number == 1)

        let own: LendingError<Complaint>?
        do throws(LendingError<Complaint>) {
            try await bench.pool.lend { _ throws(Complaint) in throw .refused }
            own = nil
        } catch {
            own = error
        }
        #expect(own == .body(.refused))

        let lease = try await bench.pool.acquire()
        let task = Task { () -> LendingError<Never>? in
            do throws(LendingError<Never>) {
                try await bench.pool.lend { _ in }
                return nil
            } catch {
                return error
            }
        }
        try await eventually("it waits") { bench.pool.statistics.waiting == 1 }
        task.cancel()
        #expect(await task.value == .cancelled)
        lease.release()

        await bench.pool.shutdown()
        let late: LendingError<Never>?
        do throws(LendingError<Never>) {
            try await bench.pool.lend { _ in }
            late = nil
        } catch {
            late = error
        }
        guard case .pool(let error) = late else {
            Issue.record("not the pool's error: \(String(describing: late))")
            return
        }
        #expect(error.code == .shutdown)
        await bench.shutDownAndCheck()
    }
}
