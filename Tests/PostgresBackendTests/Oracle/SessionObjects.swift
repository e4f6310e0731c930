import SQLDatabase

extension SessionChange {
    /// Locks, temporary objects, prepared statements, cursors and subscriptions.
    static let objects: [SessionChange] = Array(
        [
            group(
                "advisory locks",
                [
                    "SELECT pg_advisory_lock(7)", "SELECT pg_advisory_lock(7, 8)", "SELECT pg_advisory_lock_shared(7)",
                    "SELECT pg_advisory_lock_shared(7, 8)", "SELECT pg_try_advisory_lock(7)",
                    "SELECT pg_try_advisory_lock(7, 8)",
                    "SELECT pg_try_advisory_lock_shared(7)", "select Pg_Advisory_Lock(7)",
                    "SELECT \"pg_advisory_lock\"(7)",
                    "SELECT pg_catalog.pg_advisory_lock(7)", "SELECT * FROM pg_try_advisory_lock(7) AS taken",
                    "WITH l AS (SELECT pg_advisory_lock(id) FROM tenants) SELECT count(l) FROM l",
                    "SELECT id FROM tenants WHERE pg_try_advisory_lock(id)",
                    "SELECT pg_advisory_lock(n) FROM generate_series(1, 50) AS n",
                    "SELECT U&\"pg\\005fadvisory\\005flock\"(7)", "SELECT (SELECT true FROM pg_advisory_lock(7))",
                    "UPDATE tenants SET name = name WHERE pg_try_advisory_lock(id)",
                    "SELECT pg_advisory_lock /* x */ (7)",
                    "SELECT pg_advisory_lock(7), pg_advisory_lock(7), pg_advisory_unlock(7)",
                ]),
            [SessionChange("advisory locks", "SELECT pg_advisory_lock($1)", [.integer(1 << 40)])],
            group(
                "locks of the transaction", kind: .transaction,
                [
                    "SELECT pg_advisory_xact_lock(7)", "SELECT pg_try_advisory_xact_lock(7, 8)",
                    "SELECT pg_advisory_xact_lock_shared(7)",
                    "SELECT pg_advisory_unlock(7)", "SELECT pg_advisory_unlock_all()",
                    "SELECT * FROM tenants FOR UPDATE",
                ]),
            group(
                "temporary objects",
                [
                    "CREATE TEMP TABLE made (a int4)", "CREATE TEMPORARY TABLE made (a int4)",
                    "CREATE LOCAL TEMP TABLE made (a int4)",
                    "CREATE LOCAL TEMPORARY TABLE made (a int4)", "CREATE GLOBAL TEMP TABLE made (a int4)",
                    "create\ntemp\ntable made ()",
                    "CREATE GLOBAL TEMPORARY TABLE made (a int4)", "CREATE TEMP TABLE IF NOT EXISTS made (a int4)",
                    "CREATE TABLE pg_temp.made (a int4)", "CREATE TABLE \"pg_temp\".made (a int4)",
                    "CREATE TABLE PG_TEMP . made (a int4)",
                    "CREATE TABLE IF NOT EXISTS pg_temp.made (a int4)", "CREATE TEMP TABLE made AS SELECT 1 AS a",
                    "CREATE TABLE pg_temp.made AS SELECT 1 AS a", "CREATE TEMP TABLE made (LIKE tenants)",
                    "CREATE TEMP TABLE made (a int4) ON COMMIT DELETE ROWS",
                    "CREATE TEMP TABLE made ON COMMIT PRESERVE ROWS AS SELECT 1 AS a",
                    "SELECT 1 AS a INTO TEMP made", "SELECT * INTO TEMPORARY TABLE made FROM tenants",
                    "SELECT 1 AS a INTO LOCAL TEMP made",
                    "SELECT id INTO pg_temp.made FROM tenants",
                    "WITH c AS (SELECT 1 AS a) SELECT * INTO TEMP made FROM c",
                    "CREATE TEMP VIEW made AS SELECT 1 AS a", "CREATE OR REPLACE TEMP VIEW made AS SELECT 1 AS a",
                    "CREATE OR REPLACE LOCAL TEMPORARY VIEW made AS SELECT 1 AS a",
                    "CREATE VIEW pg_temp.made AS SELECT 1 AS a",
                    "CREATE TEMP RECURSIVE VIEW made (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < 3",
                    "CREATE TEMP SEQUENCE made", "CREATE TEMPORARY SEQUENCE IF NOT EXISTS made",
                    "CREATE SEQUENCE pg_temp.made",
                    "CREATE FUNCTION pg_temp.made() RETURNS int4 LANGUAGE sql AS 'SELECT 1'",
                    "CREATE TYPE pg_temp.made AS (a int4)",
                    "CREATE DOMAIN pg_temp.made AS int4", "CREATE TYPE pg_temp.made AS ENUM ('a')",
                    "/* x */ CREATE /* y */ TEMP TABLE made ()",
                    "CREATE TABLE U&\"pg\\005ftemp\".made (a int4)",
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) CREATE TEMP TABLE made AS SELECT 1",
                ]),
            group(
                "temporary objects in a script", ways: [.script],
                [
                    "CREATE TEMP TABLE made (a int4); CREATE VIEW seen AS TABLE made",
                    "BEGIN; CREATE TEMP TABLE made (a int4); COMMIT",
                    "CREATE TEMP TABLE made (a int4); CREATE INDEX ON made (a); INSERT INTO made VALUES (1)",
                    "SET search_path = pg_temp, public; CREATE TABLE made (a int4); SET search_path = public",
                    "CREATE TEMP TABLE made (a int4); ALTER TABLE made RENAME TO other",
                    "CREATE TEMP TABLE made (a int4); PREPARE p AS SELECT a FROM made; SELECT 1",
                ]),
            group(
                "temporary objects of a transaction", kind: .transaction, ways: [.script],
                [
                    "BEGIN; CREATE TEMP TABLE made (a int4); ROLLBACK",
                    "BEGIN; CREATE TEMP TABLE made (a int4) ON COMMIT DROP; COMMIT",
                    "CREATE TEMP TABLE made (a int4); DROP TABLE made",
                ]),
            group(
                "prepared statements",
                [
                    "PREPARE p AS SELECT 1", "PREPARE p (int4) AS SELECT $1 + 1", "prepare \"P q\" AS SELECT 1",
                    "/* x */ PREPARE p AS SELECT 1",
                    "PREPARE p (text, date) AS SELECT $1, $2", "PREPARE p AS UPDATE tenants SET name = name",
                    "PREPARE\np\nAS\nSELECT 1",
                ]),
            group(
                "prepared statements in a script", ways: [.script],
                [
                    "PREPARE p AS SELECT 1; EXECUTE p",
                    "PREPARE p (int4) AS SELECT $1; EXECUTE p (5); DEALLOCATE ALL; PREPARE q AS SELECT 2",
                    "BEGIN; PREPARE p AS SELECT 1; ROLLBACK",
                    "PREPARE p AS SELECT set_config('app.tenant', '42', false); EXECUTE p",
                    "PREPARE p AS SELECT pg_advisory_lock(7); EXECUTE p; DEALLOCATE p",
                ]),
            group(
                "DEALLOCATE and DISCARD", kind: .transaction, ways: [.script, .query],
                [
                    "DEALLOCATE ALL", "DEALLOCATE PREPARE ALL", "deallocate all", "DISCARD ALL", "DISCARD PLANS",
                    "DISCARD TEMP",
                    "DISCARD TEMPORARY", "DISCARD SEQUENCES", "/* x */ DISCARD ALL",
                ]),
            group(
                "cursors", ways: [.script, .query, .batch, .rows],
                [
                    "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "declare c cursor with hold for table tenants",
                    "DECLARE \"C\" BINARY CURSOR WITH HOLD FOR SELECT 1",
                    "DECLARE c INSENSITIVE SCROLL CURSOR WITH HOLD FOR SELECT 1",
                    "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1",
                    "/* x */ DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 100)",
                ]),
            group(
                "cursors in a script", ways: [.script],
                [
                    "BEGIN; DECLARE c CURSOR WITH HOLD FOR TABLE tenants; FETCH 1 FROM c; COMMIT",
                    "DECLARE c CURSOR WITH HOLD FOR SELECT 1; DECLARE d CURSOR WITH HOLD FOR SELECT 2; CLOSE c",
                ]
            ),
            group(
                "LISTEN",
                [
                    "LISTEN news", "listen \"News of the day\"", "LISTEN\nnews", "/* x */ LISTEN news",
                    "-- x\nLISTEN news;",
                ]),
            group(
                "LISTEN in a script", ways: [.script],
                ["LISTEN a; LISTEN b; UNLISTEN a", "BEGIN; LISTEN a; COMMIT", "UNLISTEN *; LISTEN a"]),
            group(
                "UNLISTEN and NOTIFY", kind: .transaction,
                ["UNLISTEN *", "UNLISTEN news", "NOTIFY news, 'x'", "SELECT pg_notify('news', 'x')"]),
            group("LOAD", ["LOAD 'auto_explain'", "load 'auto_explain'", "/* x */ LOAD 'auto_explain'"]),
            group(
                "replication origin", mayFail: true,
                [
                    "SELECT pg_replication_origin_session_setup('session_other')",
                    "SELECT pg_catalog.\"pg_replication_origin_session_setup\"('session_other')",
                ]),
        ].joined())
}
