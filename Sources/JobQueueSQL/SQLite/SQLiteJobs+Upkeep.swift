import JobQueue
import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SQLiteJobs {
    /// How many rows one transaction of maintenance moves at most, so that others are not held up.
    private static let most: Int64 = 1000

    // MARK: Workers

    func reconcile(_ worker: WorkerID, holding: [RunReference]) throws -> [RunReference] {
        var held = Set(holding)
        for row in try rows("SELECT id, run FROM vitals_job WHERE state = 4 AND worker = $1", worker.blob) {
            guard let id = JobID(blob: row.values[0]) else { continue }
            let reference = RunReference(id: id, run: row.integer(1) ?? 0)
            guard held.remove(reference) == nil else { continue }
            try run(
                """
                UPDATE vitals_job SET attempt = attempt - 1 + cancel_requested, worker = NULL,
                    state = CASE cancel_requested WHEN 1 THEN 12 ELSE 3 END,
                    finished_at = CASE cancel_requested WHEN 1 THEN $2 ELSE NULL END WHERE id = $1
                """, id.blob, .integer(now))
        }
        return holding.filter { held.contains($0) }
    }

    func save(_ updates: [RunUpdate], worker: WorkerID) throws -> [RunReference] {
        try updates.compactMap { update in
            let changed = try run(
                """
                UPDATE vitals_job SET
                    progress = CASE WHEN $4 IS NULL THEN progress ELSE max(coalesce(progress, 0.0), $4) END,
                    progress_message = coalesce($5, progress_message), checkpoint = coalesce($6, checkpoint)
                WHERE id = $1 AND run = $2 AND worker = $3 AND state = 4
                """, update.reference.id.blob, .integer(update.reference.run), worker.blob,
                update.progress.map { .double($0) } ?? .null, update.message.map { .text($0) } ?? .null,
                update.checkpoint.map { .blob($0) } ?? .null)
            return changed > 0 ? nil : update.reference
        }
    }

    // MARK: Maintenance

    mutating func maintain(_ request: MaintenanceRequest) throws -> MaintenanceReport {
        var report = MaintenanceReport()
        report.now = .init(microseconds: now)
        try makeDue(&report)
        try rescue(&report)
        report.suspected = try queues(.suspected)
        report.lastChances = try queues(.lastChance)
        if let retention = request.retention {
            report.pruned = try run(
                """
                DELETE FROM vitals_job WHERE id IN (
                    SELECT id FROM vitals_job WHERE state >= 10 AND finished_at < $1 LIMIT $2)
                """, .integer(now - retention.microseconds), .integer(Self.most))
            // There are more, and a queue that ends more jobs a second than that would grow for ever.
            if report.pruned == Int(Self.most) { report.nextDue = .zero }
        }
        try run(
            "DELETE FROM vitals_job_idempotency WHERE created_at < $1",
            .integer(now - request.keyRetention.microseconds))
        return report
    }

    /// Those with ready jobs under a suspicion.
    private func queues(_ suspicion: JobSuspicion) throws -> Set<String> {
        Set(
            try rows("SELECT DISTINCT queue FROM vitals_job WHERE state = 3 AND \(suspicion.condition)")
                .compactMap { $0.text(0) })
    }

    private mutating func makeDue(_ report: inout MaintenanceReport) throws {
        let due = try rows(
            """
            UPDATE vitals_job SET state = CASE WHEN concurrency_key IS NULL THEN 3 ELSE 2 END
            WHERE id IN (SELECT id FROM vitals_job WHERE state = 1 AND run_at <= $1 ORDER BY run_at LIMIT $2)
            RETURNING queue, concurrency_key
            """, .integer(now), .integer(Self.most))
        report.due = due.count
        for queue in Set(due.filter { $0.text(1) == nil }.compactMap { $0.text(0) }) { announce(queue) }
        keys.formUnion(due.compactMap { $0.text(1) })
        if let next = try rows("SELECT min(run_at) FROM vitals_job WHERE state = 1").first?.integer(0) {
            report.nextDue = .microseconds(max(0, next - now))
        }
    }

    private mutating func rescue(_ report: inout MaintenanceReport) throws {
        try run("DELETE FROM vitals_job_worker WHERE lease_ends <= $1", .integer(now))
        let lost = try rows(
            """
            SELECT id, rescues, max_rescues, cancel_requested, links, queue FROM vitals_job
            WHERE state = 4 AND worker NOT IN (SELECT id FROM vitals_job_worker) LIMIT $1
            """, .integer(Self.most))
        for row in lost {
            guard let id = JobID(blob: row.values[0]) else { continue }
            let rescues = row.int(1) + 1
            let isPoison = rescues >= row.int(2)
            let state: JobState = row.flag(3) ? .cancelled : isPoison ? .dead : .ready
            let reason = isPoison ? "its process died \(rescues) times while it ran" : nil
            try run(
                """
                UPDATE vitals_job SET state = $2, rescues = $3, worker = NULL, error = coalesce($4, error),
                    finished_at = CASE $2 WHEN 3 THEN NULL ELSE $5 END WHERE id = $1
                """, id.blob, .integer(Int64(state.code)), .integer(Int64(rescues)),
                reason.map { .text($0) } ?? .null, .integer(now))
            if state == .ready {
                announce(row.text(5) ?? "")
            } else {
                try leave(id, links: row.integer(4) ?? 0, ended: true)
            }
            if state == .dead { report.poisoned += 1 } else { report.rescued += 1 }
        }
    }

    // MARK: Operators

    mutating func retry(_ ids: [JobID]) throws -> [JobID] {
        var done: [JobID] = []
        var blocked: [(job: JobID, dependsOn: [JobID])] = []
        for id in ids {
            let changed = try rows(
                """
                UPDATE vitals_job SET state = CASE WHEN awaits_children OR depends_on IS NOT NULL THEN 0
                        WHEN concurrency_key IS NULL THEN 3 ELSE 2 END,
                    attempt = 0, rescues = 0, cancel_requested = 0, run_at = $2, finished_at = NULL
                WHERE id = $1 AND state IN (11, 12, 13) AND (unique_key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM vitals_job AS other
                    WHERE other.unique_key = vitals_job.unique_key AND other.state < 10))
                RETURNING queue, concurrency_key, state, depends_on
                """, id.blob, .integer(now))
            guard let row = changed.first else { continue }
            done.append(id)
            if row.int(2) == JobState.blocked.code {
                blocked.append((id, TextColumn.ids(row.text(3))))
            } else if let key = row.text(1) {
                keys.insert(key)
            } else {
                announce(row.text(0) ?? "")
            }
        }
        // All are there before any of them is looked at: one may wait for another.
        for (job, dependsOn) in blocked { try settle(job, dependsOn: dependsOn) }
        try follow()
        // Who waits for what ended badly, and was not brought back with it, is dead again.
        return try done.filter {
            try rows("SELECT 1 FROM vitals_job WHERE id = $1 AND state = 11 AND attempt = 0", $0.blob).isEmpty
        }
    }

    func delete(_ ids: [JobID]) throws -> [JobID] {
        try ids.filter { try run("DELETE FROM vitals_job WHERE id = $1 AND state >= 10", $0.blob) > 0 }
    }

    mutating func configure(_ queue: String, _ change: QueueChange) throws {
        try run("INSERT OR IGNORE INTO vitals_job_queue (name) VALUES ($1)", .text(queue))
        switch change {
        case .paused(let paused):
            try run("UPDATE vitals_job_queue SET paused = $2 WHERE name = $1", .text(queue), .bool(paused))
        case .maxConcurrent(let most):
            try run(
                "UPDATE vitals_job_queue SET max_concurrent = $2 WHERE name = $1", .text(queue),
                most.map { .integer(Int64(max(1, $0))) } ?? .null)
        case .rateLimit(let limit):
            try run(
                """
                UPDATE vitals_job_queue SET rate_count = $2, rate_period = $3, tokens = NULL, tokens_at = NULL
                WHERE name = $1
                """, .text(queue), limit.map { .integer(Int64(max(1, $0.count))) } ?? .null,
                limit.map { .integer(max(1, $0.period.microseconds)) } ?? .null)
        }
        announce(queue)
    }
}
