import Foundation
import Synchronization
import TestServers
import Testing

@testable import DriverExecutors

/// The loops there are on this system.
enum LoopKind: String, CaseIterable, Sendable {
    #if os(Linux)
        case epoll
    #endif
    case dispatch

    func make() throws -> any ReadinessLoop {
        switch self {
        #if os(Linux)
            case .epoll: try EpollLoop(name: "test-epoll")
        #endif
        case .dispatch: DispatchLoop(name: "test-dispatch")
        }
    }
}

/// Counts reports and lets a test wait for the next.
final class Reporter: ReadinessHandler {
    private let stream: AsyncStream<Readiness>
    private let continuation: AsyncStream<Readiness>.Continuation
    let count = Atomic<Int>(0)

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func ready(_ readiness: Readiness) {
        count.add(1, ordering: .relaxed)
        continuation.yield(readiness)
    }

    func next() async -> Readiness? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }
}

/// Two connected sockets.
func socketPair() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
    #else
        let kind = SOCK_STREAM
    #endif
    try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    return (ends[0], ends[1])
}

@Suite struct ReadinessLoopTests {
    @Test(arguments: LoopKind.allCases) func `a task that prefers the loop runs on it, and comes back to it`(
        kind: LoopKind
    ) async throws {
        let loop = try kind.make()
        let task = Task(executorPreference: loop) {
            var onLoop = loop.isCurrent
            for _ in 0..<100 {
                await Task.yield()
                onLoop = onLoop && loop.isCurrent
            }
            try? await Task.sleep(for: .milliseconds(1))
            return onLoop && loop.isCurrent
        }
        #expect(await task.value)
        loop.stop()
    }

    @Test(arguments: LoopKind.allCases) func `one arming gives one report`(kind: LoopKind) async throws {
        let loop = try kind.make()
        let (mine, theirs) = try socketPair()
        defer { close(theirs) }
        let reporter = Reporter()
        let source = loop.watch(mine, handler: reporter)
        source.arm(.write)
        #expect(await reporter.next()?.contains(.write) == true)
        source.arm(.read)
        #expect(write(theirs, "x", 1) == 1)
        #expect(await reporter.next()?.contains(.read) == true)
        // The byte still lies there and nobody has armed: no report may come until somebody does.
        #expect(write(theirs, "y", 1) == 1)
        for _ in 0..<20 { await onLoop(loop) {} }
        #expect(reporter.count.load(ordering: .relaxed) == 2)
        source.arm(.read)
        #expect(await reporter.next()?.contains(.read) == true)
        await onLoop(loop) { source.cancel() }
        loop.stop()
    }

    @Test(arguments: LoopKind.allCases) func `the other end's close is a report to read`(kind: LoopKind) async throws {
        let loop = try kind.make()
        let (mine, theirs) = try socketPair()
        let reporter = Reporter()
        let source = loop.watch(mine, handler: reporter)
        source.arm(.read)
        close(theirs)
        #expect(await reporter.next()?.contains(.read) == true)
        await onLoop(loop) { source.cancel() }
        loop.stop()
    }

    @Test(arguments: LoopKind.allCases) func `a disarmed source says nothing and a cancelled one never again`(
        kind: LoopKind
    ) async throws {
        let loop = try kind.make()
        let (mine, theirs) = try socketPair()
        defer { close(theirs) }
        let reporter = Reporter()
        let source = loop.watch(mine, handler: reporter)
        source.arm(.read)
        await onLoop(loop) { source.disarm() }
        #expect(write(theirs, "x", 1) == 1)
        for _ in 0..<20 { await onLoop(loop) {} }
        #expect(reporter.count.load(ordering: .relaxed) == 0)
        source.arm(.read)
        #expect(await reporter.next() == .read)
        await onLoop(loop) { source.cancel() }
        source.arm(.read)
        for _ in 0..<20 { await onLoop(loop) {} }
        #expect(reporter.count.load(ordering: .relaxed) == 1)
        loop.stop()
    }

    @Test(arguments: LoopKind.allCases, ["never armed", "armed", "reported"])
    func `a cancelled source closes its descriptor, whatever it was doing`(kind: LoopKind, state: String) async throws {
        let loop = try kind.make()
        let (mine, theirs) = try socketPair()
        let reporter = Reporter()
        let source = loop.watch(mine, handler: reporter)
        if state != "never armed" { source.arm(state == "armed" ? .read : .write) }
        if state == "reported" { _ = await reporter.next() }
        await onLoop(loop) {
            source.cancel()
            source.cancel()
        }
        // The other end reads the end, which it does only when this one is closed.
        let witness = Reporter()
        let other = loop.watch(theirs, handler: witness)
        other.arm(.read)
        #expect(await witness.next()?.contains(.read) == true)
        var byte: UInt8 = 0
        #expect(read(theirs, &byte, 1) == 0)
        await onLoop(loop) { other.cancel() }
        loop.stop()
    }

    @Test(arguments: LoopKind.allCases) func `timers run in the order of their times, cancelled ones not at all`(
        kind: LoopKind
    ) async throws {
        let loop = try kind.make()
        let (ticks, ticker) = AsyncStream<Int>.makeStream()
        // On the loop, where none can run before all are set.
        await onLoop(loop) {
            let cancelled = loop.schedule(after: .milliseconds(5)) { ticker.yield(-1) }
            cancelled.cancel()
            for delay in [40, 10, 30, 20] { loop.schedule(after: .milliseconds(delay)) { ticker.yield(delay) } }
        }
        var order: [Int] = []
        for await tick in ticks {
            order.append(tick)
            if order.count == 4 { break }
        }
        #expect(order == [10, 20, 30, 40])
        loop.stop()
    }

    @Test(arguments: LoopKind.allCases) func `arming from many threads while reports come loses none`(kind: LoopKind)
        async throws
    {
        let loop = try kind.make()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let (mine, theirs) = try socketPair()
                    let reporter = Reporter()
                    let source = loop.watch(mine, handler: reporter)
                    for round in 0..<300 {
                        // Armed before or after the byte comes: both must be told.
                        if round % 2 == 0 { source.arm(.read) }
                        var byte: UInt8 = 1
                        _ = write(theirs, &byte, 1)
                        if round % 2 == 1 { source.arm(.read) }
                        _ = await reporter.next()
                        _ = read(mine, &byte, 1)
                    }
                    await onLoop(loop) { source.cancel() }
                    close(theirs)
                    return reporter.count.load(ordering: .relaxed)
                }
            }
            for try await reports in group { #expect(reports == 300) }
        }
        loop.stop()
    }

    #if os(Linux)
        @Test func `a stopped loop leaves no thread and no descriptor behind, and runs late jobs elsewhere`()
            async throws
        {
            func threads() -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter(isLoop).count) ?? 0
            }
            for _ in 0..<20 {
                let loop = try EpollLoop(name: "ends-here")
                await onLoop(loop) {}
                loop.stop()
                let late = await Task(executorPreference: loop) { 7 }.value
                #expect(late == 7)
            }
            var left = threads()
            for _ in 0..<400 where left > 0 {
                try await Task.sleep(for: .milliseconds(5))
                left = threads()
            }
            #expect(left == 0)
        }

        private func isLoop(_ task: String) -> Bool {
            (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8))?.hasPrefix("ends-here")
                ?? false
        }
    #endif

    @Test func `blocking calls run beside each other up to their limit`() async {
        let calls = BlockingCalls(limit: 3)
        let running = Guarded((now: 0, most: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    await calls.run {
                        running.with {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        usleep(5_000)
                        running.with { $0.now -= 1 }
                    }
                }
            }
        }
        let most = running.with { $0.most }
        #expect(most == 3)
    }
}

/// Runs a closure on a loop and waits for it.
func onLoop(_ loop: any ReadinessLoop, _ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        loop.execute {
            body()
            continuation.resume()
        }
    }
}
