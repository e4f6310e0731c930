import DriverExecutors
import Synchronization

/// Waits for something outside this process that may never answer and may ignore cancellation.
enum TimeLimit {
    /// Returns what `start` delivers; `nil` at the limit.
    ///
    /// The caller goes on at the limit, or when its task is cancelled, whatever the operation does. An operation that
    /// is left behind is marked as such.
    /// - Parameters:
    ///   - limit: How long to wait.
    ///   - loop: Measures the time, also while the threads of the cooperative pool are busy.
    ///   - start: Begins the operation, which calls the closure with its result, once.
    /// - Throws: `CancellationError` when the task is cancelled.
    static func wait<Output: Sendable>(
        _ limit: Duration, on loop: any ReadinessLoop, _ start: (PendingCall<Output>) -> Void
    ) async throws(CancellationError) -> Output? {
        let (stream, continuation) = AsyncStream<Output>.makeStream()
        let call = PendingCall(continuation)
        let timer = loop.schedule(after: limit) { continuation.finish() }
        start(call)
        var results = stream.makeAsyncIterator()
        let output = await results.next()
        timer.cancel()
        call.leave()
        if output == nil, Task.isCancelled { throw CancellationError() }
        return output
    }
}

/// The end of a call that somebody may have stopped waiting for.
final class PendingCall<Output: Sendable>: Sendable {
    private let continuation: AsyncStream<Output>.Continuation
    private let left = Atomic<Bool>(false)

    init(_ continuation: AsyncStream<Output>.Continuation) { self.continuation = continuation }

    /// Whether nobody waits any more.
    var isLeft: Bool { left.load(ordering: .acquiring) }

    /// Delivers the result. Discarded when nobody waits.
    func finish(_ output: Output) {
        continuation.yield(output)
        continuation.finish()
    }

    func leave() { left.store(true, ordering: .releasing) }
}
