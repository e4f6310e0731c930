import ConnectionPool
public import JobQueue
public import PostgresBackend
import SQLDatabase

/// Jobs in PostgreSQL: durable, for any number of worker processes on any number of hosts.
///
/// ```swift
/// let store = try PostgresJobStore(database: database)
/// try await store.migrate()
/// ```
///
/// Unfinished jobs lie in one small table, ended ones in a history with a partition a day. Beside the database's pool
/// the store uses up to `connections` connections of its own for claims and acknowledgements, one for heartbeats, and
/// one to listen for news.
public final class PostgresJobStore: JobStore {
    let database: PostgresDatabase
    let schema: PostgresSchema
    let statements: PostgresStatements
    let sessions: Pool<PostgresConnectionBackend>
    let heart: Pool<PostgresConnectionBackend>
    let hub = WakeupHub()
    let notifier: PostgresNotifier
    let floors = Lock(ClaimFloors())
    let upkeep = Lock(UpkeepTimes())
    private let listening = Lock<Task<Void, Never>?>(nil)

    /// The settings of the store's own connections. The planner is told to use indexes: the tables grow from nothing to millions of rows
    /// and back faster than statistics follow, and a plan made for an empty table reads a full one from end to end.
    static let sessionSettings = [
        "enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off", "enable_hashjoin": "off",
        "enable_mergejoin": "off", "jit": "off", "plan_cache_mode": "force_generic_plan",
        // What a statement sees must be newer than the locks that the one before has waited for.
        "default_transaction_isolation": "read committed",
    ]

    /// A store in this database. Call ``migrate()`` before anything else.
    /// - Parameters:
    ///   - schema: The schema for its tables: lower-case letters, digits and underscores.
    ///   - connections: How many exchanges may be under way at a time, 1…64.
    /// - Throws: ``JobQueue/JobError`` with `invalidConfiguration`.
    public init(database: PostgresDatabase, schema: String = "vitals_jobs", connections: Int = 4) throws {
        let letters = schema.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
        guard letters, let first = schema.utf8.first, !(48...57).contains(first), schema.utf8.count <= 50 else {
            throw JobError(
                .invalidConfiguration, "schema: lower-case letters, digits and underscores, at most 50, not \(schema)")
        }
        guard (1...64).contains(connections) else {
            throw JobError(.invalidConfiguration, "connections: must be within 1…64")
        }
        self.database = database
        self.schema = PostgresSchema(name: schema)
        statements = PostgresStatements(schema: schema)
        notifier = PostgresNotifier(database: database, channel: schema)
        let backend = database.pool.backend.with(settings: Self.sessionSettings)
        func pool(_ size: Int) throws -> Pool<PostgresConnectionBackend> {
            try Pool(
                backend: backend,
                configuration: PoolConfiguration(size: size, maxOverflow: 0, minimumIdle: 0, timeout: .seconds(10)))
        }
        sessions = try pool(connections)
        heart = try pool(1)
    }

    deinit { listening.with { $0 }?.cancel() }

    /// Makes the tables, or brings them up to date. Safe to call at every start, from several processes, while older
    /// workers run.
    public func migrate() async throws {
        try await schema.migrate(database)
        try await makePartitions()
    }

    /// Closes the store's own connections. The database's pool is left as it is.
    public func shutdown() async {
        listening.with { $0 }?.cancel()
        await sessions.shutdown(drain: .seconds(5))
        await heart.shutdown(drain: .seconds(5))
    }

    /// Tells workers here and elsewhere.
    func publish(_ news: [JobWakeup]) {
        guard !news.isEmpty else { return }
        hub.publish(news)
        notifier.send(news)
    }

    // MARK: News

    /// News of all processes.
    public func wakeups() -> AsyncStream<JobWakeup> {
        listening.with { task in
            guard task == nil else { return }
            let (database, notifier, hub) = (database, notifier, hub)
            task = Task.detached { await Self.listen(database, notifier, hub) }
        }
        return hub.subscribe()
    }

    private static func listen(_ database: PostgresDatabase, _ notifier: PostgresNotifier, _ hub: WakeupHub) async {
        do {
            for try await event in database.notifications(on: [notifier.channel], checkInterval: .seconds(10)) {
                switch event {
                case .listening, .overflowed: hub.publish([.resync])
                case .notification(let notification):
                    for wakeup in notifier.decode(notification.payload) {
                        if case .ready(let queue) = wakeup { hub.cameShort(queue) }
                        hub.publish([wakeup])
                    }
                case .interrupted: break
                }
            }
        } catch {
            // Only the store's end cancels the task.
        }
    }

    // MARK: Workers

    /// Makes a worker known.
    public func register(_ worker: WorkerDescription, lease: Duration) async throws -> WorkerID {
        let id = WorkerID()
        let query = SQLQuery(
            unsafe: """
                INSERT INTO \(schema.name).worker (id, host, process, queues, expires_at, kinds)
                VALUES ($1::uuid, $2, $3, $4, now() + $5 * interval '1 microsecond', $6::text[])
                """,
            [
                id.text, .text(worker.host), SQLValue(worker.process), .text(worker.queues.joined(separator: "\n")),
                .integer(lease.microseconds),
                worker.kinds.map { .array($0.sorted().map { .text($0) }) } ?? .null,
            ])
        _ = try await heart.withConnection { try await $0.run(query) }
        return id
    }

    /// Renews a lease that has not ended, in one statement on a connection of its own.
    public func heartbeat(_ worker: WorkerID, lease: Duration) async throws -> HeartbeatReply {
        let query = SQLQuery(unsafe: statements.heartbeat, [worker.text, .integer(lease.microseconds)])
        let rows = try await heart.withConnection { connection in
            try await connection.run(query, timeout: max(.seconds(1), lease / 3)).rows
        }
        guard let row = rows.first else { return HeartbeatReply(isAlive: false) }
        guard case .array(let wishes) = row.values[0] else { return HeartbeatReply(isAlive: true) }
        return HeartbeatReply(isAlive: true, cancelRequested: wishes.compactMap { JobID(uuid: $0) })
    }

    /// Ends a lease.
    public func unregister(_ worker: WorkerID) async throws {
        let query = SQLQuery(unsafe: "DELETE FROM \(schema.name).worker WHERE id = $1::uuid", [worker.text])
        _ = try await heart.withConnection { try await $0.run(query) }
        upkeep.with { $0.rescueAt = .zero }
        floors.with { $0.forget(worker) }
    }

    /// The workers that are known.
    public func workers() async throws -> [WorkerStatus] {
        let rows = try await database.query(
            statement(
                """
                SELECT id, host, process, queues, started_at, expires_at,
                    (SELECT count(*) FROM \(schema.name).job j WHERE j.state = 4 AND j.worker = w.id), kinds
                FROM \(schema.name).worker w ORDER BY id
                """))
        return rows.compactMap { row in
            guard let id = WorkerID(uuid: row.values[0]) else { return nil }
            let queues = (row.text(3) ?? "").split(separator: "\n").map(String.init)
            return WorkerStatus(
                id: id,
                description: WorkerDescription(
                    host: row.text(1) ?? "", process: row.int(2), queues: queues, kinds: row.texts(7)),
                startedAt: .init(microseconds: row.moment(4) ?? 0), leaseEnds: .init(microseconds: row.moment(5) ?? 0),
                running: row.int(6))
        }
    }
}

/// When parts of the upkeep are next due, on the monotonic clock of this process.
struct UpkeepTimes {
    var rescueAt = Duration.zero
    var sweepAt = Duration.zero
    var partitionsAt = Duration.zero
}
