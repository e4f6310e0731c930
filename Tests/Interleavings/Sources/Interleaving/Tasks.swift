/// A task, as the code under test sees it: it may be cancelled, and has a handler for that.
///
/// The runtime reads the flag without ordering anything, and sets it before the handler runs on the task that cancels.
public final class ModelTask: @unchecked Sendable {
    private enum Status {
        static let plain: UInt64 = 0
        static let handles: UInt64 = 1
        static let isCancelling: UInt64 = 2
        static let isCancelled: UInt64 = 3
    }

    private let status = AtomicCell(Status.plain)
    private let hasHandled = Gate(isOpen: false)
    private var handler: @Sendable () -> Void = {}

    public init() {}

    /// The task of the thread that runs.
    nonisolated(unsafe) fileprivate static var ofThreads: [ModelTask?] = Array(repeating: nil, count: 8)

    public static var current: ModelTask? { ofThreads[scheduler.current] }

    /// A number other than zero.
    public static var currentNumber: UInt { UInt(scheduler.current + 1) }

    public var isCancelled: Bool { status.load([], "isCancelled") >= Status.isCancelling }

    public func cancel() {
        let both: Ordering = [.acquires, .releases]
        while true {
            let seen = status.load([], "cancel")
            if seen >= Status.isCancelling { return }
            let next = seen == Status.handles ? Status.isCancelling : Status.isCancelled
            if !status.compareExchange(seen, next, both, failing: [], isWeak: false, "cancel").exchanged { continue }
            guard seen == Status.handles else { return }
            handler()
            status.store(Status.isCancelled, .releases, "cancel")
            return scheduler.open(hasHandled)
        }
    }

    /// From now on the handler runs when the task is cancelled; at once when it is already.
    public func begin(_ handler: @escaping @Sendable () -> Void) {
        self.handler = handler
        let isCancelled = !status.compareExchange(
            Status.plain, Status.handles, [.acquires, .releases], failing: .acquires, isWeak: false, "onCancel"
        ).exchanged
        if isCancelled { handler() }
    }

    /// The handler does not run any more, nor will it.
    public func end() {
        let (done, seen) = status.compareExchange(
            Status.handles, Status.plain, [.acquires, .releases], failing: .acquires, isWeak: false, "onCancel")
        if !done, seen == Status.isCancelling {
            scheduler.pass(hasHandled, closing: false, "onCancel", "waits for its end")
        }
    }
}

/// Runs a task to its end on the calling thread.
public func runToEnd(_ task: ModelTask, _ body: @escaping @Sendable () async -> Void) {
    let thread = scheduler.current
    let outer = ModelTask.ofThreads[thread]
    ModelTask.ofThreads[thread] = task
    Task(executorPreference: CallingThread.shared) { await body() }
    ModelTask.ofThreads[thread] = outer
}

/// Runs a job on the thread that hands it in. Nothing of a program suspends: who waits stops its thread.
private final class CallingThread: TaskExecutor {
    static let shared = CallingThread()

    func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }
}
