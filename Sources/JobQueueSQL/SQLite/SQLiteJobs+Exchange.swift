import JobQueue
import SQLDatabase
import SQLiteBackend

extension SQLiteJobs {
    // MARK: Exchanging

    /// Takes in outcomes and hands out jobs.
    mutating func exchange(_ request: ExchangeRequest) throws -> ExchangeReply {
        var reply = ExchangeReply()
        let worker = request.worker.blob
        for acknowledgement in try completed(request.acknowledgements, worker: worker) {
            if try !acknowledge(acknowledgement, worker: worker) {
                reply.rejected.append(acknowledgement.reference)
            }
        }
        try follow()
        guard !request.claims.isEmpty,
            let row = try rows(
                "SELECT kinds FROM vitals_job_worker WHERE id = $1 AND lease_ends > $2", worker, .integer(now)
            ).first
        else { return reply }
        for claim in request.claims where claim.limit > 0 {
            let jobs = try self.claim(claim, worker: worker, kinds: row.values[0])
            if jobs.count < claim.limit, claim.takesClear { short.append(claim.queue) }
            reply.claimed += jobs
        }
        return reply
    }

    /// Takes in the completed jobs that are tied to nothing, by far the most. Returns the other outcomes.
    private func completed(_ acknowledgements: [Acknowledgement], worker: SQLValue) throws -> [Acknowledgement] {
        var others: [Acknowledgement] = []
        var withResult: [Acknowledgement] = []
        var withoutByRun: [Int64: [Acknowledgement]] = [:]
        for acknowledgement in acknowledgements {
            switch acknowledgement.outcome {
            case .completed(nil): withoutByRun[acknowledgement.reference.run, default: []].append(acknowledgement)
            case .completed: withResult.append(acknowledgement)
            default: others.append(acknowledgement)
            }
        }
        for (run, group) in withoutByRun {
            for start in stride(from: 0, to: group.count, by: Self.most) {
                let part = group[start..<min(start + Self.most, group.count)]
                others += try complete(part, run: run, worker: worker)
            }
        }
        guard !withResult.isEmpty else { return others }
        let changes = try session.execute(
            Self.complete + " AND worker = $5 AND links = 0",
            each: withResult.map { parameters(of: $0, worker: worker) })
        return zip(withResult, changes).filter { $0.1 == 0 }.map(\.0) + others
    }

    /// Takes in completed jobs without a result by one statement, because SQLite opens the table and each of its
    /// indices once a statement. Returns those that it passed over.
    private func complete(
        _ group: ArraySlice<Acknowledgement>, run: Int64, worker: SQLValue
    ) throws -> [Acknowledgement] {
        var ids = group.map(\.reference.id.blob)
        guard let last = ids.last, let texts = Self.together.first(where: { $0.count >= ids.count }) else {
            return Array(group)
        }
        ids += repeatElement(last, count: texts.count - ids.count)
        let parameters = [worker, .integer(now), .integer(run)] + ids
        guard try session.execute(SQLQuery(unsafe: texts.update, parameters)) < group.count else { return [] }
        let done = Set(
            try session.query(SQLQuery(unsafe: texts.done, parameters)).compactMap { JobID(blob: $0.values[0]) })
        return group.filter { !done.contains($0.reference.id) }
    }

    /// How many jobs one statement completes at most.
    private static let most = 128

    /// Statements for up to so many jobs. A few sizes, so that their plans are kept; a shorter list is filled up.
    private static let together = [8, 32, most].map { count in
        let ids = (4..<4 + count).map { "$\($0)" }.joined(separator: ", ")
        return (
            count: count,
            update: """
            UPDATE vitals_job SET state = 10, finished_at = $2, result = NULL, error = NULL,
                progress = CASE WHEN progress IS NULL THEN NULL ELSE 1.0 END
            WHERE id IN (\(ids)) AND run = $3 AND worker = $1 AND state = 4 AND links = 0
            """,
            done: """
            SELECT id FROM vitals_job
            WHERE id IN (\(ids)) AND run = $3 AND worker = $1 AND state = 10 AND finished_at = $2
            """
        )
    }

    /// id, run, time, result.
    private static let complete = """
        UPDATE vitals_job SET state = 10, finished_at = $3, result = $4, error = NULL,
            progress = CASE WHEN progress IS NULL THEN NULL ELSE 1.0 END
        WHERE id = $1 AND run = $2 AND state = 4
        """

    private func parameters(of run: RunReference, result: [UInt8]?) -> [SQLValue] {
        [run.id.blob, .integer(run.run), .integer(now), result.map { .blob($0) } ?? .null]
    }

    /// For ``complete``, and the worker.
    private func parameters(of completed: Acknowledgement, worker: SQLValue) -> [SQLValue] {
        var result: [UInt8]?
        if case .completed(let bytes) = completed.outcome { result = bytes }
        return parameters(of: completed.reference, result: result) + [worker]
    }

    /// Completes a job within its own transaction. Returns whether the run still has it.
    mutating func complete(_ run: RunReference, result: [UInt8]?) throws -> Bool {
        let done = try session.query(
            SQLQuery(unsafe: Self.complete + " RETURNING links", parameters(of: run, result: result)))
        guard let row = done.first else { return false }
        try leave(run.id, links: row.integer(0) ?? 0, ended: true)
        return true
    }

    private mutating func acknowledge(_ acknowledgement: Acknowledgement, worker: SQLValue) throws -> Bool {
        let id = acknowledgement.reference.id
        let run = SQLValue.integer(acknowledgement.reference.run)
        let done: [SQLRow]
        switch acknowledgement.outcome {
        case .completed:
            done = try session.query(
                SQLQuery(
                    unsafe: Self.complete + " AND worker = $5 RETURNING links",
                    parameters(of: acknowledgement, worker: worker)))
        case .dead, .discarded, .cancelled:
            let state: JobState =
                switch acknowledgement.outcome {
                case .dead: .dead
                case .discarded: .discarded
                default: .cancelled
                }
            done = try rows(
                """
                UPDATE vitals_job SET state = $5, finished_at = $4, error = coalesce($6, error)
                WHERE id = $1 AND run = $2 AND worker = $3 AND state = 4 RETURNING links
                """, id.blob, run, worker, .integer(now), .integer(Int64(state.code)),
                acknowledgement.outcome.message.map { .text($0) } ?? .null)
        case .retry, .snoozed, .waitingForChildren, .returned:
            return try putBack(acknowledgement, worker: worker)
        }
        guard let row = done.first else { return false }
        try leave(id, links: row.integer(0) ?? 0, ended: true)
        return true
    }

    /// An outcome after which the job runs again, unless someone wanted it cancelled.
    private mutating func putBack(_ acknowledgement: Acknowledgement, worker: SQLValue) throws -> Bool {
        let id = acknowledgement.reference.id
        let (next, delay, counted): (JobState, Int64?, Bool) =
            switch acknowledgement.outcome {
            case .retry(let delay, _): (.scheduled, delay.microseconds, true)
            case .snoozed(let delay): (.scheduled, delay.microseconds, false)
            case .waitingForChildren: (.blocked, nil, false)
            default: (.ready, nil, false)
            }
        let done = try rows(
            """
            UPDATE vitals_job SET
                state = CASE cancel_requested WHEN 1 THEN 12 ELSE $4 END,
                rescues = CASE $4 WHEN 3 THEN rescues ELSE 0 END,
                finished_at = CASE cancel_requested WHEN 1 THEN $5 ELSE NULL END,
                run_at = coalesce($6, run_at), attempt = attempt - CASE cancel_requested WHEN 1 THEN 0 ELSE $7 END, error = coalesce($8, error),
                awaits_children = CASE $4 WHEN 0 THEN 1 ELSE awaits_children END
            WHERE id = $1 AND run = $2 AND worker = $3 AND state = 4 RETURNING links, queue, state
            """, id.blob, .integer(acknowledgement.reference.run), worker, .integer(Int64(next.code)), .integer(now),
            delay.map { .integer(now &+ max(0, $0)) } ?? .null, .integer(counted ? 0 : 1),
            acknowledgement.outcome.message.map { .text($0) } ?? .null)
        guard let row = done.first else { return false }
        let state = JobState(code: row.int(2))
        switch state {
        case .ready: announce(row.text(1) ?? "")
        case .scheduled: news.append(.scheduled)
        default: break
        }
        if state != .ready { try leave(id, links: row.integer(0) ?? 0, ended: state == .cancelled) }
        if state == .blocked { try resolve(id) }
        return true
    }

    // MARK: Claiming

    /// - Parameter kinds: A JSON array, or NULL for any.
    private func claim(_ claim: QueueClaim, worker: SQLValue, kinds: SQLValue) throws -> [ClaimedJob] {
        let settings = try settings(of: claim.queue)
        var free = claim.limit
        var bucket = settings?.bucket
        if let settings {
            if settings.settings.isPaused { return [] }
            if let most = settings.settings.maxConcurrent {
                let running = try rows(
                    "SELECT count(*) FROM vitals_job WHERE state = 4 AND queue = $1", .text(claim.queue))
                free = min(free, most - (running.first?.int(0) ?? 0))
            }
            if let limit = settings.settings.rateLimit { free = min(free, bucket?.available(limit, now: now) ?? 0) }
        }
        guard free > 0 else { return [] }
        let claimed = try rows(
            """
            UPDATE vitals_job SET state = 4, attempt = attempt + 1, run = run + 1, worker = $2, started_at = $3,
                progress = NULL, progress_message = NULL
            WHERE place IN (SELECT place FROM vitals_job WHERE queue = $1 AND state = 3
                    AND ($5 IS NULL OR kind IN (SELECT value FROM json_each($5))) \(claim.suspicion.map { "AND \($0.condition)" } ?? "")
                ORDER BY priority, run_at, place LIMIT $4)
            RETURNING id, run, kind, payload, attempt, max_attempts, run_at, checkpoint, parent, metadata, priority,
                rescues, max_rescues
            """, .text(claim.queue), worker, .integer(now), .integer(Int64(free)), kinds)
        if let bucket, settings?.settings.rateLimit != nil {
            try run(
                "UPDATE vitals_job_queue SET tokens = $2, tokens_at = $3 WHERE name = $1", .text(claim.queue),
                .double(bucket.tokens - Double(claimed.count)), .integer(bucket.updated))
        }
        // RETURNING speaks in the order of the table.
        let ordered = claimed.sorted {
            ($0.int(10), $0.integer(6) ?? 0) < ($1.int(10), $1.integer(6) ?? 0)
        }
        return try ordered.map { row in
            guard let id = JobID(blob: row.values[0]) else {
                throw JobError(.storeFailed, "a stored job has no id")
            }
            return ClaimedJob(
                id: id, run: row.integer(1) ?? 0, kind: row.text(2) ?? "", queue: claim.queue,
                payload: row.bytes(3) ?? [], attempt: row.int(4), maxAttempts: row.int(5),
                waited: .microseconds(max(0, now - (row.integer(6) ?? now))), checkpoint: row.bytes(7),
                parent: JobID(blob: row.values[8]), metadata: try TextColumn.metadata(row.text(9)),
                suspicion: JobSuspicion(rescues: row.int(11), maxRescues: row.int(12)))
        }
    }

    private func settings(of queue: String) throws -> (settings: QueueSettings, bucket: TokenBucket?)? {
        let found = try rows(
            "SELECT name, paused, max_concurrent, rate_count, rate_period, tokens, tokens_at FROM vitals_job_queue"
                + " WHERE name = $1", .text(queue))
        guard let row = found.first else { return nil }
        let settings = QueueFigures.settings(row)
        let bucket = settings.rateLimit.map { limit in
            TokenBucket(tokens: row.double(5) ?? Double(limit.count), updated: row.integer(6) ?? now)
        }
        return (settings, bucket)
    }
}
