import ConnectionPool
import ConnectionPoolTestKit
import Foundation
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct RaceTests {
    static let races = ProcessInfo.processInfo.environment["VITALS_POOL_RACES"].flatMap(Int.init) ?? 1_000_000

    @Test func `scenario 1: a million cancellations between check and enqueue lose no waiter`() async throws {
        let pool = try Pool(
            backend: ScriptedBackend(),
            configuration: PoolConfiguration(size: 1, maxOverflow: 0, timeout: .seconds(600)))
        let held = try await pool.acquire()
        let batch = 1_000
        var cancelled = 0
        for round in 0..<(Self.races / batch) {
            cancelled += await withTaskGroup(of: Bool.self) { group in
                for index in 0..<batch {
                    group.addTask {
                        do {
                            try await pool.acquire().release()
                            return false
                        } catch { return error is CancellationError }
                    }
                    if index == round % batch { group.cancelAll() }
                }
                var count = 0
                for await isCancelled in group where isCancelled { count += 1 }
                return count
            }
        }
        #expect(cancelled == Self.races / batch * batch)
        #expect(pool.statistics.waiting == 0)
        held.release()
        try await pool.withConnection { #expect($0.number == 1) }
        await pool.shutdown()
    }

    @Test func `scenario 2: a timeout that races a hand-off has one winner and leaks nothing`() async throws {
        let backend = ScriptedBackend()
        let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 2, maxOverflow: 0))
        let served = Tally()
        let late = Tally()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for round in 0..<300 {
                        do {
                            try await pool.withConnection(timeout: .microseconds(50 + (task * 37 + round * 11) % 3_000))
                            {
                                connection in
                                await connection.use { await Task.yield() }
                                if round % 4 == 0 { try await Task.sleep(for: .microseconds(200)) }
                            }
                            served.add()
                        } catch {
                            #expect((error as? PoolError)?.code == .timeout)
                            late.add()
                        }
                    }
                }
            }
        }
        #expect(served.value + late.value == 16 * 300)
        #expect(pool.statistics.inUse == 0)
        #expect(pool.statistics.waiting == 0)
        #expect(pool.statistics.timeouts == UInt64(late.value))
        #expect(backend.made.allSatisfy { $0.mostUsers <= 1 })
        await pool.shutdown()
        #expect(backend.open == 0)
    }

    @Test func `scenario 4: a storm of cancellations never opens more connections than the limit`() async throws {
        let backend = ScriptedBackend()
        backend.otherConnects = .slow(.microseconds(300))
        let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 3, maxOverflow: 2))
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<5_000 {
                group.addTask {
                    let task = Task {
                        try await pool.withConnection { connection in
                            await connection.use { await Task.yield() }
                            if index % 3 == 0 { throw ScriptedFailure("evict") }
                        }
                    }
                    if index % 2 == 0 { task.cancel() }
                    _ = await task.result
                }
            }
        }
        #expect(backend.mostOpen <= 5)
        #expect(backend.made.allSatisfy { $0.mostUsers <= 1 })
        #expect(pool.statistics.inUse == 0)
        await pool.shutdown()
        #expect(backend.open == 0)
        #expect(backend.made.allSatisfy { $0.closings == 1 })
    }

    @Test(arguments: [1, 5, 61, 62, 63, 200])
    func `no connection is ever lent to two, whatever the number of slots`(size: Int) async throws {
        let backend = ScriptedBackend()
        let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: size, maxOverflow: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<(size * 2) {
                group.addTask {
                    for round in 0..<(20_000 / size) {
                        do {
                            let lease = try await pool.acquire()
                            lease.connection.beginUse()
                            if round % 3 == 0 { await Task.yield() }
                            lease.connection.endUse()
                        } catch { Issue.record("\(error)") }
                    }
                }
            }
        }
        #expect(backend.made.count <= size)
        #expect(backend.made.allSatisfy { $0.mostUsers == 1 })
        #expect(pool.statistics.leases == UInt64(size * 2 * (20_000 / size)))
        #expect(pool.statistics.idle == backend.made.count)
        await pool.shutdown()
        #expect(backend.open == 0)
    }

    @Test func `evicting, resizing and suspending under load lose nobody`() async throws {
        let backend = ScriptedBackend()
        let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 4, maxOverflow: 2))
        let isOver = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    for _ in 0..<1_000 {
                        do {
                            try await pool.withConnection { connection in await connection.use { await Task.yield() } }
                        } catch { Issue.record("\(error)") }
                    }
                }
            }
            let upsets = Task {
                var round = 0
                while isOver.value == 0 {
                    round += 1
                    switch round % 4 {
                    case 0: pool.evictAll()
                    case 1: pool.suspend()
                    case 2: try pool.resize(size: 1 + round % 70, maxOverflow: round % 3)
                    default: break
                    }
                    await Task.yield()
                    pool.resume()
                    try await Task.sleep(for: .microseconds(100))
                }
            }
            await group.waitForAll()
            isOver.add()
            _ = await upsets.result
        }
        #expect(pool.statistics.inUse == 0)
        #expect(backend.made.allSatisfy { $0.mostUsers <= 1 })
        await pool.shutdown()
        #expect(backend.open == 0)
        #expect(backend.made.allSatisfy { $0.closings == 1 })
    }
}
