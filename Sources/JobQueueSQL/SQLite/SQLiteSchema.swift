import SQLDatabase
import SQLiteBackend

/// The tables of a SQLite store, and how older ones become newer ones. Steps are only ever added.
enum SQLiteSchema {
    /// Jobs of all states lie in one table: the partial indexes keep the ended ones out of the way of claims.
    /// State numbers: 0 blocked, 1 scheduled, 2 throttled, 3 ready, 4 running, 10 completed, 11 dead, 12 cancelled,
    /// 13 discarded. Times are microseconds since 1970.
    /// `place` is the order of arrival, by which jobs of equal priority and time run, and the row's own address.
    static let steps = [
        """
        CREATE TABLE vitals_job (
            place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, queue TEXT NOT NULL, kind TEXT NOT NULL,
            priority INTEGER NOT NULL, state INTEGER NOT NULL, run INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0,
            rescues INTEGER NOT NULL DEFAULT 0, cancel_requested INTEGER NOT NULL DEFAULT 0, links INTEGER NOT NULL,
            worker BLOB, created_at INTEGER NOT NULL, run_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER,
            max_attempts INTEGER NOT NULL, max_rescues INTEGER NOT NULL, unique_key TEXT, idempotency_key TEXT,
            concurrency_key TEXT, concurrency_limit INTEGER, parent BLOB, awaits_children INTEGER NOT NULL,
            proceeds INTEGER NOT NULL, depends_on TEXT, metadata TEXT, progress REAL, progress_message TEXT,
            error TEXT, checkpoint BLOB, result BLOB, payload BLOB NOT NULL
        );
        CREATE INDEX vitals_job_ready ON vitals_job (queue, priority, run_at, place) WHERE state = 3;
        CREATE INDEX vitals_job_scheduled ON vitals_job (run_at, queue) WHERE state = 1;
        CREATE INDEX vitals_job_running ON vitals_job (worker, queue) WHERE state = 4;
        CREATE INDEX vitals_job_held ON vitals_job (state, queue) WHERE state IN (0, 2);
        CREATE INDEX vitals_job_key ON vitals_job (concurrency_key, state, priority, run_at, id)
            WHERE concurrency_key IS NOT NULL AND state < 10;
        CREATE UNIQUE INDEX vitals_job_unique ON vitals_job (unique_key) WHERE unique_key IS NOT NULL AND state < 10;
        CREATE INDEX vitals_job_parent ON vitals_job (parent, state) WHERE parent IS NOT NULL;
        CREATE INDEX vitals_job_finished ON vitals_job (finished_at) WHERE state >= 10;
        CREATE TABLE vitals_job_dependency (
            dependency BLOB NOT NULL, dependent BLOB NOT NULL, PRIMARY KEY (dependency, dependent)
        ) WITHOUT ROWID;
        CREATE INDEX vitals_job_dependent ON vitals_job_dependency (dependent);
        CREATE TABLE vitals_job_idempotency (
            key TEXT PRIMARY KEY, job BLOB NOT NULL, created_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE vitals_job_worker (
            id BLOB PRIMARY KEY, host TEXT NOT NULL, process INTEGER NOT NULL, queues TEXT NOT NULL,
            started_at INTEGER NOT NULL, lease_ends INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE vitals_job_queue (
            name TEXT PRIMARY KEY, paused INTEGER NOT NULL DEFAULT 0, max_concurrent INTEGER,
            rate_count INTEGER, rate_period INTEGER, tokens REAL, tokens_at INTEGER
        ) WITHOUT ROWID;
        """,
        // A worker of an older version says nothing of its kinds, and is handed any.
        """
        ALTER TABLE vitals_job_worker ADD COLUMN kinds TEXT;
        CREATE INDEX vitals_job_suspect ON vitals_job (queue, priority, run_at, place) WHERE state = 3 AND rescues > 0
        """,
    ]

    /// Brings the tables up to date. One process does it, others wait and find it done.
    static func migrate(_ connection: SQLiteConnection) async throws {
        try await connection.executeScript("CREATE TABLE IF NOT EXISTS vitals_job_schema (version INTEGER NOT NULL)")
        let rows = try await connection.query("SELECT coalesce(max(version), 0) FROM vitals_job_schema")
        let done = rows.first?.int(0) ?? 0
        for (index, step) in steps.enumerated() where index >= done {
            try await connection.executeScript(step)
            try await connection.execute("INSERT INTO vitals_job_schema (version) VALUES (\(index + 1))")
        }
    }
}
