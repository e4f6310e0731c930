/// A thread for what must happen on time: sleeps, and the jobs of tasks that prefer it.
///
/// Swift's own threads are as many as the cores, and a program's tasks may keep all of them busy; then a sleep of Swift's own
/// does not end either. A task that prefers this executor and sleeps here depends on neither. Such tasks must be short and
/// must not block: they share the thread.
///
/// ```swift
/// Task.detached(executorPreference: ControlThread.shared) {
///     try await ControlThread.shared.sleep(for: .seconds(1))
///     giveUp()
/// }
/// ```
// The state is accessed only while holding the monitor.
package final class ControlThread: TaskExecutor, @unchecked Sendable {
    /// The thread of the process, for timers. It starts with the first job or sleep and never ends.
    package static let shared = ControlThread(name: "vitals-timer")

    private let name: String
    private let monitor = Monitor()
    private var jobs: [UnownedJob] = []
    private var sleeps = SleepHeap()
    private var hasThread = false
    private var isStopped = false

    /// Creates an executor whose thread starts with the first job or sleep.
    /// - Parameter name: The kernel keeps the first 15 bytes.
    package init(name: String) { self.name = name }

    /// Ends the thread once the jobs already there have run. A job that comes later runs on the global executor. Not while a
    /// task sleeps here.
    package func stop() {
        monitor.withLock {
            isStopped = true
            monitor.signal()
        }
    }

    /// Adds a job to those that the thread runs, in order. Without a thread it runs on the global executor.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isAccepted = monitor.withLock {
            guard startThread() else { return false }
            jobs.append(job)
            monitor.signal()
            return true
        }
        if !isAccepted { Task.detached { job.runSynchronously(on: self.asUnownedTaskExecutor()) } }
    }

    /// Suspends the task for a duration of the monotonic clock; not shorter, and about 0.1 ms longer. Without a thread it is a
    /// sleep of Swift's own.
    /// - Throws: `CancellationError`, at once when the task is canceled.
    package func sleep(for duration: Duration) async throws {
        let sleep = Sleep(until: MonotonicTime.now() &+ max(0, duration.clampedNanoseconds))
        let hasSlept = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let outcome: Bool? = monitor.withLock {
                    guard !sleep.isCancelled else { return true }
                    guard startThread() else { return false }
                    sleep.continuation = continuation
                    if sleeps.add(sleep) { monitor.signal() }
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let continuation = monitor.withLock {
                sleep.isCancelled = true
                defer { sleep.continuation = nil }
                if sleep.continuation != nil { sleeps.cancelledOne() }
                return sleep.continuation
            }
            continuation?.resume(returning: true)
        }
        if !hasSlept { try await Task.sleep(for: duration, clock: .continuous) }
        try Task.checkCancellation()
    }

    // MARK: The thread

    /// Returns whether there is a thread. Called only while holding the monitor.
    private func startThread() -> Bool {
        if isStopped { return false }
        if !hasThread { hasThread = NamedThread.start(name) { self.work() } == 0 }
        return hasThread
    }

    private func work() {
        let executor = asUnownedTaskExecutor()
        while true {
            let (ready, over, isOver) = monitor.withLock {
                while jobs.isEmpty, !isStopped, !sleeps.isDue(at: MonotonicTime.now()) { wait(until: sleeps.earliest) }
                defer { jobs = [] }
                return (jobs, sleeps.removeDue(at: MonotonicTime.now()), isStopped && jobs.isEmpty)
            }
            for job in ready { job.runSynchronously(on: executor) }
            for continuation in over { continuation.resume(returning: true) }
            if isOver { return }
        }
    }

    private func wait(until moment: Int64?) {
        if let moment { monitor.wait(until: moment) } else { monitor.wait() }
    }
}

/// A task that sleeps.
// Accessed only while holding the thread's monitor.
private final class Sleep: @unchecked Sendable {
    let until: Int64
    var continuation: CheckedContinuation<Bool, Never>?
    var isCancelled = false

    init(until: Int64) { self.until = until }
}

/// The sleeps by the moment at which they end. Adding and removing one is O(log n).
private struct SleepHeap {
    private var heap: [Sleep] = []
    private var cancelled = 0

    /// When the first of them ends.
    var earliest: Int64? { heap.first?.until }

    func isDue(at now: Int64) -> Bool { earliest.map { $0 <= now } ?? false }

    /// Adds a sleep. Returns whether it is the first to end.
    mutating func add(_ sleep: Sleep) -> Bool {
        heap.append(sleep)
        var child = heap.count - 1
        while child > 0, heap[child].until < heap[(child - 1) / 2].until {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        return child == 0
    }

    /// Notes that one of them was cancelled. They are removed together, when half of all are.
    mutating func cancelledOne() {
        cancelled += 1
        guard cancelled > 64, cancelled > heap.count / 2 else { return }
        let rest = heap.filter { !$0.isCancelled }
        heap = []
        cancelled = 0
        for sleep in rest { _ = add(sleep) }
    }

    /// Removes those that end by a moment.
    mutating func removeDue(at now: Int64) -> [CheckedContinuation<Bool, Never>] {
        var due: [CheckedContinuation<Bool, Never>] = []
        while isDue(at: now) {
            let first = heap[0]
            heap[0] = heap[heap.count - 1]
            heap.removeLast()
            siftDown()
            if first.isCancelled { cancelled = max(0, cancelled - 1) }
            if let continuation = first.continuation { due.append(continuation) }
            first.continuation = nil
        }
        return due
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].until < heap[least].until {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

extension Duration {
    /// Whole nanoseconds, held within what the clock can count.
    fileprivate var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let most: Int64 = 1 << 60
        guard abs(seconds) < most / 1_000_000_000 else { return seconds < 0 ? -most : most }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
