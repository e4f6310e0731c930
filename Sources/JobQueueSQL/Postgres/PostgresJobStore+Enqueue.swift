import ConnectionPool
public import JobQueue
public import PostgresBackend
import SQLDatabase

extension PostgresJobStore {
    /// How workers hear of jobs that were enqueued in a transaction of the caller's own.
    public enum Announcement: Sendable, Hashable {
        /// Not at all: they find them by polling, within a second or so.
        case poll
        /// By `NOTIFY` inside the transaction: at once after the commit. It serialises the commits of all
        /// transactions of the server that do so; not for many small ones.
        case inTransaction
    }

    /// Stores jobs, all or none, and tells the workers after the commit.
    public func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueReceipt] {
        guard !jobs.isEmpty else { return [] }
        try NewJob.validate(jobs)
        if let uniform = UniformBatch(jobs) {
            let query = uniform.query(schema: schema.name)
            let receipts = try uniform.receipts(try await sessions.withConnection { try await $0.run(query).rows })
            publish([.ready(queue: uniform.first.queue)])
            return receipts
        }
        let (receipts, news) = try await database.withTransaction { connection in
            try await store(jobs, connection, isCallers: false)
        }
        publish(news)
        await settle(zip(jobs, receipts).filter(\.1.isNew).map(\.0))
        return receipts
    }

    /// Stores jobs in the caller's own transaction: they are there when it commits, and only then.
    ///
    /// ```swift
    /// let receipts = try await database.withTransaction { connection in
    ///     try await connection.execute("INSERT INTO orders …")
    ///     return try await store.enqueue([client.prepare(ShipOrder(id: 7))], in: connection)
    /// }
    /// store.announce(queues: ["default"])  // after the commit: the fastest way to tell the workers
    /// ```
    public func enqueue(
        _ jobs: [NewJob], in connection: PostgresConnection, announcing announcement: Announcement = .poll
    ) async throws -> [EnqueueReceipt] {
        guard !jobs.isEmpty else { return [] }
        try NewJob.validate(jobs)
        let receipts: [EnqueueReceipt]
        var news: [JobWakeup] = Set(jobs.map(\.queue)).map { .ready(queue: $0) }
        if let uniform = UniformBatch(jobs) {
            receipts = try uniform.receipts(try await connection.query(uniform.query(schema: schema.name)))
        } else {
            (receipts, news) = try await store(jobs, connection, isCallers: true)
        }
        if announcement == .inTransaction {
            for payload in notifier.payloads(of: news, tag: "-") {
                _ = try await connection.query("SELECT pg_notify(\(notifier.channel), \(payload))")
            }
        }
        return receipts
    }

    /// Tells workers, here and elsewhere, that queues have new jobs: after the commit of a transaction that enqueued.
    public func announce(queues: [String]) {
        publish(queues.map { .ready(queue: $0) })
    }

    // MARK: Jobs that are tied to others

    /// - Parameter isCallers: Whether the transaction is its caller's, who tells nobody of its commit.
    private func store(_ jobs: [NewJob], _ connection: PostgresConnection, isCallers: Bool) async throws
        -> ([EnqueueReceipt], [JobWakeup])
    {
        var work = PostgresEnqueuing(
            jobs: jobs, isCallers: isCallers,
            following: PostgresFollowing(schema: schema.name, connection: connection))
        try await work.run()
        return (work.receipts, work.following.news)
    }

    /// Looks after what was stored just now. What fails here is found by maintenance.
    private func settle(_ stored: [NewJob]) async {
        let blocked = stored.filter(\.isBlocked).map(\.id)
        if !blocked.isEmpty { _ = try? await settleArrivals(blocked) }
        let keys = Set(stored.filter { !$0.isBlocked }.compactMap { $0.concurrency?.key })
        do { try await admit(keys) } catch { upkeep.with { $0.sweepAt = .zero } }
    }
}

/// Jobs that differ in nothing but id and payload, and are tied to nothing: one statement with two arrays.
struct UniformBatch {
    let first: NewJob
    private let jobs: [NewJob]

    init?(_ jobs: [NewJob]) {
        guard let first = jobs.first, Self.isFree(first) else { return nil }
        for job in jobs.dropFirst() {
            guard Self.isFree(job), job.kind == first.kind, job.queue == first.queue, job.priority == first.priority,
                job.maxAttempts == first.maxAttempts, job.maxRescues == first.maxRescues,
                job.whenDependencyFails == first.whenDependencyFails, job.metadata == first.metadata
            else { return nil }
        }
        self.first = first
        self.jobs = jobs
    }

    /// Tied to nothing, and to start at once.
    private static func isFree(_ job: NewJob) -> Bool {
        job.start == .now && job.uniqueKey == nil && job.idempotencyKey == nil && job.concurrency == nil
            && job.parent == nil && !job.awaitsChildren && job.dependsOn.isEmpty
    }

    /// Which of the jobs are new, from the row that the query returned: an id that is there already is not stored again.
    func receipts(_ rows: [SQLRow]) throws -> [EnqueueReceipt] {
        guard let row = rows.first else { throw JobError(.storeFailed, "the store returned no receipt") }
        if row.int(1) == jobs.count { return jobs.map { EnqueueReceipt(id: $0.id, isNew: true) } }
        var new = Set(row.jobIDs(0))
        // An id that comes twice in one call is new once.
        return jobs.map { EnqueueReceipt(id: $0.id, isNew: new.remove($0.id) != nil) }
    }

    func query(schema: String) -> SQLQuery {
        SQLQuery(
            unsafe: """
                WITH stored AS (
                    INSERT INTO \(schema).job (id, queue, kind, priority, state, run_at, max_attempts, max_rescues,
                        proceeds, metadata, payload)
                    SELECT t.id, $3, $4, $5, 3, now(), $6, $7, $8, $9, t.payload
                    FROM unnest($1::uuid[], $2::bytea[]) AS t (id, payload)
                    ON CONFLICT (id) DO NOTHING RETURNING id)
                SELECT CASE WHEN count(*) < cardinality($1::uuid[]) THEN array_agg(id) END, count(*) FROM stored
                """,
            [
                .list(jobs.map(\.id)), .array(jobs.map { .blob($0.payload) }), .text(first.queue), .text(first.kind),
                SQLValue(first.priority.rawValue), SQLValue(first.maxAttempts), SQLValue(first.maxRescues),
                .bool(first.whenDependencyFails == .proceed),
                SQLValue(try? TextColumn.metadata(first.metadata)),
            ])
    }
}

/// An enqueuing call with keys, delays, parents or dependencies, within one transaction.
struct PostgresEnqueuing {
    let jobs: [NewJob]
    private let isCallers: Bool
    var following: PostgresFollowing
    private(set) var receipts: [EnqueueReceipt] = []
    private var holders: [JobID: JobID] = [:]
    /// Idempotency keys taken by this call.
    private var taken: [String: JobID] = [:]

    init(jobs: [NewJob], isCallers: Bool, following: PostgresFollowing) {
        self.jobs = jobs
        self.isCallers = isCallers
        self.following = following
    }

    private var schema: String { following.schema }

    mutating func run() async throws {
        try await checkDependencies()
        try await takeIdempotencyKeys()
        var waiting = jobs
        let own = Set(jobs.map(\.id))
        var done: Set<JobID> = []
        // Parents before children, because children of a duplicate are left out.
        while !waiting.isEmpty {
            let wave = waiting.filter { job in
                job.parent.map { !own.contains($0) || done.contains($0) || $0 == job.id } ?? true
            }
            let now = wave.isEmpty ? waiting : wave
            let ids = Set(now.map(\.id))
            for job in now where holders[job.id] == nil {
                if let parent = job.parent, let holder = holders[parent] { holders[job.id] = holder }
            }
            try await insert(now.filter { holders[$0.id] == nil })
            done.formUnion(ids)
            waiting.removeAll { ids.contains($0.id) }
        }
        receipts = jobs.map { EnqueueReceipt(id: holders[$0.id] ?? $0.id, isNew: holders[$0.id] == nil) }
        // A job that gave way to the holder of its unique key leaves its other key free.
        let free = taken.filter { holders[$0.value] != nil }.keys.sorted()
        if !free.isEmpty {
            _ = try await following.rows(
                "DELETE FROM \(schema).idempotency WHERE key = ANY ($1::text[])", .array(free.map { .text($0) }))
        }
        announce(jobs.filter { holders[$0.id] == nil })
    }

    /// Whether all are known that jobs wait for. Nothing is locked: the transaction may be its caller's, and long.
    private func checkDependencies() async throws {
        let own = Set(jobs.map(\.id))
        let others = Set(jobs.flatMap(\.dependsOn)).subtracting(own)
        var missing = others.union(Set(jobs.compactMap(\.parent)).subtracting(own))
        for table in ["job", "history"] where !missing.isEmpty {
            missing.subtract(
                try await following.rows(
                    "SELECT id FROM \(schema).\(table) WHERE id = ANY ($1::uuid[])", .list(missing.sorted())
                ).compactMap { $0.jobID(0) })
        }
        for job in jobs {
            if let id = job.relatives.first(where: missing.contains) {
                throw job.unknown(id)
            }
        }
    }

    private mutating func takeIdempotencyKeys() async throws {
        var first: [String: JobID] = [:]
        for job in jobs {
            guard let key = job.idempotencyKey else { continue }
            if let holder = first[key] { holders[job.id] = holder } else { first[key] = job.id }
        }
        guard !first.isEmpty else { return }
        // In order, so that two calls never wait for each other. A rival's uncommitted key is waited for.
        let keys = first.keys.sorted()
        let new = try await following.rows(
            """
            INSERT INTO \(schema).idempotency (key, job) SELECT * FROM unnest($1::text[], $2::uuid[])
            ON CONFLICT (key) DO NOTHING RETURNING key
            """, .array(keys.map { .text($0) }), .list(keys.compactMap { first[$0] }))
        let mine = Set(new.compactMap { $0.text(0) })
        taken = first.filter { mine.contains($0.key) }
        let others = keys.filter { !mine.contains($0) }
        guard !others.isEmpty else { return }
        let known = try await following.rows(
            "SELECT key, job FROM \(schema).idempotency WHERE key = ANY ($1::text[])",
            .array(others.map { .text($0) }))
        for row in known {
            guard let key = row.text(0), let holder = row.jobID(1) else { continue }
            for job in jobs where job.idempotencyKey == key { holders[job.id] = holder }
        }
    }

    /// Inserts jobs; those whose unique key is taken get the holder instead.
    private mutating func insert(_ wanted: [NewJob]) async throws {
        // In order of their keys, so that two calls never wait for each other.
        var rest = wanted.sorted { ($0.uniqueKey ?? "", $0.id) < ($1.uniqueKey ?? "", $1.id) }
        for _ in 0..<20 where !rest.isEmpty {
            let stored = Set(try await following.rows(statement, rest, isCallers: isCallers).compactMap { $0.jobID(0) })
            rest.removeAll { stored.contains($0.id) }
            guard !rest.isEmpty else { return }
            let known = try await following.rows(
                "SELECT id, unique_key FROM \(schema).job WHERE id = ANY ($1::uuid[]) OR unique_key = ANY ($2::text[])",
                .list(rest.map(\.id)), .array(rest.compactMap { $0.uniqueKey.map { .text($0) } }))
            var byKey: [String: JobID] = [:]
            var byID: Set<JobID> = []
            for row in known {
                guard let id = row.jobID(0) else { continue }
                byID.insert(id)
                if let key = row.text(1) { byKey[key] = id }
            }
            rest.removeAll { job in
                let holder = byID.contains(job.id) ? job.id : job.uniqueKey.flatMap { byKey[$0] }
                if let holder { holders[job.id] = holder }
                return holder != nil
            }
            // Whoever still is here met a job that has ended meanwhile: once more.
        }
        guard rest.isEmpty else {
            throw JobError(.storeFailed, "unique keys changed hands too fast; try again")
        }
    }

    private var statement: String {
        """
        INSERT INTO \(schema).job (id, queue, kind, priority, state, links, run_at, max_attempts, max_rescues,
            unique_key, idempotency_key, concurrency_key, concurrency_limit, parent, awaits_children, proceeds,
            depends_on, metadata, payload)
        SELECT t.id, t.queue, t.kind, t.priority,
            CASE WHEN t.base > 0 AND coalesce(t.at, now() + t.delay * interval '1 microsecond') > now() THEN 1
                ELSE t.base END,
            t.links, coalesce(t.at, now() + t.delay * interval '1 microsecond'), t.attempts, t.rescues, t.ukey, t.ikey,
            t.ckey, t.climit, t.parent, t.awaits, t.proceeds, t.depends, t.metadata, t.payload
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::smallint[], $6::smallint[],
            $7::timestamptz[], $8::bigint[], $9::integer[], $10::smallint[], $11::text[], $12::text[], $13::text[],
            $14::integer[], $15::uuid[], $16::boolean[], $17::boolean[], $18::text[], $19::text[], $20::bytea[])
            AS t (id, queue, kind, priority, base, links, at, delay, attempts, rescues, ukey, ikey, ckey, climit,
                parent, awaits, proceeds, depends, metadata, payload)
        ON CONFLICT DO NOTHING RETURNING id
        """
    }

    /// What waits for others, or for a place, is looked after once it is committed: ``PostgresJobStore/settleArrivals(_:)``.
    private mutating func announce(_ stored: [NewJob]) {
        for job in stored where job.start != .now || job.isTied { following.announce(.scheduled) }
        for job in stored where !job.isTied { following.announce(.ready(queue: job.queue)) }
    }
}

extension NewJob {
    /// Whether it waits for other jobs.
    fileprivate var isBlocked: Bool { !dependsOn.isEmpty || awaitsChildren }

    /// Whether it waits for other jobs, or for a place of its concurrency key.
    fileprivate var isTied: Bool { isBlocked || concurrency != nil }
}

extension PostgresFollowing {
    fileprivate func rows(_ sql: String, _ jobs: [NewJob], isCallers: Bool) async throws -> [SQLRow] {
        func column(_ value: (NewJob) throws -> SQLValue) rethrows -> SQLValue { .array(try jobs.map(value)) }
        return try await connection.query(
            SQLQuery(
                unsafe: sql,
                [
                    column { $0.id.text }, column { .text($0.queue) }, column { .text($0.kind) },
                    column { SQLValue($0.priority.rawValue) },
                    column { .integer($0.isBlocked ? 0 : $0.concurrency != nil ? 2 : 3) },
                    column {
                        .integer(
                            ($0.concurrency != nil ? JobLinks.key : 0) | ($0.parent != nil ? JobLinks.parent : 0)
                                | ($0.isBlocked || isCallers && $0.isTied ? JobLinks.arrived : 0))
                    },
                    column {
                        if case .atMicroseconds(let moment) = $0.start.storable {
                            .timestamp(microseconds: moment)
                        } else {
                            .null
                        }
                    },
                    column {
                        if case .after(let delay) = $0.start.storable {
                            .integer(delay.microseconds)
                        } else {
                            .integer(0)
                        }
                    },
                    column { SQLValue($0.maxAttempts) }, column { SQLValue($0.maxRescues) },
                    column { SQLValue($0.uniqueKey) }, column { SQLValue($0.idempotencyKey) },
                    column { SQLValue($0.concurrency?.key) },
                    column { $0.concurrency.map { SQLValue($0.limit) } ?? .null },
                    column { $0.parent?.text ?? .null }, column { .bool($0.awaitsChildren) },
                    column { .bool($0.whenDependencyFails == .proceed) },
                    column { SQLValue(TextColumn.ids($0.dependsOn)) },
                    try column { SQLValue(try TextColumn.metadata($0.metadata)) }, column { .blob($0.payload) },
                ]))
    }
}
