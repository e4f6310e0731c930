import ConnectionPool
public import JobQueue
import PostgresBackend
import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension PostgresJobStore {
    // MARK: Runs

    /// Returns runs that nobody holds.
    public func reconcile(_ worker: WorkerID, holding: [RunReference]) async throws -> [RunReference] {
        let name = schema.name
        let columns = PostgresSchema.shared
        let parameters: [SQLValue] = [
            worker.text, .list(holding.map(\.id)), .array(holding.map { .integer($0.run) }),
        ]
        let unheld = """
            j.state = 4 AND j.worker = $1::uuid AND NOT EXISTS (
                SELECT 1 FROM unnest($2::uuid[], $3::bigint[]) AS t (id, run) WHERE t.id = j.id AND t.run = j.run)
            """
        let results = try await sessions.withConnection { connection in
            try await connection.pipeline([
                SQLQuery(
                    unsafe: """
                        WITH gone AS (DELETE FROM \(name).job j WHERE \(unheld) AND j.cancel_requested RETURNING j.*)
                        INSERT INTO \(name).history (\(columns), state, error, progress, finished_at)
                        SELECT \(columns), 12, error, progress, now() FROM gone
                        """, parameters),
                SQLQuery(
                    unsafe: """
                        UPDATE \(name).job j SET state = 3, attempt = attempt - 1, worker = NULL WHERE \(unheld)
                        RETURNING j.queue
                        """, parameters),
                SQLQuery(
                    unsafe: """
                        SELECT j.id, j.run FROM unnest($2::uuid[], $3::bigint[]) AS t (id, run)
                        JOIN \(name).job j ON j.id = t.id AND j.run = t.run AND j.state = 4 AND j.worker = $1::uuid
                        """, parameters),
            ])
        }
        publish(Set(results[1].rows.compactMap { $0.text(0) }).map { .ready(queue: $0) })
        if results[1].count + results[0].count > 0 {
            upkeep.with { $0.sweepAt = .zero }
            floors.with { $0.forget() }
        }
        let held = Set(
            results[2].rows.compactMap { row in
                row.jobID(0).map { RunReference(id: $0, run: row.integer(1) ?? 0) }
            })
        return holding.filter { !held.contains($0) }
    }

    /// Saves progress and checkpoints.
    public func save(_ updates: [RunUpdate], worker: WorkerID) async throws -> [RunReference] {
        guard !updates.isEmpty else { return [] }
        let query = SQLQuery(
            unsafe: """
                UPDATE \(schema.name).job j SET
                    progress = CASE WHEN t.progress IS NULL THEN j.progress
                        ELSE greatest(coalesce(j.progress, 0), t.progress) END,
                    progress_message = coalesce(t.message, j.progress_message),
                    checkpoint = coalesce(t.checkpoint, j.checkpoint)
                FROM unnest($2::uuid[], $3::bigint[], $4::float8[], $5::text[], $6::bytea[])
                    AS t (id, run, progress, message, checkpoint)
                WHERE j.id = t.id AND j.run = t.run AND j.state = 4 AND j.worker IS NOT DISTINCT FROM $1::uuid
                RETURNING j.id, j.run
                """,
            [
                worker.text, .list(updates.map(\.reference.id)), .array(updates.map { .integer($0.reference.run) }),
                .array(updates.map { $0.progress.map { .double($0) } ?? .null }),
                .array(updates.map { SQLValue($0.message) }), .array(updates.map { SQLValue($0.checkpoint) }),
            ])
        let rows = try await sessions.withConnection { try await $0.run(query).rows }
        let saved = Set(
            rows.compactMap { row in row.jobID(0).map { RunReference(id: $0, run: row.integer(1) ?? 0) } })
        return updates.map(\.reference).filter { !saved.contains($0) }
    }

    // MARK: Maintenance

    /// Moves on what time moves. Several processes may do so at the same time: what one has locked the others skip.
    public func maintain(_ request: MaintenanceRequest) async throws -> MaintenanceReport {
        var report = MaintenanceReport()
        try await makeDue(&report)
        try await rescue(&report)
        let now = SystemJobClock().monotonic()
        let (mustSweep, mustKeep) = upkeep.with { times in
            let due = (now >= times.sweepAt, now >= times.partitionsAt)
            if due.0 { times.sweepAt = now + .seconds(30) }
            if due.1 { times.partitionsAt = now + .seconds(600) }
            return due
        }
        if mustSweep { try await sweep() }
        if mustKeep {
            try await makePartitions()
            report.pruned = try await prune(request)
            report.warnings = try await warnings()
        }
        return report
    }

    private func makeDue(_ report: inout MaintenanceReport) async throws {
        let name = schema.name
        let results = try await sessions.withConnection { connection in
            try await connection.pipeline([
                statement(
                    """
                    UPDATE \(name).job SET state = CASE WHEN concurrency_key IS NULL THEN 3 ELSE 2 END
                    WHERE id = ANY (ARRAY(SELECT id FROM \(name).job WHERE state = 1 AND run_at <= clock_timestamp()
                        ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED))
                    RETURNING queue, concurrency_key
                    """),
                statement(
                    """
                    SELECT clock_timestamp(), (SELECT (extract(epoch FROM run_at - clock_timestamp()) * 1e6)::bigint
                        FROM \(name).job WHERE state = 1 ORDER BY run_at LIMIT 1),
                        EXISTS (SELECT 1 FROM \(name).job WHERE links >= 8),
                        (SELECT array_agg(DISTINCT queue) FROM \(name).job WHERE state = 3
                            AND \(JobSuspicion.suspected.condition)),
                        (SELECT array_agg(DISTINCT queue) FROM \(name).job WHERE state = 3
                            AND \(JobSuspicion.lastChance.condition))
                    """),
            ])
        }
        let due = results[0].rows
        report.due = due.count
        report.now = results[1].rows.first?.moment(0).map { .init(microseconds: $0) }
        report.nextDue = results[1].rows.first?.integer(1).map { .microseconds(max(0, $0)) }
        report.suspected = results[1].rows.first?.texts(3) ?? []
        report.lastChances = results[1].rows.first?.texts(4) ?? []
        if results[1].rows.first?.flag(2) == true, try await settleArrivals() == Self.mostArrivals {
            report.nextDue = .zero
        }
        guard !due.isEmpty else { return }
        for queue in Set(due.compactMap { $0.text(0) }) {
            floors.with { $0.forget(queue) }
            publish([.ready(queue: queue)])
        }
        await follow(
            Set(due.compactMap { $0.text(1) }).map {
                .init(id: JobID(high: 0, low: 0), links: JobLinks.key, key: $0, parent: nil, isEnded: false)
            })
    }

    /// Requeues what lost workers ran. A worker is lost when its lease has ended, or when it is not known at all.
    private func rescue(_ report: inout MaintenanceReport) async throws {
        let name = schema.name
        let expired = try await sessions.withConnection { connection in
            try await connection.execute(statement("DELETE FROM \(name).worker WHERE expires_at <= now()"))
        }
        let now = SystemJobClock().monotonic()
        let isDue = upkeep.with { times in
            guard expired > 0 || now >= times.rescueAt else { return false }
            times.rescueAt = now + .seconds(5)
            return true
        }
        guard isDue else { return }
        let columns = PostgresSchema.shared
        let lost = "j.state = 4 AND NOT EXISTS (SELECT 1 FROM \(name).worker w WHERE w.id = j.worker)"
        let results = try await sessions.withConnection { connection in
            try await connection.pipeline([
                statement(
                    """
                    WITH gone AS (
                        DELETE FROM \(name).job j WHERE \(lost)
                            AND (j.cancel_requested OR j.rescues + 1 >= j.max_rescues) RETURNING j.*),
                    counted AS (
                        SELECT gone.*, gone.rescues + 1 AS times FROM gone),
                    kept AS (
                        INSERT INTO \(name).history (\(columns), state, error, progress, finished_at)
                        SELECT \(columns.replacing(" rescues,", with: " times,")),
                            CASE WHEN cancel_requested THEN 12 ELSE 11 END,
                            CASE WHEN times >= max_rescues
                                THEN 'its process died ' || times || ' times while it ran' ELSE error END,
                            progress, now() FROM counted)
                    SELECT id, run, links, concurrency_key, parent, cancel_requested FROM gone
                    """),
                statement(
                    """
                    UPDATE \(name).job j SET state = 3, rescues = rescues + 1, worker = NULL WHERE \(lost)
                    RETURNING queue
                    """),
            ])
        }
        let queues = Set(results[1].rows.compactMap { $0.text(0) })
        report.rescued = results[1].count + results[0].rows.filter { $0.flag(5) }.count
        report.poisoned = results[0].rows.filter { !$0.flag(5) }.count
        floors.with { floors in for queue in queues { floors.forget(queue) } }
        publish(queues.map { .ready(queue: $0) })
        await follow(
            results[0].rows.compactMap { .init(ended: $0) })
    }

    /// Finds what should have moved on and did not, because the process that ended the last thing it waited for died
    /// before it could say so.
    private func sweep() async throws {
        let name = schema.name
        let keys = try await following { work in
            let turn = try await work.rows("SELECT pg_try_advisory_xact_lock(7234814, hashtext($1))", .text(name))
            guard turn.first?.flag(0) == true else { return }
            let blocked = try await work.rows(
                """
                SELECT j.id FROM \(name).job j WHERE j.state = 0
                    AND NOT EXISTS (SELECT 1 FROM \(name).dependency d JOIN \(name).job o ON o.id = d.dependency
                        WHERE d.dependent = j.id)
                    AND NOT (j.awaits_children AND EXISTS (SELECT 1 FROM \(name).job c WHERE c.parent = j.id))
                LIMIT 1000
                """)
            try await work.settle(ended: [], candidates: Set(blocked.compactMap { $0.jobID(0) }))
            // From one key to the next: what waits for one may be many.
            let keys = try await work.rows(
                """
                WITH RECURSIVE keys (key) AS (
                    SELECT min(concurrency_key) FROM \(name).job WHERE concurrency_key IS NOT NULL
                    UNION ALL SELECT (SELECT min(concurrency_key) FROM \(name).job WHERE concurrency_key > keys.key)
                        FROM keys WHERE key IS NOT NULL)
                SELECT key FROM keys WHERE EXISTS (
                    SELECT 1 FROM \(name).job WHERE concurrency_key = keys.key AND state = 2)
                """)
            work.keys.formUnion(keys.compactMap { $0.text(0) })
        }
        try await admit(keys)
    }

    /// Speaks of what keeps dead rows from being removed: as long as it is there, every store of this kind slows down.
    private func warnings() async throws -> [String] {
        let held = try await database.query(
            statement(
                """
                SELECT what, age FROM (
                    SELECT 'a transaction of backend ' || pid AS what, age(backend_xmin) AS age
                        FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
                    UNION ALL SELECT 'the replication slot ' || slot_name, age(xmin)
                        FROM pg_replication_slots WHERE xmin IS NOT NULL
                    UNION ALL SELECT 'the prepared transaction ' || gid, age(transaction) FROM pg_prepared_xacts
                ) AS held WHERE age > \(Self.oldSnapshot) ORDER BY age DESC LIMIT 3
                """))
        return held.map { row in
            """
            \(row.text(0) ?? "something") holds a snapshot of \(row.int(1)) transactions ago: nothing that ended since \
            can be vacuumed; end it
            """
        }
    }

    /// How many transactions old a snapshot may be.
    static let oldSnapshot = 100_000

    // MARK: Partitions

    /// Makes the history's partitions for today and the next three days. Rows of a day without one lie in the default
    /// partition.
    func makePartitions() async throws {
        let name = schema.name
        for day in 0..<4 {
            let found = try await database.query(
                SQLQuery(
                    unsafe: """
                        SELECT to_char(d, 'YYYYMMDD'), d::text, (d + 1)::text,
                            to_regclass(format('%I.history_%s', $1::text, to_char(d, 'YYYYMMDD'))) IS NULL
                        FROM (SELECT (now() AT TIME ZONE 'UTC')::date + $2::integer) AS t (d)
                        """, [.text(name), SQLValue(day)]))
            guard let row = found.first, row.flag(3), let suffix = row.text(0), let from = row.text(1),
                let to = row.text(2)
            else { continue }
            do {
                try await database.withTransaction { connection in
                    try await connection.executeScript(
                        """
                        SET LOCAL lock_timeout = '2s';
                        CREATE TABLE \(name).history_\(suffix) (LIKE \(name).history INCLUDING DEFAULTS);
                        ALTER TABLE \(name).history ATTACH PARTITION \(name).history_\(suffix)
                            FOR VALUES FROM ('\(from) 00:00:00+00') TO ('\(to) 00:00:00+00')
                        """)
                }
            } catch is PostgresError {
                // Another process made it, or the default partition has rows of that day already.
                continue
            }
        }
    }

    /// Drops whole days that are older than the retention, and old rows of the default partition and the keys.
    private func prune(_ request: MaintenanceRequest) async throws -> Int {
        let name = schema.name
        try await database.execute(
            SQLQuery(
                unsafe: "DELETE FROM \(name).idempotency WHERE created_at < now() - $1 * interval '1 microsecond'",
                [.integer(request.keyRetention.microseconds)]))
        guard let retention = request.retention else { return 0 }
        let old = try await database.query(
            SQLQuery(
                unsafe: """
                    SELECT c.relname, greatest(c.reltuples, 0)::bigint FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = ($1 || '.history')::regclass AND c.relname ~ '^history_[0-9]{8}$'
                        AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1
                            < ((now() - $2 * interval '1 microsecond') AT TIME ZONE 'UTC')::date
                    """, [.text(name), .integer(retention.microseconds)]))
        var pruned = 0
        for row in old {
            guard let partition = row.text(0) else { continue }
            do {
                try await database.withTransaction { connection in
                    try await connection.executeScript(
                        "SET LOCAL lock_timeout = '500ms'; DROP TABLE IF EXISTS \(name).\(partition)")
                }
                // As many as the server's statistics say: they are gone already.
                pruned += row.int(1)
            } catch is PostgresError {
                // Somebody reads it: the next time.
                continue
            }
        }
        return pruned
            + (try await database.execute(
                SQLQuery(
                    unsafe:
                        "DELETE FROM \(name).history_other WHERE finished_at < now() - $1 * interval '1 microsecond'",
                    [.integer(retention.microseconds)])))
    }
}
