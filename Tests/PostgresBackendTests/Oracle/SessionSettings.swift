import SQLDatabase

extension SessionChange {
    /// SET in all its forms.
    static let settings: [SessionChange] = Array(
        [
            group(
                "SET",
                [
                    "SET work_mem = '7MB'", "SET work_mem TO '7MB'", "set Work_Mem to '7MB'",
                    "SET SESSION work_mem = '7MB'",
                    "SET \"work_mem\" = '7MB'", "SET work_mem = 7168", "  \n\t SET work_mem = '7MB'",
                    "SET\n\twork_mem\n=\n'7MB'",
                    "SET work_mem='7MB';", "SET work_mem = '7MB' ; ", "/* why */ SET work_mem = '7MB'",
                    "-- why\nSET work_mem = '7MB'", "/* a /* nested */ comment */ SET work_mem = '7MB'",
                    "SET/* here */work_mem/**/=/**/'7MB'", "--\n--\n/**/\nset work_mem = '7MB'",
                    "\u{0C}\r\nSET\u{0C}work_mem = '7MB'",
                    "SET work_mem = $$7MB$$",
                    "SET search_path = 'nowhere'", "SET search_path TO nowhere, public", "SET SCHEMA 'nowhere'",
                    "SET SESSION search_path = nowhere", "SET statement_timeout = '17s'", "SET lock_timeout = 1717",
                    "SET idle_in_transaction_session_timeout = '17s'", "SET DateStyle = 'German'",
                    "SET datestyle TO SQL, DMY",
                    "SET IntervalStyle = iso_8601", "SET bytea_output = 'escape'", "SET extra_float_digits = -3",
                    "SET client_min_messages = error", "SET standard_conforming_strings = off",
                    "SET backslash_quote = on", "SET TIME ZONE 'Asia/Tokyo'",
                    "SET TIME ZONE INTERVAL '+02:30' HOUR TO MINUTE", "SET TimeZone = 'Asia/Tokyo'", "SET TIME ZONE 5",
                    "SET SESSION TIME ZONE 'Asia/Tokyo'", "SET XML OPTION DOCUMENT", "SET xmloption = document",
                    "SET app.tenant = '42'", "SET app.tenant TO 42", "SET SESSION app.tenant = '42'",
                    "SET \"app\".\"tenant\" = '42'",
                    "SET application_name = 'intruder'", "SET session_replication_role = replica",
                    "SET row_security = off",
                    "SET default_transaction_read_only = on", "SET default_transaction_isolation = 'serializable'",
                    "SET default_transaction_deferrable TO on", "SET synchronous_commit = off",
                    "SET enable_seqscan = off",
                    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET plan_cache_mode = force_generic_plan",
                    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE",
                    "set session characteristics as transaction isolation level repeatable read",
                    "SET vacuum_cost_delay = 10",
                    "SET transform_null_equals = on", "SET lc_monetary = 'C.UTF-8'", "SET zero_damaged_pages = on",
                    "SET log_statement = 'all'", "SET role TO session_other",
                    "SET default_text_search_config = 'simple'",
                ]),
            group(
                "client_encoding", mayFail: true,
                ["SET client_encoding = 'LATIN1'", "SET NAMES 'LATIN1'", "SET client_encoding TO sql_ascii"]),
            group(
                "SET ROLE",
                [
                    "SET ROLE session_other", "SET ROLE \"session_other\"", "SET ROLE 'session_other'",
                    "SET SESSION ROLE session_other",
                    "set role Session_Other", "SET role = 'session_other'", "/* x */SET ROLE session_other",
                    "SET SESSION AUTHORIZATION session_other", "SET SESSION AUTHORIZATION 'session_other'",
                    "SET SESSION SESSION AUTHORIZATION session_other", "SET session_authorization = 'session_other'",
                    "-- x\n SET\nSESSION\nAUTHORIZATION\n\"session_other\"",
                ]),
            group(
                "RESET and SET LOCAL", kind: .transaction,
                [
                    "RESET work_mem", "RESET ALL", "RESET ROLE", "RESET SESSION AUTHORIZATION", "SET ROLE NONE",
                    "SET work_mem TO DEFAULT", "SET TIME ZONE LOCAL",
                    "SET SESSION AUTHORIZATION DEFAULT", "SET LOCAL work_mem = '7MB'", "SET LOCAL ROLE session_other",
                    "SET LOCAL app.tenant = '42'", "SET LOCAL TIME ZONE 'Asia/Tokyo'", "SET CONSTRAINTS ALL DEFERRED",
                ]),
            group(
                "SET TRANSACTION", kind: .transaction, ways: [.script, .query, .batch, .rows],
                ["SET TRANSACTION READ ONLY", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"]),
            group(
                "several settings", ways: [.script],
                [
                    "SELECT 1; SET work_mem = '7MB'; SELECT 2", "BEGIN; SET work_mem = '7MB'; COMMIT",
                    "SET a.b = 1; RESET work_mem",
                    "BEGIN; SET LOCAL work_mem = '8MB'; COMMIT; SET work_mem = '7MB'",
                    "SELECT ';'; SET ROLE session_other",
                    "SET ROLE session_other; SELECT 1", "SET work_mem = '7MB'; RESET ALL; SET app.tenant = '42'",
                    "SELECT 'a''; --'; SET work_mem = '7MB'", "SELECT $x$;$x$; SET work_mem = '7MB'",
                    "SELECT 1 /* ; */; SET work_mem = '7MB'", ";;; SET work_mem = '7MB'",
                    "SELECT 1;\nset\nlock_timeout = 1717;\n",
                ]),
        ].joined())

    /// `set_config` and other functions, the settings view, DO and CALL.
    static let configured: [SessionChange] = Array(
        [
            group(
                "set_config",
                [
                    "SELECT set_config('app.tenant', '42', false)", "select SET_CONFIG('app.tenant', '42', false)",
                    "SELECT Set_Config ( 'app.tenant' , '42' , FALSE )",
                    "SELECT \"set_config\"('app.tenant', '42', false)",
                    "SELECT pg_catalog.set_config('app.tenant', '42', false)",
                    "SELECT PG_CATALOG . SET_CONFIG('app.tenant', '42', 'f')",
                    "SELECT \"pg_catalog\".\"set_config\"('app.tenant', '42', false)",
                    "SELECT set_config/* x */('app.tenant', '42', false)",
                    "SELECT set_config -- x\n ('app.tenant', '42', false)",
                    "SELECT U&\"set\\005fconfig\"('app.tenant', '42', false)",
                    "SELECT U&\"!0073et_config\" UESCAPE '!' ('app.tenant', '42', false)",
                    "WITH c AS (SELECT set_config('app.tenant', '42', false)) SELECT * FROM c",
                    "WITH c AS MATERIALIZED (SELECT set_config('app.tenant', '42', false) AS v) SELECT count(v) FROM c",
                    "SELECT id FROM tenants WHERE set_config('app.tenant', id::text, false) IS NOT NULL",
                    "SELECT * FROM set_config('app.tenant', '42', false)",
                    "VALUES (set_config('app.tenant', '42', false))",
                    "SELECT (SELECT set_config('app.tenant', '42', false))",
                    "SELECT 1 FROM tenants ORDER BY set_config('app.tenant', '42', false)",
                    "SELECT CASE WHEN true THEN set_config('app.tenant', '42', false) END",
                    "SELECT 1 LIMIT length(set_config('app.tenant', '42', false))",
                    "SELECT l.* FROM tenants, LATERAL (SELECT set_config('app.tenant', name, false)) AS l",
                    "UPDATE tenants SET name = name WHERE id = 1 RETURNING set_config('app.tenant', '42', false)",
                    "UPDATE tenants SET name = set_config('app.tenant', '42', false) WHERE id = 2",
                    "INSERT INTO serials (id, name) SELECT 1, set_config('app.tenant', '42', false)",
                    "DELETE FROM serials WHERE set_config('app.tenant', '42', false) IS NULL OR set_config('app.tenant', '42', false) = ''",
                    "SELECT set_config('role', 'session_other', false)",
                    "SELECT set_config('session_authorization', 'session_other', false)",
                    "SELECT set_config('search_path', 'nowhere', false)",
                    "SELECT set_config('TimeZone', 'Asia/Tokyo', false)",
                    "SELECT set_config(name, '17s', false) FROM pg_settings WHERE name = 'statement_timeout'",
                    "SELECT 1 UNION ALL SELECT length(set_config('app.tenant', '42', false))",
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT set_config('app.tenant', '42', false)",
                    "UPDATE pg_settings SET setting = '7168' WHERE name = 'work_mem'",
                    "update pg_catalog . pg_settings set setting = 'off' where name = 'enable_seqscan'",
                ]),
            [
                SessionChange(
                    "set_config", "SELECT set_config($1, $2, $3)", [.text("app.tenant"), .text("42"), .bool(false)]),
                SessionChange("set_config", "SELECT set_config('app.tenant', $1, false)", [.text("42")]),
                SessionChange(
                    "set_config", "SELECT set_config($1, '42', $2::bool)", [.text("app.tenant"), .text("f")]),
            ],
            group(
                "set_config for the transaction", kind: .transaction,
                [
                    "SELECT set_config('app.tenant', '42', true)",
                    "SELECT pg_catalog.set_config('role', 'session_other', true)",
                    "SELECT own_setting()", "SELECT 'set_config(''app.tenant'', ''42'', false)'",
                ]),
            group(
                "DO and CALL",
                [
                    "DO $$ BEGIN PERFORM set_config('app.tenant', '42', false); END $$",
                    "DO $$ BEGIN SET work_mem = '7MB'; END $$",
                    "DO $x$ BEGIN EXECUTE 'SET ROLE session_other'; END $x$",
                    "do 'begin execute ''S'' || ''ET work_mem = 7168''; end'",
                    "DO LANGUAGE plpgsql $$ BEGIN EXECUTE format('SET %I = %L', 'work_mem', '7MB'); END $$",
                    "/* x */ DO $$ BEGIN PERFORM pg_advisory_lock(7); END $$",
                    "DO $$ BEGIN CREATE TEMP TABLE made (a int4); END $$",
                    "DO $$ BEGIN EXECUTE 'CREATE TEM' || 'P TABLE made (a int4)'; END $$",
                    "DO $$ BEGIN PERFORM hidden_lock(); END $$",
                    "DO $$ BEGIN LISTEN news; END $$", "CALL change_setting()", "call make_table()",
                    "-- x\nCALL public.change_setting()",
                ]),
        ].joined())
}
