import ConnectionPool
import JobQueue
import JobQueueTestKit
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

@testable import JobQueueSQL

/// What becomes of ended jobs, of old tables and of old snapshots in PostgreSQL.
@Suite(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
struct HistoryTests {
    /// Stores jobs and has them all done, so that they lie in the history.
    private func complete(_ count: Int, _ store: PostgresJobStore) async throws -> [JobID] {
        let jobs = (0..<count).map { _ in NewJob(kind: "count") }
        _ = try await store.enqueue(jobs)
        let worker = try await store.register(
            WorkerDescription(host: "test", process: 1, queues: []), lease: .seconds(60))
        let claimed = try await store.exchange(
            ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: count)])
        ).claimed
        #expect(claimed.count == count)
        _ = try await store.exchange(
            ExchangeRequest(
                worker: worker,
                acknowledgements: claimed.map { Acknowledgement($0.reference, .completed(result: nil)) }))
        try await store.unregister(worker)
        return jobs.map(\.id)
    }

    @Test func `an ended job lies in the partition of its day, and there are partitions for the days to come`()
        async throws
    {
        try await withPostgres { database, store in
            _ = try await complete(3, store)
            let days = try await database.query(
                """
                SELECT to_char((now() AT TIME ZONE 'UTC')::date + d, '"history_"YYYYMMDD') FROM generate_series(0, 3) AS d
                """
            ).map { try $0.decode(0, as: String.self) }
            let partitions = try await database.query(
                """
                SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'vitals_jobs.history'::regclass
                """
            ).map { try $0.decode(0, as: String.self) }
            #expect(Set(partitions) == Set((days + ["history_other"]).map { "vitals_jobs.\($0)" }))
            let places = try await database.query(
                "SELECT DISTINCT tableoid::regclass::text FROM vitals_jobs.history"
            ).map { try $0.decode(0, as: String.self) }
            // Midnight may have come between the two.
            #expect(!places.contains("vitals_jobs.history_other"))
        }
    }

    @Test func `a day past its retention is dropped whole; younger days and unfinished jobs stay`() async throws {
        try await withPostgres { database, store in
            let ids = try await complete(6, store)
            let waiting = NewJob(kind: "count", start: .after(.seconds(3600)))
            _ = try await store.enqueue([waiting])
            // As if they had ended ten days ago, three days ago, and on a day for which nobody made a partition.
            let names = try await database.withTransaction { connection -> [String] in
                var names: [String] = []
                for days in [10, 3] {
                    let row = try await connection.query(
                        """
                        SELECT to_char(d, 'YYYYMMDD'), d::text, (d + 1)::text
                        FROM (SELECT (now() AT TIME ZONE 'UTC')::date - \(days)::integer) AS t (d)
                        """)[0]
                    let name = "vitals_jobs.history_" + (try row.decode(0, as: String.self))
                    let from = try row.decode(1, as: String.self)
                    let to = try row.decode(2, as: String.self)
                    try await connection.executeScript(
                        """
                        CREATE TABLE \(name) PARTITION OF vitals_jobs.history
                            FOR VALUES FROM ('\(from) 00:00:00+00') TO ('\(to) 00:00:00+00')
                        """)
                    names.append(name)
                }
                for (id, days) in zip(ids, [10, 10, 3, 20, 20]) {
                    try await connection.execute(
                        """
                        UPDATE vitals_jobs.history SET finished_at = now() - \(days)::integer * interval '1 day'
                        WHERE id = \(id.description)::uuid
                        """)
                }
                return names
            }
            _ = try await store.maintain(MaintenanceRequest(retention: .seconds(7 * 86_400)))
            let left = try await database.query("SELECT id::text FROM vitals_jobs.history ORDER BY id")
            #expect(try left.map { try $0.decode(0, as: String.self) } == [ids[2], ids[5]].map(\.description))
            let tables = try await database.query(
                "SELECT to_regclass(\(names[0])) IS NULL, to_regclass(\(names[1])) IS NULL")[0]
            #expect(try tables.decode(0, as: Bool.self), "the day of ten days ago is gone")
            #expect(try !tables.decode(1, as: Bool.self), "the day of three days ago is not")
            #expect(try await store.job(waiting.id)?.state == .scheduled)
        }
    }

    @Test func `old workers go on while a newer version migrates, and nothing is lost`() async throws {
        try await withPostgres { database, store in
            let names = (0..<40).map { "migration-\($0)" }
            let client = JobClient(store: store)
            let counts = RunCounts()
            try await working(store, counts, slots: 8) { _ in
                for (number, name) in names.enumerated() {
                    _ = try await client.enqueue(Count(name: name, milliseconds: 2))
                    guard number % 10 == 5 else { continue }
                    // What a version to come would do: another column, another index. The prepared statements of the
                    // worker are of the version before.
                    let later = (0...number / 10).map { step in
                        """
                        ALTER TABLE vitals_jobs.job ADD COLUMN note_\(step) text;
                        ALTER TABLE vitals_jobs.history ADD COLUMN note_\(step) text;
                        CREATE INDEX ON vitals_jobs.job (note_\(step)) WHERE note_\(step) IS NOT NULL
                        """
                    }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<3 {
                            group.addTask { try await store.schema.migrate(database, later: later) }
                        }
                        try await group.waitForAll()
                    }
                }
                let end = ContinuousClock.now + .seconds(20)
                while names.contains(where: { counts.of($0) == 0 }), ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            for name in names { #expect(counts.of(name) == 1, "\(name) ran once") }
            // The version before finds the tables newer than itself, and leaves them so.
            try await store.migrate()
            let version = try await database.query("SELECT max(version) FROM vitals_jobs.schema_version")
            #expect(try version[0].decode(0, as: Int.self) == store.schema.version + 4)
        }
    }

    @Test func `a snapshot that somebody holds for long is warned of, with whose it is`() async throws {
        try await withPostgres { database, store in
            try await database.withConnection { holder in
                try await holder.executeScript("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
                let backend = try await holder.query("SELECT pg_backend_pid()")[0].decode(0, as: Int.self)
                try await database.withConnection { connection in
                    try await connection.executeScript("SET synchronous_commit = off")
                    try await connection.executeScript(
                        """
                        DO $$ BEGIN
                            FOR i IN 0..\(PostgresJobStore.oldSnapshot) LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
                        END $$
                        """)
                    try await connection.executeScript("RESET synchronous_commit")
                }
                let report = try await store.maintain(MaintenanceRequest())
                #expect(report.warnings.contains { $0.contains("backend \(backend) ") }, "\(report.warnings)")
                try await holder.executeScript("COMMIT")
            }
            // Looked for every few minutes: a store that has not looked yet.
            let fresh = try PostgresJobStore(database: database)
            let report = try await fresh.maintain(MaintenanceRequest())
            await fresh.shutdown()
            #expect(!report.warnings.contains { $0.contains("backend") }, "\(report.warnings)")
        }
    }
}
