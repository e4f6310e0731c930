import Foundation
import TestServers
import Testing

@testable import DriverExecutors

@Suite struct ThreadExecutorTests {
    @Test func `a task that prefers the threads runs there, and comes back to them`() async throws {
        let executor = try ThreadExecutor(name: "prefers", threads: 2)
        let places = await withTaskExecutorPreference(executor) {
            var places = [executor.isCurrent]
            await Task.yield()
            places.append(executor.isCurrent)
            try? await Task.sleep(for: .milliseconds(2))
            places.append(executor.isCurrent)
            return places
        }
        #expect(places == [true, true, true])
        #expect(!executor.isCurrent)
        executor.stop()
    }

    @Test func `one call goes there and back, with its error and its task's cancellation`() async throws {
        struct Refusal: Error, Equatable { let why: Int }
        let executor = try ThreadExecutor(name: "calls")
        let there = await executor.run { executor.isCurrent }
        #expect(there)
        await #expect(throws: Refusal(why: 7)) { () async throws in
            try await executor.run { () throws(Refusal) in throw Refusal(why: 7) }
        }
        let task = Task { await executor.run { Task.isCancelled } }
        let (gate, open) = AsyncStream<Void>.makeStream()
        let cancelled = Task {
            for await _ in gate {}
            return await executor.run { Task.isCancelled }
        }
        cancelled.cancel()
        open.finish()
        let (first, second) = (await task.value, await cancelled.value)
        #expect(!first)
        #expect(second)
        executor.stop()
    }

    @Test func `blocking jobs run beside each other, as many as there are threads and no more`() async throws {
        let executor = try ThreadExecutor(name: "beside", threads: 3)
        let running = Guarded((now: 0, most: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<24 {
                group.addTask(executorPreference: executor) {
                    running.with {
                        $0.now += 1
                        $0.most = max($0.most, $0.now)
                    }
                    usleep(5_000)
                    running.with { $0.now -= 1 }
                }
            }
        }
        let most = running.with { $0.most }
        #expect(most == 3)
        #expect(executor.threadCount == 3)
        executor.stop()
    }

    @Test func `calls that come one after the other share threads`() async throws {
        let executor = try ThreadExecutor(name: "one", threads: 100)
        for number in 0..<200 {
            let answer = await executor.run { number }
            #expect(answer == number)
        }
        // One more whenever a call comes before the thread of the one before it has gone to sleep: seldom, but on a
        // machine with other work not never.
        #expect(executor.threadCount < 50)
        executor.stop()
    }

    @Test func `jobs of many tasks on few threads are all run`() async throws {
        let executor = try ThreadExecutor(name: "many", threads: 4)
        let sum = await withTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var sum = 0
                    for number in 0..<200 { sum += await executor.run { task &* 1000 &+ number } }
                    return sum
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == (0..<64).reduce(0) { $0 + $1 * 1000 * 200 + 199 * 100 })
        executor.stop()
    }

    #if os(Linux)
        @Test func `a stopped executor runs what it has, leaves no thread behind, and late jobs run elsewhere`()
            async throws
        {
            for _ in 0..<20 {
                let executor = try ThreadExecutor(name: "stops-here", threads: 4)
                let done = Guarded(0)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 {
                        group.addTask(executorPreference: executor) { done.with { $0 += 1 } }
                    }
                    await group.next()
                    executor.stop()
                }
                let count = done.with { $0 }
                #expect(count == 16)
                let late = await Task(executorPreference: executor) { 7 }.value
                #expect(late == 7)
                executor.stop()
            }
            let deadline = ContinuousClock.now + .seconds(20)
            while threads("stops-here") > 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(threads("stops-here") == 0)
        }

        private func threads(_ name: String) -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []).count {
                (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8))?.hasPrefix(name) ?? false
            }
        }
    #endif
}
