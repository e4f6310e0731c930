import Synchronization

/// Several loops that share the connections out among them.
package final class LoopGroup: Sendable {
    private let loops: [any ReadinessLoop]
    private let turn = Atomic<Int>(0)

    /// Starts loops.
    /// - Parameters:
    ///   - count: 1 or more.
    ///   - name: The threads' names begin with it.
    package init(count: Int, name: String) throws(LoopError) {
        var loops: [any ReadinessLoop] = []
        for index in 0..<max(1, count) {
            do {
                #if os(Linux)
                    loops.append(try EpollLoop(name: "\(name)-\(index)"))
                #else
                    loops.append(DispatchLoop(name: "\(name)-\(index)"))
                #endif
            } catch {
                loops.forEach { $0.stop() }
                throw error
            }
        }
        self.loops = loops
    }

    /// The loops given.
    package init(_ loops: [any ReadinessLoop]) { self.loops = loops }

    deinit { stop() }

    /// The next loop in turn.
    package func next() -> any ReadinessLoop {
        loops[abs(turn.wrappingAdd(1, ordering: .relaxed).oldValue) % loops.count]
    }

    /// Ends the threads.
    package func stop() { loops.forEach { $0.stop() } }
}
