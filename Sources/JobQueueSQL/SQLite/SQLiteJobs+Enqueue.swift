import JobQueue
import SQLDatabase
import SQLiteBackend

extension SQLiteJobs {
    mutating func enqueue(_ jobs: [NewJob]) throws -> [EnqueueReceipt] {
        try NewJob.validate(jobs)
        try checkDependencies(of: jobs)
        var receipts: [EnqueueReceipt] = []
        receipts.reserveCapacity(jobs.count)
        var skipped: [JobID: JobID] = [:]
        var blocked: [NewJob] = []
        for job in jobs {
            if let holder = try holder(of: job) ?? job.parent.flatMap({ skipped[$0] }) {
                skipped[job.id] = holder
                receipts.append(EnqueueReceipt(id: holder, isNew: false))
                continue
            }
            let state = try insert(job)
            receipts.append(EnqueueReceipt(id: job.id, isNew: state != nil))
            switch state {
            case .blocked: blocked.append(job)
            case .scheduled: if news.last != .scheduled { news.append(.scheduled) }
            case .throttled: if let key = job.concurrency?.key { keys.insert(key) }
            case .ready: announce(job.queue)
            default: break
            }
        }
        for job in blocked { try settle(job.id, dependsOn: job.dependsOn) }
        return receipts
    }

    private func checkDependencies(of jobs: [NewJob]) throws {
        var own: Set<JobID>?
        for job in jobs {
            for id in job.relatives {
                if own == nil { own = Set(jobs.map(\.id)) }
                if own?.contains(id) == true { continue }
                guard try !rows("SELECT 1 FROM vitals_job WHERE id = $1", id.blob).isEmpty else {
                    throw job.unknown(id)
                }
            }
        }
    }

    private func holder(of job: NewJob) throws -> JobID? {
        if let key = job.idempotencyKey,
            let row = try rows("SELECT job FROM vitals_job_idempotency WHERE key = $1", .text(key)).first
        {
            return JobID(blob: row.values[0])
        }
        if let key = job.uniqueKey,
            let row = try rows("SELECT id FROM vitals_job WHERE unique_key = $1 AND state < 10", .text(key)).first
        {
            return JobID(blob: row.values[0])
        }
        return nil
    }

    /// Stores a job. Returns its state; `nil` where it was there already.
    private func insert(_ job: NewJob) throws -> JobState? {
        let runAt = job.start.moment(now: now)
        let state = JobLifecycle(
            isBlocked: !job.dependsOn.isEmpty || job.awaitsChildren, isDelayed: runAt > now,
            isKeyed: job.concurrency != nil
        ).state
        var links: Int64 = 0
        if job.concurrency != nil { links |= JobLinks.key }
        if job.parent != nil { links |= JobLinks.parent }
        let changed = try session.execute(
            SQLQuery(
                unsafe: """
                    INSERT INTO vitals_job (id, queue, kind, priority, state, links, created_at, run_at, max_attempts,
                        max_rescues, unique_key, idempotency_key, concurrency_key, concurrency_limit, parent,
                        awaits_children, proceeds, depends_on, metadata, payload)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
                    ON CONFLICT (id) DO NOTHING
                    """,
                [
                    job.id.blob, .text(job.queue), .text(job.kind), .integer(Int64(job.priority.rawValue)),
                    .integer(Int64(state.code)), .integer(links), .integer(now), .integer(runAt),
                    .integer(Int64(job.maxAttempts)), .integer(Int64(job.maxRescues)), text(job.uniqueKey),
                    text(job.idempotencyKey), text(job.concurrency?.key),
                    job.concurrency.map { .integer(Int64($0.limit)) } ?? .null, job.parent?.blob ?? .null,
                    .integer(job.awaitsChildren ? 1 : 0), .integer(job.whenDependencyFails == .proceed ? 1 : 0),
                    text(TextColumn.ids(job.dependsOn)), text(try TextColumn.metadata(job.metadata)),
                    .blob(job.payload),
                ]))
        guard changed > 0 else { return nil }
        if let key = job.idempotencyKey {
            try run(
                "INSERT INTO vitals_job_idempotency (key, job, created_at) VALUES ($1, $2, $3)", .text(key),
                job.id.blob, .integer(now))
        }
        return state
    }

    private func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }

    /// Looks at what a new blocked job waits for, once all jobs of its call are there.
    mutating func settle(_ job: JobID, dependsOn: [JobID]) throws {
        var failed: JobID?
        for id in dependsOn {
            let changed = try run("UPDATE vitals_job SET links = links | 4 WHERE id = $1 AND state < 10", id.blob)
            if changed > 0 {
                try run(
                    "INSERT OR IGNORE INTO vitals_job_dependency (dependency, dependent) VALUES ($1, $2)", id.blob,
                    job.blob)
            } else if try rows("SELECT 1 FROM vitals_job WHERE id = $1 AND state = 10", id.blob).isEmpty {
                failed = id
            }
        }
        try resolve(job, failed: failed)
    }
}
