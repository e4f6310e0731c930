import PostgresBackend
import SQLDatabase

/// The tables of a PostgreSQL store, and how older ones become newer ones. Steps are only ever added, and each leaves
/// the tables usable for workers of the version before.
struct PostgresSchema: Sendable {
    /// The schema's name, checked.
    let name: String

    /// Columns that a job has wherever it lies, in the order of all statements that move it.
    static let shared = """
        id, queue, kind, priority, run, attempt, rescues, cancel_requested, links, worker, created_at, run_at, \
        started_at, max_attempts, max_rescues, unique_key, idempotency_key, concurrency_key, concurrency_limit, parent, \
        awaits_children, proceeds, depends_on, metadata, progress_message, checkpoint, payload
        """

    private static let definitions = """
        queue text NOT NULL, kind text NOT NULL, priority smallint NOT NULL, state smallint NOT NULL,
        run bigint NOT NULL DEFAULT 0, attempt integer NOT NULL DEFAULT 0, rescues smallint NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false, links smallint NOT NULL DEFAULT 0, worker uuid,
        created_at timestamptz NOT NULL DEFAULT now(), run_at timestamptz NOT NULL, started_at timestamptz,
        max_attempts integer NOT NULL, max_rescues smallint NOT NULL, unique_key text, idempotency_key text,
        concurrency_key text, concurrency_limit integer, parent uuid, awaits_children boolean NOT NULL DEFAULT false,
        proceeds boolean NOT NULL DEFAULT false, depends_on text, metadata text, progress double precision,
        progress_message text, error text, checkpoint bytea, payload bytea NOT NULL
        """

    /// State numbers: 0 blocked, 1 scheduled, 2 throttled, 3 ready, 4 running in `job`; 10 completed, 11 dead,
    /// 12 cancelled, 13 discarded in `history`.
    private var steps: [String] {
        [
            """
            CREATE TABLE \(name).job (id uuid PRIMARY KEY, \(Self.definitions)) WITH (
                autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
                autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0,
                autovacuum_analyze_threshold = 50000);
            CREATE INDEX job_ready ON \(name).job (queue, priority, run_at, id) WHERE state = 3;
            CREATE INDEX job_scheduled ON \(name).job (run_at) WHERE state = 1;
            CREATE INDEX job_running ON \(name).job (worker) WHERE state = 4;
            CREATE INDEX job_blocked ON \(name).job (id) WHERE state = 0;
            CREATE INDEX job_key ON \(name).job (concurrency_key, state, priority, run_at, id)
                WHERE concurrency_key IS NOT NULL;
            CREATE INDEX job_parent ON \(name).job (parent) WHERE parent IS NOT NULL;
            CREATE UNIQUE INDEX job_unique ON \(name).job (unique_key) WHERE unique_key IS NOT NULL;
            CREATE TABLE \(name).history (
                id uuid NOT NULL, \(Self.definitions), finished_at timestamptz NOT NULL, result bytea
            ) PARTITION BY RANGE (finished_at);
            CREATE INDEX history_id ON \(name).history (id);
            CREATE INDEX history_parent ON \(name).history (parent, state) WHERE parent IS NOT NULL;
            CREATE INDEX history_failed_child ON \(name).history (parent) WHERE parent IS NOT NULL AND state <> 10;
            CREATE TABLE \(name).history_other PARTITION OF \(name).history DEFAULT;
            CREATE TABLE \(name).dependency (
                dependency uuid NOT NULL, dependent uuid NOT NULL, PRIMARY KEY (dependency, dependent));
            CREATE INDEX dependency_dependent ON \(name).dependency (dependent);
            CREATE TABLE \(name).idempotency (
                key text PRIMARY KEY, job uuid NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
            CREATE INDEX idempotency_age ON \(name).idempotency (created_at);
            CREATE TABLE \(name).worker (
                id uuid PRIMARY KEY, host text NOT NULL, process integer NOT NULL, queues text NOT NULL,
                started_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL);
            CREATE TABLE \(name).queue (
                name text PRIMARY KEY, paused boolean NOT NULL DEFAULT false, max_concurrent integer,
                rate_count integer, rate_period bigint, tokens double precision, tokens_at timestamptz);
            """,
            // A worker of an older version says nothing of its kinds, and is handed any.
            """
            ALTER TABLE \(name).worker ADD COLUMN kinds text[];
            CREATE INDEX job_arrived ON \(name).job (id) WHERE links >= 8;
            CREATE INDEX job_suspect ON \(name).job (queue, priority, run_at, id) WHERE state = 3 AND rescues > 0
            """,
        ]
    }

    /// The version of the tables that these steps lead to.
    var version: Int { steps.count }

    /// Brings the tables up to date. One process does it, the others wait and find it done.
    /// - Parameter later: The steps of a version to come, for tests.
    func migrate(_ database: PostgresDatabase, later: [String] = []) async throws {
        try await database.withTransaction { connection in
            _ = try await connection.query("SELECT pg_advisory_xact_lock(7234812, hashtext(\(name)))")
            try await connection.executeScript(
                """
                CREATE SCHEMA IF NOT EXISTS \(name);
                CREATE TABLE IF NOT EXISTS \(name).schema_version (version integer NOT NULL)
                """)
            let rows = try await connection.run(
                statement("SELECT coalesce(max(version), 0) FROM \(name).schema_version"), prepared: false
            ).rows
            let done = rows.first?.int(0) ?? 0
            for (index, step) in (steps + later).enumerated() where index >= done {
                try await connection.executeScript(step)
                try await connection.execute(
                    statement("INSERT INTO \(name).schema_version (version) VALUES (\(index + 1))"))
            }
        }
    }
}
