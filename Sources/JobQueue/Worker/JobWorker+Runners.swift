import Synchronization

/// A task that executes runs, one after the other, until none waits or one of them was cancelled.
final class RunnerTask: Sendable {
    private let task = Lock<Task<Void, Never>?>(nil)
    private let isMarked = Atomic<Bool>(false)

    func attach(_ task: Task<Void, Never>) {
        self.task.with { $0 = task }
        if isCancelled { task.cancel() }
    }

    /// It begins no more runs.
    func mark() { isMarked.store(true, ordering: .sequentiallyConsistent) }

    func cancel() {
        mark()
        task.with { $0 }?.cancel()
    }

    var isCancelled: Bool { isMarked.load(ordering: .sequentiallyConsistent) }
}

extension JobWorker {
    /// Executes runs, each at the same time as all others. A task is created only while a run waits and none is about to
    /// begin, so that short jobs share a few tasks, and long ones have one each.
    func launch(_ live: [LiveRun]) {
        guard !live.isEmpty else { return }
        if runs.with({ $0.add(live) }) { startRunner() }
    }

    private func startRunner() {
        let runner = RunnerTask()
        runner.attach(Task.detached { await self.runAll(runner) })
    }

    private func runAll(_ runner: RunnerTask) async {
        let (first, mustCall) = runs.with { $0.first() }
        if mustCall { startRunner() }
        var next = first
        var turnBegan = clock.monotonic()
        while let run = next {
            run.started(by: runner)
            let outcome = await execute(run)
            run.finished()
            let now = clock.monotonic()
            // A task that was cancelled for a run's sake stays cancelled, and takes up no other.
            next = runs.with { runs in
                runs.remove(run)
                return runner.isCancelled ? nil : runs.next()
            }
            finish(run, outcome, at: now)
            if now - turnBegan >= .milliseconds(1) {
                await Task.yield()
                turnBegan = clock.monotonic()
            }
        }
    }
}
