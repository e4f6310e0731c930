-- The tables of ref.sql and batch.sql: the least that a queue in PostgreSQL can do with.
DROP TABLE IF EXISTS bench_queue;
CREATE TABLE bench_queue (
    id bigint PRIMARY KEY, queue text NOT NULL, priority smallint NOT NULL, state smallint NOT NULL,
    run_at timestamptz NOT NULL, payload bytea NOT NULL, done_at timestamptz
) WITH (autovacuum_enabled = false);
INSERT INTO bench_queue SELECT i, 'default', 5, 0, now(), '\x7b7d', NULL FROM generate_series(1, :rows) AS i;
CREATE INDEX bench_queue_ready ON bench_queue (queue, priority, run_at, id) WHERE state = 0;
ANALYZE bench_queue;
