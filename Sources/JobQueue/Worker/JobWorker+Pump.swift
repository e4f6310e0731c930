import Logging
import VitalsSupport

extension JobWorker {
    /// Tells outcomes and claims jobs, one exchange after the other, until nothing is left to do.
    func pump(_ signal: Wakeup) async {
        var backoff = Backoff()
        while true {
            await gather()
            if let (worker, holding) = state.with({ $0.reconciling() }) {
                await reconcile(worker, holding: holding, &backoff)
                continue
            }
            let (exchange, isDone) = state.with { ($0.nextExchange(), $0.isDone) }
            if isDone {
                fire()
                return
            }
            guard let exchange else {
                await signal.wait()
                continue
            }
            await make(exchange, &backoff)
        }
    }

    private func make(_ exchange: WorkerState.AckAndClaim, _ backoff: inout Backoff) async {
        do {
            let reply = try await store.exchange(exchange.request)
            answered()
            backoff.reset()
            take(reply, of: exchange)
        } catch {
            state.with { $0.exchangeFailed(exchange) }
            await pause(after: error, &backoff)
        }
    }

    /// Makes an exchange that is due and that no pump has begun within 100 ms, because jobs keep all of Swift's threads busy.
    /// On the worker's own thread.
    func pumpWhenOthersAreLate() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            await lateWakeup.wait()
            let before = state.with { $0.begunExchanges }
            try? await ControlThread.shared.sleep(for: .milliseconds(100))
            let exchange = state.with { state in
                state.begunExchanges == before && !Task.isCancelled ? state.nextExchange() : nil
            }
            guard let exchange else { continue }
            await make(exchange, &backoff)
            // There may be more to do, or nothing any more.
            fire()
        }
    }

    /// While runs end one upon the other, lets those that are queued behind this task end as well: outcomes then
    /// travel together. Costs a few turns of the executor, and no time when nothing else is to be run.
    private func gather() async {
        var turns = 0
        var known = -1
        while turns < 8 {
            let (isFilling, count) = state.with { ($0.isFilling && !$0.outcomes.isEmpty, $0.outcomes.count) }
            guard isFilling, count != known else { return }
            known = count
            turns += 1
            await Task.yield()
        }
    }

    private func take(_ reply: ExchangeReply, of exchange: WorkerState.AckAndClaim) {
        for reference in reply.rejected {
            logger.warning(
                "An outcome was refused: the job has been taken over.", metadata: ["job_id": "\(reference.id)"])
            observer?.observe(.rejected(reference))
        }
        let now = clock.monotonic()
        let (claimed, phase) = state.with { ($0.exchanged(exchange, reply, now: now), $0.phase) }
        if !claimed.isEmpty { observer?.observe(.claimed(count: claimed.count)) }
        if phase >= .cancelling {
            state.with { state in
                for claimed in claimed { _ = state.ended(claimed.job.reference, at: claimed.place, .returned) }
            }
        } else {
            start(claimed)
        }
        if pumps.count > 1, state.with({ $0.needsReconciling }) { fire() }
    }

    private func reconcile(_ worker: WorkerID, holding: [RunReference], _ backoff: inout Backoff) async {
        do {
            let lost = try await store.reconcile(worker, holding: holding)
            answered()
            backoff.reset()
            cancel(state.with { $0.reconciled(lost: lost) })
        } catch {
            await pause(after: error, &backoff)
        }
        fire()
    }

    func cancel(_ lost: [RunReference]) {
        guard !lost.isEmpty else { return }
        let lost = Set(lost)
        for run in runs.with({ $0.all }) where lost.contains(run.reference) { run.cancel(.leaseLost) }
    }

    // MARK: A store that is away

    func pause(after error: any Error, _ backoff: inout Backoff) async {
        let delay = backoff.next()
        let isNew = outage.with { away in
            defer { away = true }
            return !away
        }
        if isNew {
            logger.error("The job store does not answer; the worker keeps trying.", metadata: ["error": "\(error)"])
        }
        observer?.observe(.storeUnavailable(error: error, retryIn: delay))
        try? await clock.sleep(for: delay)
    }

    func answered() {
        let wasAway = outage.with { away in
            defer { away = false }
            return away
        }
        guard wasAway else { return }
        logger.notice("The job store answers again.")
        observer?.observe(.storeRecovered)
    }
}
