import JobQueue
import SQLDatabase

/// The statements of the hot paths, with the schema's name in them. State numbers stand in the text: given as
/// parameters they keep the planner from the partial indexes.
struct PostgresStatements: Sendable {
    let schema: String
    /// ids, runs, results; worker.
    let acknowledgeCompleted: String
    /// ids, runs, states, results, errors, whether only where cancellation was wanted; worker.
    let acknowledgeEnded: String
    /// ids, runs, states, delays, uncounted, errors; worker.
    let putBack: String
    /// worker, queue, limit, and for each priority the floor's time and id.
    private let claimAny: String
    private let claimClear: String
    /// worker, queue, limit.
    private let claimSuspected: String
    private let claimLastChance: String
    /// worker, queue, limit; whatever limits the queue has.
    let claimCounted: [JobSuspicion?: String]
    /// Queues whose claims must count first.
    let limitedQueues: String
    let heartbeat: String
    /// id, run, result: a job that its own transaction completes.
    let complete: String
    /// keys, schema.
    let lockKeys: String
    /// keys.
    let admit: String

    /// The claim of jobs under a suspicion, and whether it takes floors: of few jobs all are looked at.
    func claim(_ suspicion: JobSuspicion?) -> (sql: String, takesFloors: Bool) {
        switch suspicion {
        case nil: (claimAny, true)
        case .clear: (claimClear, true)
        case .suspected: (claimSuspected, false)
        case .lastChance: (claimLastChance, false)
        }
    }

    init(schema: String) {
        self.schema = schema
        let columns = PostgresSchema.shared
        func move(
            _ gone: String, _ state: String, _ result: String, _ error: String, _ progress: String,
            at time: String = "now()"
        ) -> String {
            """
            WITH gone AS (\(gone)), kept AS (
                INSERT INTO \(schema).history (\(columns), state, result, error, progress, finished_at)
                SELECT \(columns), \(state), \(result), \(error), \(progress), \(time) FROM gone)
            SELECT id, run, links, concurrency_key, parent FROM gone
            """
        }
        let done = "CASE WHEN progress IS NULL THEN NULL ELSE 1 END"
        // `IS NOT DISTINCT FROM` keeps the planner from the index on workers, which is full of dead entries.
        acknowledgeCompleted = move(
            """
            DELETE FROM \(schema).job j USING unnest($2::uuid[], $3::bigint[], $4::bytea[]) AS t (tid, trun, tresult)
            WHERE j.id = t.tid AND j.run = t.trun AND j.state = 4 AND j.worker IS NOT DISTINCT FROM $1::uuid
            RETURNING j.*, t.tresult
            """, "10", "tresult", "NULL", done)
        acknowledgeEnded = move(
            """
            DELETE FROM \(schema).job j USING unnest($2::uuid[], $3::bigint[], $4::smallint[], $5::bytea[], $6::text[],
                $7::boolean[]) AS t (tid, trun, tstate, tresult, terror, tonly)
            WHERE j.id = t.tid AND j.run = t.trun AND j.state = 4 AND j.worker IS NOT DISTINCT FROM $1::uuid
                AND (NOT t.tonly OR j.cancel_requested)
            RETURNING j.*, t.tstate, t.tresult, t.terror
            """, "tstate", "tresult", "coalesce(terror, error)", "progress")
        putBack = """
            UPDATE \(schema).job j SET state = t.tstate, worker = NULL,
                run_at = coalesce(clock_timestamp() + t.tdelay * interval '1 microsecond', j.run_at),
                attempt = j.attempt - t.tuncounted, rescues = CASE t.tstate WHEN 3 THEN j.rescues ELSE 0 END, error = coalesce(t.terror, j.error),
                awaits_children = j.awaits_children OR t.tstate = 0
            FROM unnest($2::uuid[], $3::bigint[], $4::smallint[], $5::bigint[], $6::integer[], $7::text[])
                AS t (tid, trun, tstate, tdelay, tuncounted, terror)
            WHERE j.id = t.tid AND j.run = t.trun AND j.state = 4 AND j.worker IS NOT DISTINCT FROM $1::uuid
            RETURNING j.id, j.run, j.links, j.concurrency_key, j.parent, j.state, j.queue
            """
        func claim(_ pick: String) -> String {
            """
            UPDATE \(schema).job SET state = 4, attempt = attempt + 1, run = run + 1, worker = $1::uuid,
                started_at = now(), progress = NULL, progress_message = NULL
            WHERE id = ANY (ARRAY(\(pick)))
                AND EXISTS (SELECT 1 FROM \(schema).worker w WHERE w.id = $1::uuid AND w.expires_at > now())
            RETURNING id, run, kind, payload, attempt, max_attempts, run_at, started_at, checkpoint, parent, metadata,
                priority, rescues, max_rescues
            """
        }
        let open = """
            NOT EXISTS (SELECT 1 FROM \(schema).queue q WHERE q.name = $2
                AND (q.paused OR q.max_concurrent IS NOT NULL OR q.rate_count IS NOT NULL))
            """
        // An older worker has told no kinds.
        let known = """
            ((SELECT kinds FROM \(schema).worker WHERE id = $1::uuid) IS NULL
                OR kind = ANY ((SELECT kinds FROM \(schema).worker WHERE id = $1::uuid)::text[]))
            """
        func floored(_ condition: String) -> String {
            claim(
                """
                WITH picked AS MATERIALIZED (
                    SELECT j.id FROM unnest($4::smallint[], $5::timestamptz[], $6::uuid[]) AS f (fpriority, frun_at, fid)
                    CROSS JOIN LATERAL (
                        SELECT id FROM \(schema).job WHERE queue = $2 AND priority = f.fpriority AND state = 3\(condition)
                            AND (run_at, id) > (f.frun_at, f.fid) AND \(known)
                        ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) j
                    WHERE \(open) LIMIT $3)
                SELECT id FROM picked
                """)
        }
        func swept(_ condition: String, _ when: String = "true") -> String {
            claim(
                """
                WITH picked AS MATERIALIZED (
                    SELECT id FROM \(schema).job WHERE queue = $2 AND state = 3\(condition) AND \(known) AND \(when)
                    ORDER BY priority, run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
                SELECT id FROM picked
                """)
        }
        func condition(_ suspicion: JobSuspicion?) -> String { suspicion.map { " AND \($0.condition)" } ?? "" }
        claimAny = floored(condition(nil))
        claimClear = floored(condition(.clear))
        claimSuspected = swept(condition(.suspected), open)
        claimLastChance = swept(condition(.lastChance), open)
        claimCounted = Dictionary(
            uniqueKeysWithValues: ([nil] + JobSuspicion.allCases).map { ($0, swept(condition($0))) })
        limitedQueues = """
            SELECT name FROM \(schema).queue WHERE name = ANY ($1::text[]) AND NOT paused
                AND (max_concurrent IS NOT NULL OR rate_count IS NOT NULL)
            """
        complete = move(
            "DELETE FROM \(schema).job WHERE id = $1::uuid AND run = $2 AND state = 4 RETURNING *", "10", "$3::bytea",
            "NULL",
            done, at: "clock_timestamp()")
        lockKeys = """
            SELECT pg_advisory_xact_lock(7234813, hash) FROM (
                SELECT DISTINCT hashtext($2 || key) AS hash FROM unnest($1::text[]) AS k (key) ORDER BY hash) AS hashes
            """
        admit = """
            UPDATE \(schema).job SET state = 3 WHERE id = ANY (ARRAY(
                SELECT admitted.id FROM unnest($1::text[]) AS k (key)
                CROSS JOIN LATERAL (SELECT concurrency_limit AS most FROM \(schema).job
                    WHERE concurrency_key = k.key AND state = 2 ORDER BY priority, run_at, id LIMIT 1) AS head
                CROSS JOIN LATERAL (SELECT count(*) AS count
                    FROM \(schema).job WHERE concurrency_key = k.key AND state IN (3, 4)) AS held
                CROSS JOIN LATERAL (
                    SELECT id FROM (
                        SELECT id, bool_and(held.count + place <= most) OVER (ORDER BY place) AS fits FROM (
                            SELECT id, concurrency_limit AS most, row_number() OVER (ORDER BY priority, run_at, id) AS place
                            FROM (SELECT id, concurrency_limit, priority, run_at FROM \(schema).job
                                WHERE concurrency_key = k.key AND state = 2 ORDER BY priority, run_at, id
                                LIMIT greatest(0, head.most - held.count) FOR UPDATE SKIP LOCKED) AS next
                        ) AS numbered) AS judged
                    WHERE fits) AS admitted))
            RETURNING queue
            """
        heartbeat = """
            UPDATE \(schema).worker SET expires_at = now() + $2 * interval '1 microsecond'
            WHERE id = $1::uuid AND expires_at > now()
            RETURNING (SELECT array_agg(j.id) FROM \(schema).job j
                WHERE j.state = 4 AND j.worker = $1::uuid AND j.cancel_requested)
            """
    }
}
