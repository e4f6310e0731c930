import SQLDatabase

extension SessionChange {
    /// Changes that a reader of the text misses who reads strings, comments and names otherwise than the server.
    static let disguises: [SessionChange] = Array(
        [
            group(
                "disguised by the text",
                [
                    // A name may hold dollars: these are no strings in dollar quotes.
                    "SELECT 1 AS a$$, set_config('app.tenant', '42', false) AS b$$",
                    "SELECT 1 AS é$$, set_config('app.tenant', '42', false) AS é$$",
                    "SELECT 1 AS a$x$, pg_advisory_lock(7) AS b$x$",
                    // A type before a string is no prefix of it, whatever its last letter.
                    "SELECT name'a\\', set_config('app.tenant', '42', false), name'b'",
                    "SELECT E'\\'', set_config('app.tenant', '42', false), E'\\''",
                    "SELECT e'\\\\', set_config('app.tenant', '42', false), 'b'",
                    // A string that goes on in the next line keeps its prefix.
                    "SELECT E'a'\n'b\\'', set_config('app.tenant', '42', false), E'\\''",
                    "SELECT E'a' -- x\n  'b\\'', pg_advisory_lock(7), E'\\''",
                    "SELECT 'a'\n'b', set_config('app.tenant', '42', false), 'c'",
                    "SELECT U&'\\0041''', set_config('app.tenant', '42', false), U&'!0041' UESCAPE '!'",
                    "SELECT B'1', X'1F', N'n', set_config('app.tenant', '42', false)",
                    // A comment ends with either end of line, and nests.
                    "SELECT 1, -- x\rset_config('app.tenant', '42', false)", "-- x\rSET work_mem = '7MB'",
                    "SELECT 1 */* x */length(set_config('app.tenant', '42', false))",
                    "SELECT 1-- x\n+length(set_config('app.tenant', '42', false))",
                    "/* /* ' */ \" */ SELECT set_config('app.tenant', '42', false) /* ' */",
                    "SELECT $$ ' $$, set_config('app.tenant', '42', false), $$ ' $$",
                    "SELECT $a$ $$ $a$, set_config('app.tenant', '42', false), $a$ $b$ $a$",
                    "SELECT 1 AS \"a\"\"b '\", set_config('app.tenant', '42', false) AS \"'\"",
                    // The first part of a setting's name is no key word.
                    "SET local.tenant = '42'", "SET local . tenant TO '42'", "SET transaction.tenant = '42'",
                    "SET constraints.tenant = '42'", "SET session.tenant = '42'", "SET \"local\".tenant = '42'",
                    "UPDATE \"pg_settings\" SET setting = '7168' WHERE name = 'work_mem'",
                    "UPDATE ONLY pg_settings AS s SET setting = '7168' WHERE s.name = 'work_mem'",
                ]),
            group(
                "text run by a function",
                [
                    "SELECT ts_rewrite('a'::tsquery, 'SELECT set_config(''app.tenant'', ''42'', false)::tsquery, ''b''::tsquery')",
                    "SELECT query_to_xml('SELECT set_config(''app.tenant'', ''42'', false)', false, false, '')",
                    "SELECT query_to_xml_and_xmlschema('SELECT pg_advisory_lock(7)', true, false, '')",
                    "SELECT * FROM ts_stat('SELECT set_config(''app.tenant'', ''42'', false)::tsvector')",
                ]),
            group(
                "temporary replication slots",
                [
                    "SELECT pg_create_physical_replication_slot('session_other', false, true)",
                    "SELECT * FROM pg_catalog.pg_create_physical_replication_slot('session_other', temporary => true)",
                ]),
            group(
                "COPY", ways: [.copyOut],
                [
                    "COPY (SELECT set_config('app.tenant', '42', false)) TO STDOUT",
                    "COPY (SELECT pg_advisory_lock(7)) TO STDOUT (FORMAT csv)",
                    "/* x */ COPY (SELECT set_config('app.tenant', '42', false)) TO STDOUT",
                ]),
            group("COPY of a table", kind: .transaction, ways: [.copyOut], ["COPY tenants TO STDOUT"]),
        ].joined())

    /// For a server with `standard_conforming_strings` off, which reads backslashes in every string. In a transaction's body
    /// they are refused.
    static let escaped = group(
        "strings with escapes", ways: [.script, .query, .pipeline, .batch, .rows, .limit],
        [
            "SELECT '\\'', set_config('app.tenant', '42', false), '\\''",
            "SELECT 'a\\'; SELECT ', pg_advisory_lock(7), 'b'",
        ])
}
