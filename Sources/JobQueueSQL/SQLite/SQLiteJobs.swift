import JobQueue
import SQLDatabase
import SQLiteBackend

/// The jobs within one transaction of the writing connection: how they move, and the news to tell after the commit.
struct SQLiteJobs {
    let session: SQLiteSession
    let now: Int64
    var news: [JobWakeup] = []
    /// Jobs that have ended, with what their end must look after; ``follow()`` does so.
    var following: [(job: JobID, links: Int64)] = []
    /// Concurrency keys that may have free places; ``follow()`` fills them.
    var keys: Set<String> = []
    /// Queues that had fewer jobs than a claim asked for.
    var short: [String] = []

    init(session: SQLiteSession, now: Int64) {
        self.session = session
        self.now = now
    }

    @discardableResult
    func run(_ sql: String, _ parameters: SQLValue...) throws -> Int {
        try session.execute(SQLQuery(unsafe: sql, parameters))
    }

    func rows(_ sql: String, _ parameters: SQLValue...) throws -> [SQLRow] {
        try session.query(SQLQuery(unsafe: sql, parameters))
    }

    mutating func announce(_ queue: String) {
        let wakeup = JobWakeup.ready(queue: queue)
        if !news.contains(wakeup) { news.append(wakeup) }
    }

    // MARK: Ends

    /// Looks after what waited for a job that has ended or left its place; `links` is its column.
    mutating func leave(_ id: JobID, links: Int64, ended: Bool) throws {
        guard links != 0 else { return }
        if links & JobLinks.key != 0, let key = try text("SELECT concurrency_key FROM vitals_job WHERE id = $1", id) {
            keys.insert(key)
        }
        if ended, links & (JobLinks.dependents | JobLinks.parent) != 0 { following.append((id, links)) }
    }

    /// Looks after what waits for those that have ended, and fills the free places of keys. What follows may be other ends, one for
    /// each job of a chain: in turn, and not one within the other.
    mutating func follow() throws {
        var next = 0
        while next < following.count {
            let (id, links) = following[next]
            next += 1
            if links & JobLinks.dependents != 0 { try settleDependents(of: id) }
            if links & JobLinks.parent != 0,
                let parent = try rows("SELECT parent FROM vitals_job WHERE id = $1", id.blob).first
                    .flatMap({ JobID(blob: $0.values[0]) })
            {
                try resolve(parent)
            }
        }
        following = []
        while let key = keys.popFirst() { try admit(key) }
    }

    private func text(_ sql: String, _ id: JobID) throws -> String? {
        try rows(sql, id.blob).first?.text(0)
    }

    private mutating func settleDependents(of id: JobID) throws {
        let dependents = try rows("SELECT dependent FROM vitals_job_dependency WHERE dependency = $1", id.blob)
        try run("DELETE FROM vitals_job_dependency WHERE dependency = $1", id.blob)
        for row in dependents {
            if let dependent = JobID(blob: row.values[0]) { try resolve(dependent, failed: id) }
        }
    }

    /// Lets a blocked job go on when nothing holds it any more, or fails it.
    /// - Parameter failed: What has just ended; looked at only where it ended badly.
    mutating func resolve(_ id: JobID, failed: JobID? = nil) throws {
        guard
            let row = try rows(
                """
                SELECT awaits_children, proceeds, run_at, links, queue,
                    EXISTS (SELECT 1 FROM vitals_job_dependency WHERE dependent = $1)
                FROM vitals_job WHERE id = $1 AND state = 0
                """, id.blob
            ).first
        else { return }
        let awaits = row.flag(0)
        if !row.flag(1) {
            if let failed, let reason = try failure(of: failed) { return try fail(id, reason: reason) }
            if awaits,
                let child = try rows(
                    "SELECT id FROM vitals_job WHERE parent = $1 AND state IN (11, 12, 13) LIMIT 1", id.blob
                ).first.flatMap({ JobID(blob: $0.values[0]) }), let reason = try failure(of: child)
            {
                return try fail(id, reason: reason)
            }
        }
        if row.flag(5) { return }
        if awaits, try !rows("SELECT 1 FROM vitals_job WHERE parent = $1 AND state < 10 LIMIT 1", id.blob).isEmpty {
            return
        }
        try unblock(id, runAt: row.integer(2) ?? 0, links: row.integer(3) ?? 0, queue: row.text(4) ?? "")
    }

    private mutating func unblock(_ id: JobID, runAt: Int64, links: Int64, queue: String) throws {
        let isKeyed = links & JobLinks.key != 0
        let state: JobState = runAt > now ? .scheduled : isKeyed ? .throttled : .ready
        try run(
            "UPDATE vitals_job SET state = $2, run_at = max(run_at, $3), awaits_children = 0, worker = NULL WHERE id = $1",
            id.blob, .integer(Int64(state.code)), .integer(now))
        switch state {
        case .scheduled: news.append(.scheduled)
        case .ready: announce(queue)
        default: try leave(id, links: JobLinks.key, ended: false)
        }
    }

    /// Why a job that waits for this one fails; `nil` where this one did not end badly.
    private func failure(of id: JobID) throws -> String? {
        guard let row = try rows("SELECT state, kind, error FROM vitals_job WHERE id = $1", id.blob).first,
            let state = JobState(code: row.int(0)), state.isTerminal, state != .completed
        else { return nil }
        return JobReasons.dependency(id: id, kind: row.text(1) ?? "", state: state, error: row.text(2))
    }

    mutating func fail(_ id: JobID, reason: String) throws {
        let done = try rows(
            "UPDATE vitals_job SET state = 11, error = $2, finished_at = $3 WHERE id = $1 AND state = 0 RETURNING links",
            id.blob, .text(reason), .integer(now))
        guard let row = done.first else { return }
        try cancelChildren(of: id, reason: "the parent \(id) failed")
        try leave(id, links: row.integer(0) ?? 0, ended: true)
    }

    // MARK: Concurrency keys

    /// Fills the free places of a key with those that wait for one. Each has its own limit, and one that has no place holds up those
    /// behind it.
    private mutating func admit(_ key: String) throws {
        var held =
            try rows(
                "SELECT count(*) FROM vitals_job WHERE concurrency_key = $1 AND state IN (3, 4) AND state < 10",
                .text(key)
            ).first?.integer(0) ?? 0
        while true {
            // As many as the first one's limit leaves room for; more at a time only where another's is higher.
            let waiting = try rows(
                """
                SELECT place, concurrency_limit, queue FROM vitals_job
                WHERE concurrency_key = $1 AND state = 2 AND state < 10 ORDER BY priority, run_at, id
                LIMIT max(1, coalesce((SELECT concurrency_limit FROM vitals_job
                    WHERE concurrency_key = $1 AND state = 2 AND state < 10 ORDER BY priority, run_at, id LIMIT 1), 0) - $2)
                """, .text(key), .integer(held))
            var admitted: [SQLValue] = []
            for row in waiting {
                guard held < max(1, row.integer(1) ?? 1) else { break }
                held += 1
                admitted.append(row.values[0])
                announce(row.text(2) ?? "")
            }
            if admitted.isEmpty { return }
            _ = try session.execute("UPDATE vitals_job SET state = 3 WHERE place = $1", each: admitted.map { [$0] })
            if admitted.count < waiting.count { return }
        }
    }

    // MARK: Cancelling

    @discardableResult
    mutating func cancel(_ id: JobID, reason: String) throws -> Bool {
        guard try cancelAlone(id, reason: reason) else { return false }
        try cancelChildren(of: id, reason: reason)
        return true
    }

    @discardableResult
    private mutating func cancelAlone(_ id: JobID, reason: String) throws -> Bool {
        let done = try rows(
            """
            UPDATE vitals_job SET
                cancel_requested = CASE state WHEN 4 THEN 1 ELSE cancel_requested END,
                error = CASE WHEN state = 4 AND cancel_requested = 1 THEN error ELSE $2 END,
                finished_at = CASE state WHEN 4 THEN NULL ELSE $3 END,
                state = CASE state WHEN 4 THEN 4 ELSE 12 END
            WHERE id = $1 AND state < 10 RETURNING state, links
            """, id.blob, .text(reason), .integer(now))
        guard let row = done.first else { return false }
        let runs = row.int(0) == JobState.running.code
        if runs { news.append(.cancel(id)) }
        if !runs {
            try run("DELETE FROM vitals_job_dependency WHERE dependent = $1", id.blob)
            try leave(id, links: row.integer(1) ?? 0, ended: true)
        }
        return true
    }

    mutating func cancelChildren(of id: JobID, reason: String) throws {
        var family = [id]
        while let member = family.popLast() {
            for row in try rows("SELECT id FROM vitals_job WHERE parent = $1 AND state < 10", member.blob) {
                guard let child = JobID(blob: row.values[0]) else { continue }
                try cancelAlone(child, reason: reason)
                family.append(child)
            }
        }
    }
}
