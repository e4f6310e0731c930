public import JobQueue
import SQLDatabase
public import SQLiteBackend

/// Jobs in a SQLite file: durable on one machine, for one or several processes that open the same file.
///
/// ```swift
/// let database = try SQLiteDatabase(SQLiteConfiguration(path: "service.sqlite", synchronous: .full))
/// let store = SQLiteJobStore(database: database)
/// try await store.migrate()
/// ```
///
/// Calls of all tasks are gathered into common transactions, so that many small calls cost few commits. A commit is as
/// durable as the database's `synchronous` setting makes it. Workers of this process are told of new jobs at once;
/// those of other processes find them by polling.
public final class SQLiteJobStore: JobStore {
    let database: SQLiteDatabase
    let clock: any JobClock
    let hub = WakeupHub()
    private let writer: SQLiteWriter

    /// A store in this database. Call ``migrate()`` before anything else.
    /// - Parameter clock: What due times and leases go by.
    public init(database: SQLiteDatabase, clock: any JobClock = SystemJobClock()) {
        self.database = database
        self.clock = clock
        writer = SQLiteWriter(database: database, clock: clock, hub: hub)
    }

    /// Makes the tables, or brings them up to date. Safe to call at every start, from several processes.
    public func migrate() async throws {
        try await database.write { try await SQLiteSchema.migrate($0) }
    }

    // MARK: Clients

    /// Stores jobs, all or none.
    public func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueReceipt] {
        try await writer.submit { try $0.enqueue(jobs) }
    }

    /// Stores jobs in the caller's own transaction: they are there when it commits, and only then.
    ///
    /// ```swift
    /// try await database.write { connection in
    ///     try await connection.execute("INSERT INTO orders …")
    ///     _ = try await store.enqueue([client.prepare(ShipOrder(id: 7))], in: connection)
    /// }
    /// ```
    /// Workers of this process are told after the commit.
    public func enqueue(_ jobs: [NewJob], in connection: SQLiteConnection) async throws -> [EnqueueReceipt] {
        let now = clock.wallMicroseconds()
        let (receipts, news) = try await connection.withSession { session in
            var state = SQLiteJobs(session: session, now: now)
            let receipts = try state.inSavepoint { try $0.enqueue(jobs) }
            return (receipts, state.news)
        }
        let (database, hub) = (database, hub)
        Task.detached {
            // The writing connection is free again when the caller's transaction is over.
            try? await database.withWriter { _ in }
            hub.publish(news)
        }
        return receipts
    }

    // MARK: Workers

    /// Makes a worker known.
    public func register(_ worker: WorkerDescription, lease: Duration) async throws -> WorkerID {
        let id = WorkerID()
        let kinds = SQLValue(try TextColumn.kinds(worker.kinds))
        try await writer.submit { jobs in
            _ = try jobs.run(
                """
                INSERT INTO vitals_job_worker (id, host, process, queues, started_at, lease_ends, kinds)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, id.blob, .text(worker.host), .integer(Int64(worker.process)),
                .text(worker.queues.joined(separator: "\n")), .integer(jobs.now),
                .integer(jobs.now &+ lease.microseconds), kinds)
        }
        return id
    }

    /// Renews a lease that has not ended.
    public func heartbeat(_ worker: WorkerID, lease: Duration) async throws -> HeartbeatReply {
        try await writer.submit { jobs in
            let alive = try jobs.run(
                "UPDATE vitals_job_worker SET lease_ends = $3 WHERE id = $1 AND lease_ends > $2", worker.blob,
                .integer(jobs.now), .integer(jobs.now &+ lease.microseconds))
            guard alive > 0 else { return HeartbeatReply(isAlive: false) }
            let wishes = try jobs.rows(
                "SELECT id FROM vitals_job WHERE state = 4 AND worker = $1 AND cancel_requested = 1", worker.blob)
            return HeartbeatReply(isAlive: true, cancelRequested: wishes.compactMap { JobID(blob: $0.values[0]) })
        }
    }

    /// Ends a lease.
    public func unregister(_ worker: WorkerID) async throws {
        try await writer.submit { _ = try $0.run("DELETE FROM vitals_job_worker WHERE id = $1", worker.blob) }
    }

    /// Returns runs that nobody holds.
    public func reconcile(_ worker: WorkerID, holding: [RunReference]) async throws -> [RunReference] {
        try await writer.submit { try $0.reconcile(worker, holding: holding) }
    }

    /// Takes outcomes and hands out jobs, in one transaction.
    public func exchange(_ request: ExchangeRequest) async throws -> ExchangeReply {
        try await writer.submit { try $0.exchange(request) }
    }

    /// Saves progress and checkpoints.
    public func save(_ updates: [RunUpdate], worker: WorkerID) async throws -> [RunReference] {
        try await writer.submit { try $0.save(updates, worker: worker) }
    }

    /// Moves on what time moves.
    public func maintain(_ request: MaintenanceRequest) async throws -> MaintenanceReport {
        try await writer.submit { try $0.maintain(request) }
    }

    /// News of this process.
    public func wakeups() -> AsyncStream<JobWakeup> { hub.subscribe() }

    // MARK: Operators

    /// One job.
    public func job(_ id: JobID) async throws -> JobRecord? {
        try await database.read { connection in
            try await connection.query(
                SQLQuery(unsafe: "SELECT \(SQLiteRecord.columns) FROM vitals_job WHERE id = $1", [id.blob])
            ).first.map(SQLiteRecord.read)
        }
    }

    /// Jobs that match, the newest first.
    public func jobs(_ filter: JobFilter) async throws -> [JobRecord] {
        var conditions: [String] = []
        var values: [SQLValue] = []
        func require(_ condition: String, _ value: SQLValue) {
            values.append(value)
            conditions.append(condition + "$\(values.count)")
        }
        if !filter.states.isEmpty {
            let codes = filter.states.map { String($0.code) }.sorted().joined(separator: ", ")
            conditions.append("state IN (\(codes))")
        }
        if let queue = filter.queue { require("queue = ", .text(queue)) }
        if let kind = filter.kind { require("kind = ", .text(kind)) }
        if let parent = filter.parent { require("parent = ", parent.blob) }
        if let before = filter.before { require("id < ", before.blob) }
        let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let sql = "SELECT \(SQLiteRecord.columns) FROM vitals_job\(condition) ORDER BY id DESC LIMIT \(filter.limit)"
        let query = SQLQuery(unsafe: sql, values)
        return try await database.read { try await $0.query(query).map(SQLiteRecord.read) }
    }

    /// How many jobs of a parent are in which state.
    public func children(of parent: JobID) async throws -> [JobState: Int] {
        let query = SQLQuery(
            unsafe: "SELECT state, count(*) FROM vitals_job WHERE parent = $1 GROUP BY state", [parent.blob])
        let rows = try await database.read { try await $0.query(query) }
        return rows.reduce(into: [:]) { counts, row in
            if let state = JobState(code: row.int(0)) { counts[state] = row.int(1) }
        }
    }

    /// Cancels jobs and their children.
    public func cancel(_ ids: [JobID], reason: String) async throws -> [JobID] {
        let reason = reason.storable
        return try await writer.submit { jobs in
            var done: [JobID] = []
            for id in ids where try jobs.cancel(id, reason: reason) { done.append(id) }
            return done
        }
    }

    /// Makes ended jobs ready once more.
    public func retry(_ ids: [JobID]) async throws -> [JobID] {
        try await writer.submit { try $0.retry(ids) }
    }

    /// Removes ended jobs.
    public func delete(_ ids: [JobID]) async throws -> [JobID] {
        try await writer.submit { try $0.delete(ids) }
    }

    /// Sets what holds for a queue.
    public func configure(_ queue: String, _ change: QueueChange) async throws {
        try change.validate()
        try await writer.submit { try $0.configure(queue, change) }
    }

    /// The queues.
    public func statistics() async throws -> [QueueStatistics] {
        let now = clock.wallMicroseconds()
        let (counts, settings, untaken) = try await database.read { connection in
            (
                try await connection.query(
                    """
                    SELECT queue, 3, count(*), min(run_at) FROM vitals_job WHERE state = 3 GROUP BY queue
                    UNION ALL SELECT queue, 1, count(*), NULL FROM vitals_job WHERE state = 1 GROUP BY queue
                    UNION ALL SELECT queue, 4, count(*), NULL FROM vitals_job WHERE state = 4 GROUP BY queue
                    UNION ALL SELECT queue, state, count(*), NULL FROM vitals_job WHERE state IN (0, 2)
                        GROUP BY state, queue
                    """),
                try await connection.query(
                    "SELECT name, paused, max_concurrent, rate_count, rate_period FROM vitals_job_queue"),
                try await Self.untaken(connection, now: now)
            )
        }
        return QueueFigures.gather(counts: counts, settings: settings, untaken: untaken, now: now)
    }

    /// Rows of queue, kind, count. Those that nobody takes sink to the front of their queue.
    private static func untaken(_ connection: SQLiteConnection, now: Int64) async throws -> [SQLRow] {
        var untaken: [SQLRow] = []
        for row in try await connection.query("SELECT DISTINCT queue FROM vitals_job WHERE state = 3") {
            untaken += try await connection.query(
                SQLQuery(
                    unsafe: """
                        SELECT $1, kind, count(*) FROM (SELECT kind FROM vitals_job WHERE queue = $1 AND state = 3
                            ORDER BY priority, run_at, place LIMIT \(QueueStatistics.untakenSample))
                        WHERE NOT EXISTS (SELECT 1 FROM vitals_job_worker AS w WHERE w.lease_ends > $2
                            AND instr(char(10) || w.queues || char(10), char(10) || $1 || char(10))
                            AND (w.kinds IS NULL OR kind IN (SELECT value FROM json_each(w.kinds)))) GROUP BY kind
                        """, [row.values[0], .integer(now)]))
        }
        return untaken
    }

    /// The workers that are known.
    public func workers() async throws -> [WorkerStatus] {
        let rows = try await database.read { connection in
            try await connection.query(
                """
                SELECT id, host, process, queues, started_at, lease_ends,
                    (SELECT count(*) FROM vitals_job WHERE state = 4 AND worker = vitals_job_worker.id), kinds
                FROM vitals_job_worker ORDER BY id
                """)
        }
        return try rows.compactMap { row in
            guard let id = WorkerID(blob: row.values[0]) else { return nil }
            let queues = (row.text(3) ?? "").split(separator: "\n").map(String.init)
            return WorkerStatus(
                id: id,
                description: WorkerDescription(
                    host: row.text(1) ?? "", process: row.int(2), queues: queues,
                    kinds: try TextColumn.kinds(row.text(7))),
                startedAt: .init(microseconds: row.integer(4) ?? 0),
                leaseEnds: .init(microseconds: row.integer(5) ?? 0), running: row.int(6))
        }
    }
}
