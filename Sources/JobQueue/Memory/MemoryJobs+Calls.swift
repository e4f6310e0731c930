extension MemoryJobs {
    // MARK: Enqueuing

    mutating func enqueue(_ jobs: [NewJob], now: Int64) throws(JobError) -> [EnqueueReceipt] {
        try NewJob.validate(jobs)
        try checkDependencies(of: jobs)
        var receipts: [EnqueueReceipt] = []
        receipts.reserveCapacity(jobs.count)
        var blocked: [MemoryEntry] = []
        var skipped: [JobID: JobID] = [:]
        for job in jobs {
            if let holder = holder(of: job) ?? job.parent.flatMap({ skipped[$0] }) {
                skipped[job.id] = holder
                receipts.append(EnqueueReceipt(id: holder, isNew: false))
                continue
            }
            receipts.append(EnqueueReceipt(id: job.id, isNew: true))
            let entry = insert(job, now: now)
            if entry.state == .blocked { blocked.append(entry) }
        }
        for entry in blocked { settle(entry, now: now) }
        return receipts
    }

    private func checkDependencies(of jobs: [NewJob]) throws(JobError) {
        var ids: Set<JobID>?
        for job in jobs {
            for id in job.relatives where entries[id] == nil {
                if ids == nil { ids = Set(jobs.map(\.id)) }
                guard ids?.contains(id) == true else { throw job.unknown(id) }
            }
        }
    }

    private func holder(of job: NewJob) -> JobID? {
        if entries[job.id] != nil { return job.id }
        if let key = job.idempotencyKey, let holder = idempotencyKeys[key] { return holder.id }
        if let key = job.uniqueKey, let holder = uniqueKeys[key] { return holder }
        return nil
    }

    private mutating func insert(_ job: NewJob, now: Int64) -> MemoryEntry {
        let runAt = job.start.moment(now: now)
        let lifecycle = JobLifecycle(
            isBlocked: !job.dependsOn.isEmpty || job.awaitsChildren, isDelayed: runAt > now,
            isKeyed: job.concurrency != nil, maxRescues: job.maxRescues)
        let entry = MemoryEntry(job: job, queue: queue(job.queue), lifecycle: lifecycle, now: now, runAt: runAt)
        entries[job.id] = entry
        if let key = job.uniqueKey { uniqueKeys[key] = job.id }
        if let key = job.idempotencyKey { idempotencyKeys[key] = (job.id, now) }
        if let parent = job.parent {
            children[parent, default: []].append(job.id)
            liveChildren[parent, default: 0] += 1
        }
        entry.queue.counts[entry.state.code] += 1
        if entry.state != .blocked { enter(entry, now: now) }
        return entry
    }

    /// Looks at what a new blocked job waits for, once all jobs of its call are there.
    private mutating func settle(_ entry: MemoryEntry, now: Int64) {
        for id in entry.job.dependsOn {
            guard let other = entries[id], entry.state == .blocked else { continue }
            if !other.state.isTerminal {
                other.hasDependents = true
                if entry.pending.insert(id).inserted { dependents[id, default: []].append(entry.job.id) }
            } else if other.state != .completed, entry.job.whenDependencyFails == .fail {
                fail(entry, because: other, now: now)
            }
        }
        resolveOrFail(entry, now: now)
    }

    // MARK: Exchanging

    mutating func exchange(_ request: ExchangeRequest, now: Int64) -> ExchangeReply {
        var reply = ExchangeReply()
        let known = workers[request.worker]
        for acknowledgement in request.acknowledgements {
            if !acknowledge(acknowledgement, worker: request.worker, known, now: now) {
                reply.rejected.append(acknowledgement.reference)
            }
        }
        guard let known, known.leaseEnds > now else { return reply }
        reply.claimed.reserveCapacity(request.claims.reduce(0) { $0 + min(1000, $1.limit) })
        for claim in request.claims { self.claim(claim, worker: known, now: now, into: &reply.claimed) }
        return reply
    }

    private mutating func acknowledge(
        _ acknowledgement: Acknowledgement, worker: WorkerID, _ known: MemoryWorker?, now: Int64
    ) -> Bool {
        let reference = acknowledgement.reference
        guard let entry = entries[reference.id], entry.state == .running, entry.worker == worker,
            entry.lifecycle.run == reference.run
        else { return false }
        known?.drop(entry)
        switch acknowledgement.outcome {
        case .completed(let result):
            entry.result = result
            entry.error = nil
            if entry.progress != nil { entry.progress = 1 }
        case .retry(let delay, _), .snoozed(let delay): entry.runAt = now + delay.microseconds
        case .waitingForChildren: entry.awaitsChildren = true
        case .dead, .discarded, .cancelled, .returned: break
        }
        if let message = acknowledgement.outcome.message { entry.error = message }
        return move(entry, now: now) { $0.finish(run: reference.run, acknowledgement.outcome) }
    }

    private mutating func claim(
        _ claim: QueueClaim, worker: MemoryWorker, now: Int64, into claimed: inout [ClaimedJob]
    ) {
        guard let queue = queues[claim.queue] else { return }
        var free = queue.settings.isPaused ? 0 : claim.limit
        if queue.settings.needsCounting { free = min(free, self.free(in: queue, now: now)) }
        var taken = 0
        while taken < free, let entry = queue.pop(worker.description.kinds, claim.suspicion) {
            move(entry, now: now) { $0.claim() }
            worker.take(entry)
            entry.startedAt = now
            entry.progress = nil
            entry.progressMessage = nil
            claimed.append(entry.claimed(now: now))
            taken += 1
        }
        if taken < claim.limit { queue.isAnnounced = false }
        if queue.settings.rateLimit != nil { queue.bucket?.tokens -= Double(taken) }
    }

    private func free(in queue: MemoryQueue, now: Int64) -> Int {
        var free = Int.max
        if let most = queue.settings.maxConcurrent { free = max(0, most - queue.counts[JobState.running.code]) }
        if let limit = queue.settings.rateLimit {
            var bucket = queue.bucket ?? TokenBucket(tokens: Double(limit.count), updated: now)
            free = min(free, bucket.available(limit, now: now))
            queue.bucket = bucket
        }
        return free
    }

    mutating func reconcile(_ worker: WorkerID, holding: [RunReference], now: Int64) -> [RunReference] {
        guard let known = workers[worker] else { return holding }
        let held = Set(holding)
        var found: Set<RunReference> = []
        for (_, entry) in known.running.occupied {
            let reference = RunReference(id: entry.job.id, run: entry.lifecycle.run)
            if held.contains(reference) {
                found.insert(reference)
            } else {
                known.drop(entry)
                move(entry, now: now) { $0.finish(run: reference.run, .returned) }
            }
        }
        return holding.filter { !found.contains($0) }
    }

    mutating func save(_ updates: [RunUpdate], worker: WorkerID) -> [RunReference] {
        var lost: [RunReference] = []
        for update in updates {
            guard let entry = entries[update.reference.id], entry.state == .running, entry.worker == worker,
                entry.lifecycle.run == update.reference.run
            else {
                lost.append(update.reference)
                continue
            }
            if let progress = update.progress { entry.progress = max(entry.progress ?? 0, progress) }
            if let message = update.message { entry.progressMessage = message }
            if let checkpoint = update.checkpoint { entry.checkpoint = checkpoint }
        }
        return lost
    }

    // MARK: Maintenance

    mutating func maintain(_ request: MaintenanceRequest, now: Int64) -> MaintenanceReport {
        var report = MaintenanceReport()
        report.now = .init(microseconds: now)
        while let first = scheduled.first {
            // What was cancelled, or moved to another time, left its old entry behind.
            guard first.element.state == .scheduled, first.element.runAt == first.moment else {
                _ = scheduled.pop()
                continue
            }
            guard first.moment <= now else {
                report.nextDue = .microseconds(first.moment - now)
                break
            }
            _ = scheduled.pop()
            if move(first.element, now: now, { $0.becomeDue() }) { report.due += 1 }
        }
        rescue(now: now, into: &report)
        report.suspected = Set(queues.values.filter { $0.hasSuspects(.suspected) }.map(\.name))
        report.lastChances = Set(queues.values.filter { $0.hasSuspects(.lastChance) }.map(\.name))
        if let retention = request.retention {
            while let oldest = oldestFinished(), oldest.finishedAt < now - retention.microseconds {
                dropOldest()
                report.pruned += 1
            }
        }
        idempotencyKeys = idempotencyKeys.filter { $0.value.createdAt >= now - request.keyRetention.microseconds }
        return report
    }

    private mutating func rescue(now: Int64, into report: inout MaintenanceReport) {
        for (id, worker) in workers where worker.leaseEnds <= now {
            workers[id] = nil
            lost.append(worker)
        }
        guard !lost.isEmpty else { return }
        defer { lost = [] }
        // What a worker still told after it had signed off has ended.
        let orphans = lost.flatMap { worker in
            worker.running.occupied.map(\.element).filter { $0.state == .running && $0.worker == worker.id }
        }
        for entry in orphans.sorted(by: { $0.job.id < $1.job.id }) {
            if entry.lifecycle.rescues + 1 >= entry.lifecycle.maxRescues {
                entry.error = "its process died \(entry.lifecycle.rescues + 1) times while it ran"
            }
            entry.runAt = min(entry.runAt, now)
            move(entry, now: now) { $0.rescue() }
            if entry.state == .dead { report.poisoned += 1 } else { report.rescued += 1 }
        }
    }

    // MARK: Operators

    mutating func retry(_ ids: [JobID], now: Int64) -> [JobID] {
        var back: [MemoryEntry] = []
        let done = ids.filter { id in
            guard let entry = entries[id], entry.state != .completed else { return false }
            if let key = entry.job.uniqueKey {
                if uniqueKeys[key] != nil { return false }
            }
            let wasTerminal = entry.state.isTerminal
            guard wasTerminal else { return false }
            entry.lifecycle.retryByHand(isBlocked: entry.awaitsChildren || !entry.job.dependsOn.isEmpty)
            entry.runAt = now
            entry.finishedAt = 0
            entry.end = 0
            finishedCount -= 1
            if let key = entry.job.uniqueKey { uniqueKeys[key] = id }
            if let parent = entry.job.parent { liveChildren[parent, default: 0] += 1 }
            entry.queue.counts[entry.state.code] += 1
            back.append(entry)
            return true
        }
        // All are there before any of them is looked at: one may wait for another.
        for entry in back { if entry.state == .blocked { settle(entry, now: now) } else { enter(entry, now: now) } }
        // Who waits for what ended badly, and was not brought back with it, is dead again.
        return done.filter { entries[$0].map { $0.state != .dead || $0.lifecycle.attempt > 0 } ?? false }
    }

    mutating func delete(_ ids: [JobID]) -> [JobID] {
        ids.filter { id in
            guard let entry = entries[id], entry.state.isTerminal else { return false }
            remove(entry)
            return true
        }
    }

    func list(_ filter: JobFilter) -> [JobRecord] {
        let pool = filter.parent.map { (children[$0] ?? []).compactMap { entries[$0] } } ?? Array(entries.values)
        return
            pool.filter { entry in
                (filter.states.isEmpty || filter.states.contains(entry.state))
                    && (filter.queue.map { $0 == entry.job.queue } ?? true)
                    && (filter.kind.map { $0 == entry.job.kind } ?? true)
                    && (filter.before.map { entry.job.id < $0 } ?? true)
            }
            .sorted { $0.job.id > $1.job.id }
            .prefix(filter.limit)
            .map(\.record)
    }

    private func untaken(of queue: MemoryQueue, now: Int64) -> [String: Int] {
        let taking = workers.values.filter { $0.leaseEnds > now && $0.description.queues.contains(queue.name) }
        // One that was ready before stands there twice.
        var seen: Set<JobID> = []
        return queue.firstReady(QueueStatistics.untakenSample).reduce(into: [:]) { counts, entry in
            guard seen.insert(entry.job.id).inserted else { return }
            let kind = entry.job.kind
            guard !taking.contains(where: { $0.description.kinds?.contains(kind) ?? true }) else { return }
            counts[kind, default: 0] += 1
        }
    }

    func statistics(now: Int64) -> [QueueStatistics] {
        queues.values.sorted { $0.name < $1.name }.map { queue in
            var counts: [JobState: Int] = [:]
            for (code, count) in queue.counts.enumerated() where count > 0 {
                if let state = JobState(code: code) { counts[state] = count }
            }
            return QueueStatistics(
                queue: queue.name, counts: counts,
                oldestReady: queue.oldestReady.map { .microseconds(max(0, now - $0)) }, settings: queue.settings,
                untaken: untaken(of: queue, now: now))
        }
    }
}
