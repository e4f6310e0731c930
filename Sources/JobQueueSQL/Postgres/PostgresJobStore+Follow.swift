import JobQueue
import PostgresBackend
import SQLDatabase

extension PostgresJobStore {
    /// Looks after what waited for jobs that have ended or left their place. Does its best: what it misses, because
    /// the process dies or the database is away, the next sweep finds.
    func follow(_ left: [AcknowledgementBatch.Left]) async {
        guard !left.isEmpty else { return }
        let ended = left.filter { $0.isEnded && $0.links & JobLinks.dependents != 0 }.map(\.id)
        var waiting = Set(left.filter(\.isEnded).compactMap(\.parent))
        waiting.formUnion(left.filter(\.isBlocked).map(\.id))
        let candidates = waiting
        do {
            var keys = Set(left.compactMap(\.key))
            if !ended.isEmpty || !candidates.isEmpty {
                keys.formUnion(try await following { try await $0.settle(ended: ended, candidates: candidates) })
            }
            try await admit(keys)
        } catch {
            upkeep.with { $0.sweepAt = .zero }
        }
    }

    /// Looks after what has come in a transaction of its caller's, where nothing may be locked that workers need: ties it to what
    /// it waits for, and lets go on what waits for nothing any more.
    /// - Parameters:
    ///   - ids: Which ones; by default the first ``mostArrivals``.
    ///   - failsOrphans: Whether one fails that waits for a job which is gone. What a job waited for that is brought back by hand may
    ///     have been removed long ago.
    /// - Returns: How many there were.
    @discardableResult
    func settleArrivals(_ ids: [JobID]? = nil, failsOrphans: Bool = true) async throws -> Int {
        let which = ids == nil ? "ORDER BY id LIMIT \(Self.mostArrivals)" : "AND id = ANY ($1::uuid[]) ORDER BY id"
        let parameters = ids.map { [SQLValue.list($0)] } ?? []
        let name = schema.name
        var count = 0
        let keys = try await following { work in
            let arrived = try await work.connection.query(
                SQLQuery(
                    unsafe: """
                        UPDATE \(name).job SET links = links & 7 WHERE id = ANY (ARRAY(
                            SELECT id FROM \(name).job WHERE links >= 8 \(which) FOR UPDATE SKIP LOCKED))
                        RETURNING id, state, depends_on, concurrency_key, proceeds
                        """, parameters))
            count = arrived.count
            let blocked = arrived.filter { $0.int(1) == JobState.blocked.code }
            try await work.tie(
                blocked.flatMap { row in
                    row.jobID(0).map { id in TextColumn.ids(row.text(2)).map { (dependency: $0, dependent: id) } } ?? []
                })
            if failsOrphans { try await work.failOrphans(blocked.filter { !$0.flag(4) }) }
            try await work.settle(ended: [], candidates: Set(blocked.compactMap { $0.jobID(0) }))
            work.keys.formUnion(arrived.filter { $0.int(1) == JobState.throttled.code }.compactMap { $0.text(3) })
        }
        try await admit(keys)
        return count
    }

    /// How many are looked after at a time.
    static var mostArrivals: Int { 1000 }

    /// A transaction on a connection of the store's own. Returns the concurrency keys that may have free places after it.
    func following(_ body: (inout PostgresFollowing) async throws -> Void) async throws -> Set<String> {
        let work = try await sessions.withConnection { connection in
            try await connection.withTransaction { connection in
                var work = PostgresFollowing(schema: schema.name, connection: connection)
                try await body(&work)
                return work
            }
        }
        publish(work.news)
        return work.keys
    }

    // MARK: Concurrency keys

    /// Fills the free places of keys with those that wait for one, the most urgent first. Each has its own limit, and one that has no
    /// place holds up those behind it.
    ///
    /// One transaction at a time for each key, and nothing else within it: nobody waits for a key longer than that takes.
    func admit(_ keys: Set<String>) async throws {
        let sorted = keys.sorted()
        // Each lock takes a place in the server's memory.
        for start in stride(from: 0, to: sorted.count, by: 200) {
            let part = SQLValue.array(sorted[start..<min(start + 200, sorted.count)].map { .text($0) })
            while true {
                let results = try await sessions.withConnection { connection in
                    // Twice: the first that waits may have a lower limit than those behind it.
                    try await connection.pipeline([
                        SQLQuery(unsafe: statements.lockKeys, [part, .text(schema.name)]),
                        SQLQuery(unsafe: statements.admit, [part]), SQLQuery(unsafe: statements.admit, [part]),
                    ])
                }
                let queues = results.dropFirst().flatMap { $0.rows.compactMap { $0.text(0) } }
                publish(Set(queues).map { .ready(queue: $0) })
                if results[2].rows.isEmpty { break }
            }
        }
    }
}

/// What follows from ends, within one transaction.
struct PostgresFollowing {
    let schema: String
    let connection: PostgresConnection
    var news: [JobWakeup] = []
    /// Concurrency keys that may have free places, to be filled after the transaction.
    var keys: Set<String> = []

    init(schema: String, connection: PostgresConnection) {
        self.schema = schema
        self.connection = connection
    }

    func rows(_ sql: String, _ parameters: SQLValue...) async throws -> [SQLRow] {
        try await connection.query(SQLQuery(unsafe: sql, parameters))
    }

    mutating func announce(_ wakeup: JobWakeup) {
        if !news.contains(wakeup) { news.append(wakeup) }
    }

    /// Ties jobs to those that they depend on and that have not ended.
    func tie(_ pairs: [(dependency: JobID, dependent: JobID)]) async throws {
        guard !pairs.isEmpty else { return }
        _ = try await rows(
            """
            WITH pair AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS p (dependency, dependent)),
            found AS (SELECT id FROM \(schema).job WHERE id IN (SELECT dependency FROM pair) ORDER BY id FOR UPDATE),
            marked AS (UPDATE \(schema).job SET links = links | 4 WHERE id IN (SELECT id FROM found) RETURNING id)
            INSERT INTO \(schema).dependency (dependency, dependent)
            SELECT dependency, dependent FROM pair WHERE dependency IN (SELECT id FROM marked)
            ON CONFLICT DO NOTHING
            """, .list(pairs.map(\.dependency)), .list(pairs.map(\.dependent)))
    }

    /// Fails arrived jobs that wait for one that is gone: it was there when they were enqueued, and nobody knows how it ended.
    /// - Parameter arrived: Rows of id, state, dependencies.
    mutating func failOrphans(_ arrived: [SQLRow]) async throws {
        let dependencies = Set(arrived.flatMap { TextColumn.ids($0.text(2)) })
        guard !dependencies.isEmpty else { return }
        let missing = Set(
            try await rows(
                """
                SELECT id FROM unnest($1::uuid[]) AS t (id) WHERE NOT EXISTS (SELECT 1 FROM \(schema).job j WHERE j.id = t.id)
                    AND NOT EXISTS (SELECT 1 FROM \(schema).history h WHERE h.id = t.id)
                """, .list(dependencies.sorted())
            ).compactMap { $0.jobID(0) })
        for row in arrived {
            guard let id = row.jobID(0), let gone = TextColumn.ids(row.text(2)).first(where: missing.contains) else {
                continue
            }
            for left in try await fail(id, reason: "\(gone), which it waits for, has been deleted") {
                if let key = left.key { keys.insert(key) }
                if left.links & JobLinks.dependents != 0 { try await settle(ended: [left.id], candidates: []) }
            }
        }
    }

    /// Settles dependents of ended jobs and blocked candidates, and whatever follows from those.
    mutating func settle(ended: [JobID], candidates: Set<JobID>) async throws {
        var ended = ended
        var candidates = candidates
        while !ended.isEmpty || !candidates.isEmpty {
            if !ended.isEmpty {
                let dependents = try await rows(
                    "DELETE FROM \(schema).dependency WHERE dependency = ANY ($1::uuid[]) RETURNING dependent",
                    .list(ended))
                candidates.formUnion(dependents.compactMap { $0.jobID(0) })
                ended = []
            }
            for id in candidates.sorted() {
                for left in try await resolve(id) {
                    if let key = left.key { keys.insert(key) }
                    guard left.isEnded else { continue }
                    if left.links & JobLinks.dependents != 0 { ended.append(left.id) }
                    if let parent = left.parent { candidates.insert(parent) }
                }
                candidates.remove(id)
            }
        }
    }

    // MARK: Blocked jobs

    /// Lets a blocked job go on when nothing holds it any more, or fails it. Returns what has left its place by that.
    private mutating func resolve(_ id: JobID) async throws -> [AcknowledgementBatch.Left] {
        let found = try await rows(
            """
            SELECT awaits_children, proceeds, depends_on, links, queue, concurrency_key, run_at > now()
            FROM \(schema).job WHERE id = $1::uuid AND state = 0 FOR UPDATE
            """, id.text)
        guard let row = found.first else { return [] }
        let awaits = row.flag(0)
        let dependencies = TextColumn.ids(row.text(2))
        if !row.flag(1), let reason = try await failure(of: id, awaits: awaits, dependencies: dependencies) {
            return try await fail(id, reason: reason)
        }
        let held = try await rows(
            """
            SELECT EXISTS (SELECT 1 FROM \(schema).job WHERE id = ANY ($2::uuid[]))
                OR ($3::boolean AND EXISTS (SELECT 1 FROM \(schema).job WHERE parent = $1::uuid))
            """, id.text, .list(dependencies), .bool(awaits))
        if held.first?.flag(0) ?? true { return [] }
        let key = row.text(5)
        let isDelayed = row.flag(6)
        let state: JobState = isDelayed ? .scheduled : key == nil ? .ready : .throttled
        _ = try await rows(
            """
            UPDATE \(schema).job SET state = $2, run_at = greatest(run_at, clock_timestamp()), awaits_children = false,
                worker = NULL, links = links & 7
            WHERE id = $1::uuid
            """, id.text, SQLValue(state.code))
        switch state {
        case .scheduled: announce(.scheduled)
        case .ready: announce(.ready(queue: row.text(4) ?? ""))
        default: return [.init(id: id, links: JobLinks.key, key: key, parent: nil, isEnded: false)]
        }
        return []
    }

    /// Why a blocked job fails; `nil` where nothing that it waits for has ended badly.
    private func failure(of id: JobID, awaits: Bool, dependencies: [JobID]) async throws -> String? {
        guard awaits || !dependencies.isEmpty else { return nil }
        let found = try await rows(
            """
            (SELECT id, kind, state, error FROM \(schema).history
                WHERE $2::boolean AND parent = $1::uuid AND state <> 10 LIMIT 1)
            UNION ALL
            (SELECT id, kind, state, error FROM \(schema).history WHERE id = ANY ($3::uuid[]) AND state <> 10 LIMIT 1)
            """, id.text, .bool(awaits), .list(dependencies))
        guard let row = found.first, let other = row.jobID(0), let state = JobState(code: row.int(2)) else {
            return nil
        }
        return JobReasons.dependency(id: other, kind: row.text(1) ?? "", state: state, error: row.text(3))
    }

    private mutating func fail(_ id: JobID, reason: String) async throws -> [AcknowledgementBatch.Left] {
        let dead = try await end([id], state: .dead, reason: reason)
        let below = try await descendants(of: [id])
        return dead + (try await cancel(below, reason: "the parent \(id) failed"))
    }

    // MARK: Ending

    /// Ends jobs that do not run.
    mutating func end(_ ids: [JobID], state: JobState, reason: String) async throws -> [AcknowledgementBatch.Left] {
        let columns = PostgresSchema.shared
        let gone = try await rows(
            """
            WITH gone AS (DELETE FROM \(schema).job WHERE id = ANY ($1::uuid[]) AND state <> 4 RETURNING *), kept AS (
                INSERT INTO \(schema).history (\(columns), state, error, progress, finished_at)
                SELECT \(columns), $2::smallint, $3, progress, now() FROM gone),
            untied AS (DELETE FROM \(schema).dependency WHERE dependent IN (SELECT id FROM gone))
            SELECT id, links, concurrency_key, parent FROM gone
            """, .list(ids), SQLValue(state.code), .text(reason))
        return gone.compactMap { row in
            row.jobID(0).map {
                .init(id: $0, links: row.integer(1) ?? 0, key: row.text(2), parent: row.jobID(3), isEnded: true)
            }
        }
    }

    /// Jobs below others, as long as they have not ended.
    func descendants(of ids: [JobID]) async throws -> [JobID] {
        try await rows(
            """
            WITH RECURSIVE tree AS (
                SELECT id FROM \(schema).job WHERE parent = ANY ($1::uuid[])
                UNION SELECT j.id FROM \(schema).job j JOIN tree ON j.parent = tree.id)
            SELECT id FROM tree
            """, .list(ids)
        ).compactMap { $0.jobID(0) }
    }

    /// Cancels jobs: at once what does not run, by request what does.
    mutating func cancel(_ ids: [JobID], reason: String) async throws -> [AcknowledgementBatch.Left] {
        guard !ids.isEmpty else { return [] }
        var left: [AcknowledgementBatch.Left] = []
        var rest = ids
        // A job may start or stop running between the two statements; it is then caught by the next round.
        for _ in 0..<10 where !rest.isEmpty {
            left += try await end(rest, state: .cancelled, reason: reason)
            let asked = try await rows(
                """
                UPDATE \(schema).job SET cancel_requested = true, error = $2
                WHERE id = ANY ($1::uuid[]) AND state = 4 AND NOT cancel_requested RETURNING id
                """, .list(rest), .text(reason))
            for id in asked.compactMap({ $0.jobID(0) }) { announce(.cancel(id)) }
            rest = try await rows(
                "SELECT id FROM \(schema).job WHERE id = ANY ($1::uuid[]) AND NOT cancel_requested", .list(rest)
            ).compactMap { $0.jobID(0) }
        }
        return left
    }
}
