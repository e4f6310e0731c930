#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A few threads for the rare calls that block, such as looking up a name: made when needed, ended when idle.
package final class BlockingCalls: Sendable {
    /// The process's own.
    package static let shared = BlockingCalls(limit: 16)

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var threads = 0
    }

    private let state = SystemLock(State())
    private let limit: Int

    /// - Parameter limit: How many calls run at the same time; others wait in line.
    package init(limit: Int) { self.limit = limit }

    /// Runs a call on one of the threads. Where no thread can be made and none runs, it runs here.
    package func run(_ body: @escaping @Sendable () -> Void) {
        let needsThread = state.withLock { state -> Bool in
            state.waiting.append(body)
            guard state.threads < limit else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        do {
            try LoopThread.start(name: "blocking-call") { self.work() }
        } catch {
            work()
        }
    }

    /// Runs a call on one of the threads and waits for its result without blocking.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await Handoff.wait { handoff in
            run { handoff.resume(body()) }
        }
    }

    private func work() {
        while true {
            let next = state.withLock { state -> (@Sendable () -> Void)? in
                if state.waiting.isEmpty {
                    state.threads -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            guard let next else { return }
            next()
        }
    }
}
