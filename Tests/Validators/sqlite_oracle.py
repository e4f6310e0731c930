"""Python's sqlite3 as the judge of the SQLite driver.

    python3 Tests/Validators/sqlite_oracle.py SEED

Writes a list of JSON cases to standard output: a statement, its parameters, and what Python's sqlite3 makes of it: the rows with
the type of each value and the number of changed rows, or SQLite's extended result code, or "unreadable" where a text in the rows is
not UTF-8. A case with "schema" has none of these: its
text creates the tables that the others use. Each statement runs in a transaction that is rolled back. Only the standard library
is needed. Parameters are ?1 onwards for the module and $1 onwards in what is written, the form of the driver. Values: {"i": decimal}, {"r": big-endian hex of the double}, {"t": hex of UTF-8}, {"b": hex}, null.
"""
import json
import random
import re
import sqlite3
import struct
import sys

SCHEMA = """
CREATE TABLE wards (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, beds INTEGER CHECK (beds > 0), rate REAL, note BLOB);
INSERT INTO wards VALUES (1, 'North', 12, 0.5, x'00ff'), (2, 'Süd', 3, 2.25, NULL), (3, 'a' || char(0) || 'b', 40, -1e300, '');
CREATE TABLE patients (id INTEGER PRIMARY KEY, ward INTEGER REFERENCES wards (id), born TEXT, weight NUMERIC);
INSERT INTO patients VALUES (1, 1, '2001-02-28', 70), (2, 1, '1950-12-31 23:59:59', 80.5), (3, 2, NULL, '90.25'), (4, NULL, '', 1e20);
CREATE TABLE typed (i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC, a);
CREATE TABLE strict_one (i INTEGER, r REAL, t TEXT, b BLOB, a ANY) STRICT;
CREATE TABLE keyed (k TEXT, v, PRIMARY KEY (k)) WITHOUT ROWID;
INSERT INTO keyed VALUES ('a', 1), ('B', 2.5), ('ß', x'01');
CREATE VIRTUAL TABLE notes USING fts5(text);
INSERT INTO notes VALUES ('a quick brown fox'), ('slow foxes'), ('nothing');
CREATE TRIGGER guard BEFORE DELETE ON wards WHEN old.id = 1 BEGIN SELECT RAISE(ABORT, 'the first ward stays'); END;
"""
INTEGERS = [0, 1, -1, 2, 7, 255, 65536, 2**31 - 1, -(2**31), 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
REALS = [0.0, -0.0, 0.5, -1.5, 0.1, 1e-320, 5e-324, 1e15, 123456789.125, 1e300, float("inf"), float("-inf")]
TEXTS = ["", "a", "A", "abc", "12", "12abc", " 7 ", "1e3", "0x10", "ä", "ß", "e\u0301", "日本", "\U0001f600", "a\0b", "%", "_a", "'", '"', "\n",
         "2026-01-31", "2026-01-31 12:00:00", "2026-01-31T12:00:00.250Z", "NULL", "[1,2,{\"a\":null}]", "{\"a\":{\"b\":[1.5,true]}}", "$.a", "x" * 5000]
BLOBS = [b"", b"\0", b"abc", b"\xff\xfe", bytes(range(256))]
VALUES = [None] + INTEGERS + REALS + TEXTS + BLOBS
BINARY = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "=", "<>", "IS", "IS NOT", "||", "&", "|", "<<", ">>", "AND", "OR", "LIKE", "GLOB"]
ONE = ["typeof(?1)", "abs(?1)", "length(?1)", "lower(?1)", "upper(?1)", "hex(?1)", "quote(?1)", "round(?1)", "unicode(?1)", "trim(?1)", "-?1", "+?1", "~?1",
       "NOT ?1", "?1 IS NULL", "CAST(?1 AS INTEGER)", "CAST(?1 AS REAL)", "CAST(?1 AS TEXT)", "CAST(?1 AS BLOB)", "CAST(?1 AS NUMERIC)", "sum(?1)",
       "total(?1)", "avg(?1)", "max(?1)", "count(?1)", "group_concat(?1)", "date(?1)", "datetime(?1)", "julianday(?1)", "unixepoch(?1)", "json(?1)",
       "json_type(?1)", "json_quote(?1)", "json_array(?1, ?1)", "coalesce(?1, 'none')", "char(?1)", "zeroblob(?1 IS NULL)", "sign(?1)", "likely(?1)", "?1 COLLATE NOCASE = 'A'"]
TWO = ["instr(?1, ?2)", "substr(?1, ?2)", "min(?1, ?2)", "max(?1, ?2)", "nullif(?1, ?2)", "ifnull(?1, ?2)", "round(?1, ?2)", "printf('%s|%s', ?1, ?2)",
       "printf('%d|%f', ?1, ?2)", "json_extract(?1, ?2)", "?1 -> ?2", "?1 ->> ?2", "json_object(?1, ?2)", "replace(?1, ?2, 'x')", "trim(?1, ?2)",
       "?1 BETWEEN ?2 AND ?1", "?1 IN (?2, ?1)", "CASE ?1 WHEN ?2 THEN 1 ELSE 'no' END", "strftime(?1, ?2)", "iif(?1, ?2, NULL)", "?1 LIKE ?2 ESCAPE '!'"]
FIXED = [
    ("SELECT * FROM wards ORDER BY id", []), ("SELECT w.*, p.* FROM wards w LEFT JOIN patients p ON p.ward = w.id ORDER BY w.id, p.id", []),
    ("SELECT name AS a, name AS a FROM wards ORDER BY 1", []), ("SELECT 1 AS \"two words\", 2 AS ''", []),
    ("SELECT count(*), sum(beds), avg(rate), max(name) FROM wards", []), ("SELECT ward, count(*) FROM patients GROUP BY ward ORDER BY ward", []),
    ("SELECT id, row_number() OVER (PARTITION BY ward ORDER BY id), lag(weight) OVER (ORDER BY id) FROM patients ORDER BY id", []),
    ("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i, i * 0.5, 'n' || i FROM n", [1000]),
    ("VALUES (1, 'a'), (2.5, NULL), (x'00', '')", []), ("SELECT * FROM json_each(?1)", ["[1,2.5,\"a\",null,true,[1],{\"a\":2}]"]),
    ("SELECT value FROM json_each(?1)", ["[9223372036854775807,-0.0,1e400,\"\\u00e4\\ud83d\\ude00\"]"]),
    ("SELECT text, rank < 0 FROM notes WHERE notes MATCH ?1 ORDER BY text", ["fox"]), ("SELECT * FROM notes WHERE notes MATCH ?1", ["a AND"]),
    ("SELECT highlight(notes, 0, '<', '>') FROM notes WHERE notes MATCH ?1", ["fox*"]), ("SELECT * FROM notes WHERE notes MATCH ?1", ["nope:x"]),
    ("SELECT 1 WHERE 0", []), ("SELECT NULL", []), ("EXPLAIN QUERY PLAN SELECT * FROM wards WHERE id = 1", []), ("PRAGMA table_info(wards)", []),
    ("PRAGMA foreign_key_list(patients)", []), ("SELECT * FROM pragma_index_list('wards')", []), ("PRAGMA user_version", []), ("PRAGMA encoding", []),
    ("INSERT INTO wards (name, beds) VALUES (?1, ?2)", ["East", 5]), ("INSERT INTO wards (name, beds) VALUES (?1, ?2) RETURNING *", ["East", 5]),
    ("INSERT INTO wards (name, beds) VALUES (?1, ?2), (?1, ?2)", ["East", 5]), ("INSERT OR IGNORE INTO wards (name, beds) VALUES (?1, 1)", ["North"]),
    ("INSERT OR REPLACE INTO wards (id, name, beds) VALUES (2, ?1, 1)", ["New"]), ("INSERT INTO wards (name, beds) VALUES ('North', 9) ON CONFLICT (name) DO UPDATE SET beds = excluded.beds RETURNING beds", []),
    ("INSERT INTO wards (name) VALUES (NULL)", []), ("INSERT INTO wards (name, beds) VALUES ('x', 0)", []), ("INSERT INTO wards (id, name) VALUES (1, 'y')", []),
    ("INSERT INTO wards (id, name) VALUES ('text', 'y')", []), ("INSERT INTO patients (ward) VALUES (?1)", [99]), ("UPDATE wards SET beds = beds + ?1", [1]),
    ("UPDATE wards SET beds = beds - 20 WHERE id <> 1", []), ("UPDATE wards SET beds = ?1 WHERE id > 1 RETURNING id, beds, typeof(beds)", ["7"]),
    ("DELETE FROM wards WHERE id = 1", []), ("DELETE FROM wards WHERE id = 3", []), ("DELETE FROM wards WHERE id = 2", []), ("DELETE FROM patients", []),
    ("DELETE FROM patients WHERE id = ?1 RETURNING born", [2]), ("UPDATE keyed SET v = v WHERE k = ?1", ["B"]), ("INSERT INTO keyed VALUES (?1, ?2)", ["a", 1]),
    ("REPLACE INTO keyed VALUES (?1, ?2)", ["a", 5]), ("INSERT INTO notes VALUES (?1)", ["new words"]), ("CREATE TABLE fresh (a)", []), ("DROP TABLE keyed", []),
    ("CREATE TABLE wards (a)", []), ("CREATE TABLE IF NOT EXISTS wards (a)", []), ("ALTER TABLE keyed ADD COLUMN w DEFAULT 7", []), ("CREATE INDEX i ON patients (born)", []),
    ("CREATE UNIQUE INDEX i ON patients (ward)", []), ("CREATE VIEW v AS SELECT * FROM wards", []), ("SELECT * FROM nowhere", []), ("SELECT nothing FROM wards", []),
    ("SELECT nofunction(1)", []), ("SELEC 1", []), ("SELECT (", []), ("SELECT abs(?1)", [-(2**63)]), ("SELECT sum(i) FROM (SELECT ?1 AS i UNION ALL SELECT 1)", [2**63 - 1]),
    ("SELECT CAST(x'ff' AS TEXT)", []), ("SELECT CAST(?1 AS TEXT)", [b"\xed\xa0\x80"]), ("SELECT zeroblob(2000000000)", []), ("SELECT 'a' LIKE 'b' ESCAPE 'xx'", []),
    ("SELECT json(?1)", ["{"]), ("SELECT json_extract('{}', ?1)", ["oops"]), ("SELECT 1; SELECT 2", []), ("", []), ("-- nothing", []), ("SELECT ?1", []), ("SELECT ?1", [1, 2]),
    ("SELECT ?2, ?1, ?2", ["a", "b"]), ("SELECT ?1, ?2, ?3", [1, 2, 3]), ("SELECT 1 /* ? :a */, '?', '@b', ?1 -- ?", [4]),
    ("SELECT total_changes() >= 0, sqlite_version() = sqlite_version()", []), ("SELECT date(?1, '+1 month', 'start of month')", ["2024-01-31"]),
]


def cases(seed):
    """(statement, parameters) in a fixed order."""
    pick = random.Random(seed)
    yield from FIXED
    for value in VALUES:
        yield "SELECT ?1, typeof(?1)", [value]
        yield "INSERT INTO typed VALUES (?1, ?1, ?1, ?1, ?1, ?1) RETURNING *, typeof(i), typeof(r), typeof(t), typeof(b), typeof(n)", [value]
        yield f"INSERT INTO strict_one ({pick.choice('irtba')}) VALUES (?1) RETURNING *", [value]
        yield "SELECT count(*) FROM wards WHERE id = ?1 OR name = ?1 OR rate < ?1 OR note IS ?1", [value]
    for expression in ONE:
        for value in pick.sample(VALUES, 5):
            yield f"SELECT {expression}", [value]
    for expression in TWO:
        for _ in range(6):
            yield f"SELECT {expression}", [pick.choice(VALUES), pick.choice(VALUES)]
    for operator in BINARY:
        for _ in range(8):
            yield f"SELECT ?1 {operator} ?2", [pick.choice(VALUES), pick.choice(VALUES)]


def packed(value):
    """A value with its type."""
    if value is None:
        return None
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"r": struct.pack(">d", value).hex()}
    if isinstance(value, str):
        return {"t": value.encode().hex()}
    return {"b": bytes(value).hex()}


def numbered(text):
    """A statement, or the name of a column, with the placeholders of the driver."""
    return re.sub(r"\?(?=\d)", "$", text)


def judged(database, sql, parameters):
    """What Python's module makes of a statement."""
    database.execute("BEGIN")
    try:
        before = database.total_changes
        cursor = database.execute(sql, parameters)
        rows = [[packed(value) for value in row] for row in cursor]
        columns = [numbered(column[0]) for column in cursor.description or []]
        changed = database.total_changes != before
        changes = database.execute("SELECT changes()").fetchone()[0] if changed else 0
        return {"rows": rows, "columns": columns, "changes": changes}
    except sqlite3.Error as error:
        if str(error).startswith("Could not decode"):
            return {"unreadable": True}
        # Without a code where the module itself refuses, such as for several statements.
        return {"error": getattr(error, "sqlite_errorcode", 0)}
    except sqlite3.Warning:
        return {"error": 0}
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def main():
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;" + SCHEMA)
    json.dump({"schema": SCHEMA}, sys.stdout)
    print()
    for sql, parameters in cases(int(sys.argv[1])):
        case = {"sql": numbered(sql), "parameters": [packed(value) for value in parameters]}
        json.dump(case | judged(database, sql, parameters), sys.stdout)
        print()


main()
