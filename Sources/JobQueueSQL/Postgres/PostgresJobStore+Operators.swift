public import JobQueue
import PostgresBackend
import SQLDatabase

extension PostgresJobStore {
    /// One job.
    public func job(_ id: JobID) async throws -> JobRecord? {
        let query = SQLQuery(
            unsafe: """
                SELECT \(PostgresRecord.columns(history: false)) FROM \(schema.name).job WHERE id = $1::uuid
                UNION ALL SELECT \(PostgresRecord.columns(history: true)) FROM \(schema.name).history WHERE id = $1::uuid
                LIMIT 1
                """, [id.text])
        return try await database.query(query).first.map(PostgresRecord.read)
    }

    /// Jobs that match, the newest first.
    public func jobs(_ filter: JobFilter) async throws -> [JobRecord] {
        var conditions: [String] = []
        var values: [SQLValue] = []
        func require(_ condition: String, _ value: SQLValue, cast: String = "") {
            values.append(value)
            conditions.append("\(condition) $\(values.count)\(cast)")
        }
        if !filter.states.isEmpty {
            let codes = filter.states.map { String($0.code) }.sorted().joined(separator: ", ")
            conditions.append("state IN (\(codes))")
        }
        if let queue = filter.queue { require("queue =", .text(queue)) }
        if let kind = filter.kind { require("kind =", .text(kind)) }
        if let parent = filter.parent { require("parent =", parent.text, cast: "::uuid") }
        if let before = filter.before { require("id <", before.text, cast: "::uuid") }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql = """
            (SELECT \(PostgresRecord.columns(history: false)) FROM \(schema.name).job \(condition)
                ORDER BY id DESC LIMIT \(filter.limit))
            UNION ALL
            (SELECT \(PostgresRecord.columns(history: true)) FROM \(schema.name).history \(condition)
                ORDER BY id DESC LIMIT \(filter.limit))
            ORDER BY id DESC LIMIT \(filter.limit)
            """
        return try await database.query(SQLQuery(unsafe: sql, values)).map(PostgresRecord.read)
    }

    /// How many jobs of a parent are in which state.
    public func children(of parent: JobID) async throws -> [JobState: Int] {
        let rows = try await database.query(
            SQLQuery(
                unsafe: """
                    SELECT state, count(*) FROM \(schema.name).job WHERE parent = $1::uuid GROUP BY state
                    UNION ALL SELECT state, count(*) FROM \(schema.name).history WHERE parent = $1::uuid GROUP BY state
                    """, [parent.text]))
        return rows.reduce(into: [:]) { counts, row in
            if let state = JobState(code: row.int(0)) { counts[state, default: 0] += row.int(1) }
        }
    }

    /// Cancels jobs and their children.
    public func cancel(_ ids: [JobID], reason: String) async throws -> [JobID] {
        let reason = reason.storable
        guard !ids.isEmpty else { return [] }
        let name = schema.name
        let (done, left, news) = try await database.withTransaction { connection in
            var work = PostgresFollowing(schema: name, connection: connection)
            let live = Set(
                try await work.rows("SELECT id FROM \(name).job WHERE id = ANY ($1::uuid[])", .list(ids))
                    .compactMap { $0.jobID(0) })
            guard !live.isEmpty else { return ([JobID](), [AcknowledgementBatch.Left](), [JobWakeup]()) }
            let below = try await work.descendants(of: Array(live))
            let left = try await work.cancel(Array(live.union(below)).sorted(), reason: reason)
            var told: Set<JobID> = []
            return (ids.filter { live.contains($0) && told.insert($0).inserted }, left, work.news)
        }
        publish(news)
        await follow(left)
        return done
    }

    /// Makes ended jobs ready once more.
    public func retry(_ ids: [JobID]) async throws -> [JobID] {
        guard !ids.isEmpty else { return [] }
        let name = schema.name
        let columns = PostgresSchema.shared
        // Everything as it was, but for these.
        let values =
            columns
            .replacing(" attempt, rescues, cancel_requested,", with: " 0, 0, false,")
            .replacing(" run_at,", with: " clock_timestamp(),")
            .replacing(" links,", with: " links | \(JobLinks.arrived),")
        let (done, news) = try await database.withTransaction { connection in
            var work = PostgresFollowing(schema: name, connection: connection)
            let back = try await work.rows(
                """
                INSERT INTO \(name).job (\(columns), state, error)
                SELECT \(values), CASE WHEN awaits_children OR depends_on IS NOT NULL THEN 0
                    WHEN concurrency_key IS NULL THEN 3 ELSE 2 END, error
                FROM \(name).history WHERE id = ANY ($1::uuid[]) AND state IN (11, 12, 13)
                ON CONFLICT DO NOTHING RETURNING id, queue, concurrency_key, state
                """, .list(ids))
            let done = Set(back.compactMap { $0.jobID(0) })
            _ = try await work.rows(
                "DELETE FROM \(name).history WHERE id = ANY ($1::uuid[])", .list(Array(done)))
            for row in back where row.int(3) == JobState.ready.code {
                work.announce(.ready(queue: row.text(1) ?? ""))
            }
            return (ids.filter { done.contains($0) }, work.news)
        }
        floors.with { $0.forget() }
        publish(news)
        guard !done.isEmpty else { return [] }
        _ = try? await settleArrivals(done, failsOrphans: false)
        // Who waits for what ended badly, and was not brought back with it, is dead again.
        let dead = try await database.query(
            SQLQuery(
                unsafe: "SELECT id FROM \(name).history WHERE id = ANY ($1::uuid[]) AND state = 11 AND attempt = 0",
                [.list(done)]))
        let again = Set(dead.compactMap { $0.jobID(0) })
        return done.filter { !again.contains($0) }
    }

    /// Removes ended jobs.
    public func delete(_ ids: [JobID]) async throws -> [JobID] {
        guard !ids.isEmpty else { return [] }
        let rows = try await database.query(
            SQLQuery(
                unsafe: "DELETE FROM \(schema.name).history WHERE id = ANY ($1::uuid[]) RETURNING id", [.list(ids)]))
        let gone = Set(rows.compactMap { $0.jobID(0) })
        return ids.filter { gone.contains($0) }
    }

    /// Sets what holds for a queue.
    public func configure(_ queue: String, _ change: QueueChange) async throws {
        try change.validate()
        let (assignment, values): (String, [SQLValue]) =
            switch change {
            case .paused(let paused): ("paused = $2", [.bool(paused)])
            case .maxConcurrent(let most): ("max_concurrent = $2", [most.map { SQLValue(max(1, $0)) } ?? .null])
            case .rateLimit(let limit):
                (
                    "rate_count = $2, rate_period = $3, tokens = NULL, tokens_at = NULL",
                    [
                        limit.map { SQLValue(max(1, $0.count)) } ?? .null,
                        limit.map { .integer(max(1, $0.period.microseconds)) } ?? .null,
                    ]
                )
            }
        let name = schema.name
        try await database.withTransaction { connection in
            try await connection.execute(
                SQLQuery(unsafe: "INSERT INTO \(name).queue (name) VALUES ($1) ON CONFLICT DO NOTHING", [.text(queue)]))
            try await connection.execute(
                SQLQuery(unsafe: "UPDATE \(name).queue SET \(assignment) WHERE name = $1", [.text(queue)] + values))
        }
        hub.cameShort(queue)
        publish([.ready(queue: queue)])
    }

    /// The queues. Counts all unfinished jobs: about 0.2 s for a million.
    public func statistics() async throws -> [QueueStatistics] {
        let counts = try await database.query(
            statement(
                """
                SELECT queue, state, count(*),
                    (extract(epoch FROM min(run_at) FILTER (WHERE state = 3)) * 1e6)::bigint
                FROM \(schema.name).job GROUP BY queue, state
                """))
        let settings = try await database.query(
            statement(
                """
                SELECT name, paused, max_concurrent, rate_count, rate_period,
                    (extract(epoch FROM clock_timestamp()) * 1e6)::bigint FROM \(schema.name).queue
                UNION ALL SELECT NULL, false, NULL, NULL, NULL, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint
                """))
        // Those that nobody takes sink to the front of their queue.
        let untaken = try await database.query(
            statement(
                """
                SELECT q.queue, j.kind, count(*) FROM (SELECT DISTINCT queue FROM \(schema.name).job WHERE state = 3) q
                CROSS JOIN LATERAL (SELECT kind FROM \(schema.name).job WHERE queue = q.queue AND state = 3
                    ORDER BY priority, run_at, id LIMIT \(QueueStatistics.untakenSample)) j
                WHERE NOT EXISTS (SELECT 1 FROM \(schema.name).worker w WHERE w.expires_at > now()
                    AND q.queue = ANY (string_to_array(w.queues, E'\\n')) AND (w.kinds IS NULL OR j.kind = ANY (w.kinds)))
                GROUP BY q.queue, j.kind
                """))
        return QueueFigures.gather(
            counts: counts, settings: settings.filter { $0.text(0) != nil }, untaken: untaken,
            now: settings.first?.integer(5) ?? SystemJobClock().wallMicroseconds())
    }
}
