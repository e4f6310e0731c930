/// A thread that runs Swift jobs and watches file descriptors, so that a task that prefers it can send on a socket,
/// sleep and receive without a hand-over between threads.
///
/// Two implementations: ``EpollLoop`` on Linux, ``DispatchLoop`` anywhere.
package protocol ReadinessLoop: TaskExecutor {
    /// Whether the caller runs on the loop.
    var isCurrent: Bool { get }

    /// Watches a descriptor. Nothing is reported before ``ReadinessSource/arm(_:)``.
    /// - Parameters:
    ///   - descriptor: Belongs to the source from now on, which closes it when the watch ends. Watch a duplicate of a
    ///     descriptor that a C library may close at its own pleasure.
    ///   - handler: Called on the loop, once for each arming.
    func watch(_ descriptor: Int32, handler: any ReadinessHandler) -> any ReadinessSource

    /// Runs a closure on the loop soon; at once is allowed when the caller runs on it.
    func execute(_ body: @escaping @Sendable () -> Void)

    /// Runs a closure on the loop after a delay.
    /// - Returns: What cancels it.
    @discardableResult
    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> LoopTimer

    /// Resumes a task. Called on the loop, it may do so at the end of the loop's turn, together with others: the threads
    /// that run them are woken once for all.
    func resume(_ continuation: LoopContinuation)

    /// Ends the thread once the jobs already there have run and the last source is cancelled; a job that comes later
    /// is run on the global executor.
    func stop()
}

// A checked continuation is an object more for each statement. Debug builds keep it for its checks, and because the thread
// sanitizer cannot follow the other's inlined code.
#if DEBUG
    package typealias LoopContinuation = CheckedContinuation<Void, Never>
#else
    package typealias LoopContinuation = UnsafeContinuation<Void, Never>
#endif

extension ReadinessLoop {
    package func resume(_ continuation: LoopContinuation) { continuation.resume() }
}

/// What a descriptor is ready for, or is asked to be watched for.
package struct Readiness: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Bytes to read, or the end, or an error.
    package static let read = Readiness(rawValue: 1)
    /// Room to write, or an error.
    package static let write = Readiness(rawValue: 2)
}

/// What is told of a descriptor.
package protocol ReadinessHandler: AnyObject, Sendable {
    /// Whether it reads, before each arming for reading alone, until the descriptor has nothing more: then a change needs
    /// to be reported once only. Always the same.
    var readsUntilDrained: Bool { get }

    /// The descriptor is ready; the source is no longer armed.
    func ready(_ readiness: Readiness)
}

extension ReadinessHandler {
    package var readsUntilDrained: Bool { false }
}

/// The watch over one descriptor.
package protocol ReadinessSource: AnyObject, Sendable {
    /// Asks for one report. Everything the caller did before is seen by the handler. Any thread.
    func arm(_ interest: Readiness)

    /// Whether changes are noted while the source is not armed, for ``takeReport()``.
    var notesReports: Bool { get }

    /// Takes the report that came while the source was not armed, if one did. Any thread.
    func takeReport() -> Bool

    /// Keeps the loop from being woken by what comes before the next arming. Not while armed; any thread.
    func rest()

    /// Takes an arming back. Call it on the loop.
    func disarm()

    /// Ends the watch and lets go of the handler; no report comes after. Call it on the loop. The descriptor is
    /// closed.
    func cancel()
}

extension ReadinessSource {
    package var notesReports: Bool { false }
    package func takeReport() -> Bool { false }
    package func rest() {}
}

/// A delayed closure.
package final class LoopTimer: Sendable {
    private let cancelled = Flag()

    package init() {}

    /// Keeps the closure from running, unless it has begun.
    package func cancel() { cancelled.set() }

    /// Whether it was cancelled.
    package var isCancelled: Bool { cancelled.isSet }
}
