"""Cases by hand that change something: each runs in a transaction that is rolled back."""

import datetime as dt
from decimal import Decimal

from postgres_oracle_columns import NOON

DAY = dt.date(2026, 1, 31)

# area: [(setup, statement, parameters …)]
CASES = {
    "insert": [
        ([], "INSERT INTO people (id, name, born, height) VALUES ($1, $2, $3, $4)", 10, "New", DAY, Decimal("1.5")),
        ([], "INSERT INTO people (id, name) VALUES ($1, $2), ($3, $4) RETURNING id, name", 10, "a", 11, "b"),
        ([], "INSERT INTO people (id, name) SELECT * FROM unnest($1::int4[], $2::text[])", [20, 21, 22], ["a", "b", "c"]),
        ([], "INSERT INTO people (id, name) SELECT $1, $2 RETURNING id", 10, "a"),
        ([], "INSERT INTO people (id, name) SELECT id + $1, name FROM people", 100),
        ([], "INSERT INTO people (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", 1, "x"),
        ([], "INSERT INTO people (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name || $3 "
             "RETURNING name, xmax <> 0 AS updated", 1, "x", "!"),
        ([], "INSERT INTO documents (body, tags) VALUES ($1, $2) RETURNING body, tags", '{"n": 1e2}', ["a", None, 'q"']),
        ([], "INSERT INTO documents (body) VALUES ($1) RETURNING body", 5),
        ([], "INSERT INTO documents (body) VALUES (to_jsonb($1)) RETURNING body", 5),
        ([], "INSERT INTO people DEFAULT VALUES",),
        ([], "INSERT INTO child VALUES ($1)", 99),
        (["SET CONSTRAINTS ALL IMMEDIATE"], "INSERT INTO child VALUES ($1)", 99),
        ([], "INSERT INTO parent SELECT generate_series(1, $1)", 100),
    ],
    "update": [
        ([], "UPDATE people SET name = $1 WHERE id = $2", "x", 1),
        ([], "UPDATE people SET height = height + $1 WHERE id = 2 RETURNING id, height", 1),
        ([], "UPDATE people SET height = $1 WHERE id = 1 RETURNING height", 1.005),
        ([], "UPDATE people SET height = $1 WHERE id = 1 RETURNING height", "1.005"),
        ([], "UPDATE people SET born = $1 + 1 WHERE id < $2 RETURNING born", DAY, 3),
        ([], "UPDATE people p SET name = v.n FROM (VALUES ($1, $2), ($3, $4)) AS v (i, n) WHERE p.id = v.i",
         1, "a", 2, "b"),
        ([], "UPDATE people SET (name, height) = ($1, $2) WHERE id = 1", "x", None),
        ([], "UPDATE people SET name = $1 WHERE id = 99", "x"),
        ([], "UPDATE documents SET body = jsonb_set(body, '{a}', $1) WHERE id = 1 RETURNING body", "9"),
        ([], "UPDATE documents SET body = body || jsonb_build_object('k', $1) WHERE id = 1 RETURNING body", 9),
        ([], "UPDATE documents SET tags = array_append(tags, $1) WHERE id = 4 RETURNING tags", "z"),
    ],
    "delete": [
        ([], "DELETE FROM people WHERE id = ANY($1)", [1, 2]),
        ([], "DELETE FROM people WHERE id > $1 RETURNING *", 2),
        ([], "DELETE FROM people USING (VALUES ($1)) AS v (i) WHERE id = v.i", 1),
        ([], "DELETE FROM people", ),
        ([], "TRUNCATE people", ),
        ([], "MERGE INTO people p USING (VALUES ($1, $2)) AS v (i, n) ON p.id = v.i WHEN MATCHED THEN UPDATE SET name = v.n "
             "WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.i, v.n)", 1, "x"),
    ],
    "cte with changes": [
        ([], "WITH d AS (DELETE FROM people WHERE id > $1 RETURNING id) SELECT count(*) AS n FROM d", 2),
        ([], "WITH i AS (INSERT INTO people (id, name) VALUES ($1, $2) RETURNING id) SELECT id + $3 AS v FROM i", 10, "x", 1),
        ([], "WITH u AS (UPDATE people SET name = $1 RETURNING id) INSERT INTO parent SELECT id FROM u RETURNING id", "x"),
    ],
    "cursor": [
        (["DECLARE c CURSOR FOR SELECT generate_series(1, 5) AS n"], "FETCH 2 FROM c", ),
        (["DECLARE c CURSOR FOR SELECT 'ABCD'::text AS name"], "FETCH 2 FROM c", ),
        (["DECLARE c CURSOR FOR SELECT 1.5::float8 AS x, now() IS NULL AS y"], "FETCH 2 FROM c", ),
        (["DECLARE c CURSOR FOR SELECT 7::int8 AS n"], "FETCH 2 FROM c", ),
        (["DECLARE c CURSOR FOR SELECT '{1,2}'::int4[] AS a, 'ok'::mood AS m"], "FETCH 2 FROM c", ),
        (["DECLARE c CURSOR FOR SELECT WHERE false"], "FETCH 2 FROM c", ),
        (["DECLARE c SCROLL CURSOR FOR SELECT generate_series(1, 5) AS n", "MOVE 3 IN c"], "FETCH PRIOR FROM c", ),
        (["DECLARE c SCROLL CURSOR FOR SELECT generate_series(1, 5) AS n"], "MOVE FORWARD 3 IN c", ),
        (["DECLARE c CURSOR FOR SELECT 1"], "CLOSE c", ),
        ([], "DECLARE c CURSOR FOR SELECT id FROM people WHERE id > $1", 1),
        (["DECLARE c CURSOR FOR SELECT id FROM people ORDER BY id FOR UPDATE", "FETCH 1 FROM c"],
         "UPDATE people SET name = $1 WHERE CURRENT OF c", "x"),
        (["DEALLOCATE ALL", "PREPARE p (int4) AS SELECT $1 + 1 AS n"], "EXECUTE p (5)", ),
        (["DEALLOCATE ALL", "PREPARE p AS SELECT 'text' AS name"], "EXECUTE p", ),
    ],
    "ddl": [
        ([], "CREATE TABLE made (a int4 PRIMARY KEY, b text DEFAULT 'x')", ),
        ([], "CREATE TABLE made AS SELECT * FROM people WHERE id > $1", 1),
        ([], "CREATE TABLE made AS SELECT $1 AS a, $2 AS b", 1, "x"),
        ([], "CREATE TEMP TABLE made AS VALUES (1), (2), (3)", ),
        ([], "SELECT id INTO TEMP made FROM people", ),
        ([], "CREATE VIEW made AS SELECT $1 AS a", 1),
        ([], "CREATE INDEX ON people (name)", ),
        ([], "ALTER TABLE people ADD COLUMN extra int4 DEFAULT 7", ),
        (["ALTER TABLE people ADD COLUMN extra int4 DEFAULT 7"], "TABLE people /* wider */", ),
        ([], "DROP TABLE people", ),
        ([], "CREATE FUNCTION add_one(int4) RETURNS int4 LANGUAGE sql AS 'SELECT $1 + 1'", ),
        (["CREATE FUNCTION add_one(int4) RETURNS int4 LANGUAGE sql AS 'SELECT $1 + 1'"], "SELECT add_one($1) AS v", 1),
        (["CREATE FUNCTION f(int8) RETURNS text LANGUAGE sql AS $$ SELECT 'big' $$",
          "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql AS $$ SELECT 'text' $$"], "SELECT f($1) AS v, f($2) AS w", 1, "x"),
        (["CREATE PROCEDURE p(a int4, INOUT b text) LANGUAGE sql AS $$ SELECT 'x' || a $$"], "CALL p($1, NULL)", 1),
        ([], "DO $$ BEGIN PERFORM 1; END $$", ),
        ([], "DO $$ BEGIN RAISE EXCEPTION 'stop' USING ERRCODE = 'VT001'; END $$", ),
        ([], "COMMENT ON TABLE people IS 'x'", ),
        ([], "LOCK TABLE people", ),
        ([], "SET LOCAL work_mem = '8MB'", ),
        (["SET LOCAL work_mem = '8MB'"], "SHOW work_mem", ),
        (["SET LOCAL TimeZone = 'Asia/Kathmandu'"], "SELECT $1 AS v, $1::text AS w", NOON),
        (["SET LOCAL IntervalStyle = 'iso_8601'"], "SELECT $1::interval AS v", "1 day"),
        (["SET LOCAL search_path = 'nowhere'"], "SELECT * FROM people WHERE id = $1", 1),
        (["SET TRANSACTION READ ONLY"], "DELETE FROM people WHERE id = $1", 1),
        (["SAVEPOINT s"], "ROLLBACK TO SAVEPOINT s", ),
        (["SAVEPOINT s"], "RELEASE SAVEPOINT s", ),
        ([], "NOTIFY channel, 'payload'", ),
        ([], "VACUUM people", ),
        ([], "SELECT $1::int4 / 0 AS v", 1),
        ([], "SELECT nextval('documents_id_seq') > $1 AS v", 0),
        ([], "GRANT SELECT ON people TO PUBLIC", ),
        ([], "ANALYZE people", ),
    ],
}  # fmt: skip


def add(corpus):
    for area, cases in CASES.items():
        for setup, sql, *parameters in cases:
            corpus.add(area, sql, *parameters, setup=setup, writes=True)
    # Settings that change the form in which the server writes values.
    form = {"bytea_output = 'escape'": b"\x00a\\", "DateStyle = 'German'": DAY, "extra_float_digits = 0": 0.1 + 0.2}
    for setting, value in form.items():
        name = setting.split(" ")[0]
        corpus.add("form", "SELECT $1 AS v", value, setup=[f"SET LOCAL {setting}"], name=name)
