WITH claimed AS (UPDATE bench_queue SET state = 1 WHERE id = ANY (ARRAY(SELECT id FROM bench_queue WHERE queue = 'default' AND state = 0 ORDER BY priority, run_at, id LIMIT 100 FOR UPDATE SKIP LOCKED)) RETURNING id, payload) SELECT array_agg(id)::text AS ids FROM claimed \gset
DELETE FROM bench_queue WHERE id = ANY (CAST(:ids AS bigint[]));
