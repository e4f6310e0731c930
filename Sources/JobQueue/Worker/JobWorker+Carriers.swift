/// Runs on their way to a task that carries them out.
struct Departures {
    var waiting = Fifo<LiveRun>()
    /// Whether a task has been made that has not begun. While any run waits, there is one.
    var isCarrierComing = false
}

/// A task that carries out runs, one after the other, until none waits or one of them was cancelled.
final class Carrier: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Lock(State())

    func attach(_ task: Task<Void, Never>) {
        let isCancelled = state.with { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    /// It takes up no more runs.
    func mark() { state.with { $0.isCancelled = true } }

    func cancel() {
        let task = state.with { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    var isCancelled: Bool { state.with { $0.isCancelled } }
}

extension JobWorker {
    /// Has runs carried out at once, each at the same time as all others. A task is made only while a run waits and
    /// none is on its way, so that short jobs share a few tasks, and long ones have one each.
    func depart(_ live: [LiveRun]) {
        guard !live.isEmpty else { return }
        let mustCall = departures.with { departures in
            for run in live { departures.waiting.append(run) }
            defer { departures.isCarrierComing = true }
            return !departures.isCarrierComing
        }
        if mustCall { callCarrier() }
    }

    private func callCarrier() {
        let carrier = Carrier()
        carrier.attach(Task { await carry(carrier) })
    }

    private func carry(_ carrier: Carrier) async {
        var next = firstRun()
        var turnBegan = clock.monotonic()
        while let run = next {
            run.depart(with: carrier)
            await carryOut(run)
            run.arrive()
            // A task that was cancelled for a run's sake stays cancelled.
            guard !carrier.isCancelled else { return }
            if clock.monotonic() - turnBegan >= .milliseconds(1) {
                await Task.yield()
                turnBegan = clock.monotonic()
            }
            next = departures.with { $0.waiting.popFirst() }
        }
    }

    /// The first run for a task that has just begun, and another task for those behind it.
    private func firstRun() -> LiveRun? {
        let (run, mustCall) = departures.with { departures in
            let run = departures.waiting.popFirst()
            departures.isCarrierComing = !departures.waiting.isEmpty
            return (run, departures.isCarrierComing)
        }
        if mustCall { callCarrier() }
        return run
    }
}
