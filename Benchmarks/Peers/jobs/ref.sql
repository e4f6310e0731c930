UPDATE bench_queue SET state = 1 WHERE id = (SELECT id FROM bench_queue WHERE queue = 'default' AND state = 0 ORDER BY priority, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id \gset
UPDATE bench_queue SET state = 2, done_at = now() WHERE id = :id;
