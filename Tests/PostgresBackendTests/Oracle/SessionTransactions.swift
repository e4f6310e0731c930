import SQLDatabase

extension SessionChange {
    /// Transactions that stay open, end otherwise than the driver expects, or fail.
    static let transactions: [SessionChange] = Array(
        [
            group(
                "transaction left open", kind: .transaction, ways: [.script, .query, .batch, .rows, .limit],
                [
                    "BEGIN", "begin", "BEGIN WORK", "BEGIN TRANSACTION", "START TRANSACTION",
                    "START TRANSACTION READ ONLY",
                    "BEGIN ISOLATION LEVEL SERIALIZABLE",
                    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, DEFERRABLE",
                    "/* x */ BEGIN", "-- x\nBEGIN;", "BEGIN READ WRITE",
                ]),
            group(
                "transaction left open by a script", kind: .transaction, ways: [.script],
                [
                    "BEGIN; SELECT 1", "BEGIN; INSERT INTO tenants VALUES (50, 'open')", "BEGIN; SAVEPOINT s",
                    "BEGIN; COMMIT AND CHAIN",
                    "BEGIN; ROLLBACK AND CHAIN", "BEGIN; SET LOCAL work_mem = '7MB'",
                    "BEGIN; SET LOCAL ROLE session_other",
                    "BEGIN; SELECT pg_advisory_xact_lock(7)",
                    "BEGIN; DECLARE c CURSOR FOR TABLE tenants; FETCH 1 FROM c",
                    "BEGIN; SET TRANSACTION READ ONLY", "BEGIN; SELECT set_config('app.tenant', '42', true)",
                    "SELECT 1; BEGIN; SELECT 2",
                    "BEGIN; LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE", "BEGIN; SELECT pg_export_snapshot()",
                    "BEGIN; COMMIT; BEGIN",
                    "BEGIN; CREATE TABLE made (a int4); NOTIFY news", "BEGIN; SELECT lo_create(0); SELECT 1",
                ]),
            group(
                "failed transaction left open", kind: .transaction, ways: [.script], mayFail: true,
                [
                    "BEGIN; SELECT 1 / 0", "BEGIN; SET LOCAL work_mem = '7MB'; SELECT no_such_column",
                    "BEGIN; SAVEPOINT s; SELECT 1 / 0",
                    "BEGIN; CREATE TEMP TABLE made (a int4); SELECT 1 / 0", "BEGIN; SET work_mem = '7MB'; SELECT 1 / 0",
                    "BEGIN; SET ROLE session_other; SELECT * FROM no_such_table",
                    "SELECT 1; BEGIN; SELECT 1 / 0; COMMIT",
                ]),
            group(
                "session changed before a failure", ways: [.script], mayFail: true,
                [
                    "BEGIN; SET work_mem = '7MB'; COMMIT; SELECT 1 / 0",
                    "BEGIN; CREATE TEMP TABLE made (a int4); COMMIT; SELECT 1 / 0",
                    "SELECT pg_advisory_lock(7); SELECT 1 / 0", "PREPARE p AS SELECT 1; SELECT 1 / 0",
                    "BEGIN; SELECT set_config('app.tenant', '42', false); COMMIT; SELECT no_such_column",
                ]),
            group(
                "session changed by a statement that fails", mayFail: true,
                [
                    "SELECT 1 / 0 FROM pg_advisory_lock(7)",
                    "SELECT 1 / (id - 2) FROM tenants WHERE pg_try_advisory_lock(id) ORDER BY id",
                    "SELECT set_config('app.tenant', '42', false), 1 / (length(set_config('work_mem', '7MB', false)) - 3)",
                ]),
            group(
                "COPY in a script", kind: .transaction, ways: [.script], mayFail: true,
                ["COPY tenants TO STDOUT", "COPY tenants FROM STDIN", "SELECT 1; COPY (SELECT 1) TO STDOUT; SELECT 2"]),
            group(
                "outside a transaction", kind: .transaction, ways: [.script, .query, .batch],
                ["COMMIT", "ROLLBACK", "END", "ABORT", "SELECT pg_export_snapshot()", "ANALYZE tenants", "CHECKPOINT"]),
        ].joined())

    /// What no client can see: the text does not show it and the server does not report it.
    ///
    /// `sessionReset: .always` undoes them, all but the seed.
    static let limits: [SessionChange] = Array(
        [
            group(
                "a function that hides its effect", kind: .limit,
                [
                    "SELECT hidden_setting()", "SELECT hidden_role()", "SELECT hidden_lock()", "SELECT hidden_table()",
                    "INSERT INTO triggered VALUES (1)", "TABLE hidden_view", "INSERT INTO defaulted DEFAULT VALUES",
                    "INSERT INTO serials (name) VALUES ('rule')",
                ]),
            group(
                "lastval()", kind: .limit,
                [
                    "SELECT nextval('ids')", "SELECT setval('ids', 100)", "SELECT setval('ids', 100, true)",
                    "INSERT INTO serials DEFAULT VALUES",
                ]),
            group(
                "lastval() in a script", kind: .limit, ways: [.script],
                ["SELECT nextval('ids'); SELECT currval('ids'); SELECT lastval()"]),
            group("the seed of random()", kind: .limit, ["SELECT setseed(0.42)", "SELECT pg_catalog.setseed(0.42)"]),
        ].joined())
}
