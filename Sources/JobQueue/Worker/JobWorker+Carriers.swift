import Synchronization

/// A task that carries out runs, one after the other, until none waits or one of them was cancelled.
final class Carrier: Sendable {
    private let task = Lock<Task<Void, Never>?>(nil)
    private let isMarked = Atomic<Bool>(false)

    func attach(_ task: Task<Void, Never>) {
        self.task.with { $0 = task }
        if isCancelled { task.cancel() }
    }

    /// It takes up no more runs.
    func mark() { isMarked.store(true, ordering: .sequentiallyConsistent) }

    func cancel() {
        mark()
        task.with { $0 }?.cancel()
    }

    var isCancelled: Bool { isMarked.load(ordering: .sequentiallyConsistent) }
}

extension JobWorker {
    /// Has runs carried out at once, each at the same time as all others. A task is made only while a run waits and
    /// none is on its way, so that short jobs share a few tasks, and long ones have one each.
    func depart(_ live: [LiveRun]) {
        guard !live.isEmpty else { return }
        if runs.with({ $0.add(live) }) { callCarrier() }
    }

    private func callCarrier() {
        let carrier = Carrier()
        carrier.attach(Task { await carry(carrier) })
    }

    private func carry(_ carrier: Carrier) async {
        let (first, mustCall) = runs.with { $0.first() }
        if mustCall { callCarrier() }
        var next = first
        var turnBegan = clock.monotonic()
        while let run = next {
            run.depart(with: carrier)
            let outcome = await carryOut(run)
            run.arrive()
            let now = clock.monotonic()
            // A task that was cancelled for a run's sake stays cancelled, and takes up no other.
            next = runs.with { runs in
                runs.remove(run)
                return carrier.isCancelled ? nil : runs.next()
            }
            finish(run, outcome, at: now)
            if now - turnBegan >= .milliseconds(1) {
                await Task.yield()
                turnBegan = clock.monotonic()
            }
        }
    }
}
