"""Cases for a column of every built-in scalar type, and of types of the database's own."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal

UTC = dt.timezone.utc
ID = uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
FIFTY = "12345678901234567890123456789012345678901234567890.12345678901234567890"


@dataclasses.dataclass
class Column:
    name: str
    type: str
    # What the rows hold, as literals; a row of NULL follows.
    literals: list
    # What is compared with the column, inserted and cast.
    parameters: list


COLUMNS = [
    Column("bool", "bool", ["true", "false"], [True, False, "true", "t", 1]),
    Column("int2", "int2", ["-32768", "0", "32767"], [-32768, 32767, 32768, "7", 0.0, Decimal(0), True]),
    Column("int4", "int4", ["-2147483648", "42", "2147483647"], [42, 2**31 - 1, 2**31, "42", 42.0, Decimal("42.0")]),
    Column("int8", "int8", ["-9223372036854775808", "9007199254740993", "9223372036854775807"],
           [42, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, "9007199254740993", 9007199254740992.0]),
    Column("numeric", "numeric", ["0.00", FIFTY, "NaN", "-Infinity"],
           [0, 0.0, Decimal(FIFTY), Decimal("NaN"), FIFTY, Decimal("-0.000"), float("-inf")]),
    Column("money_like", "numeric(12,2)", ["0.10", "-9999999999.99", "1.50"], [Decimal("0.1"), 0.1, "0.1", 1.5, 2]),
    Column("float4", "float4", ["0.1", "-0", "NaN", "3.4028235e38"], [0.1, 0.0, float("nan"), "0.1", 1, Decimal("0.1")]),
    Column("float8", "float8", ["0.1", "-0", "NaN", "Infinity", "5e-324"],
           [0.1, -0.0, float("nan"), float("inf"), 5e-324, 1.7976931348623157e308, "0.1", 0, Decimal("0.1")]),
    Column("text", "text", ["", "it''s", "e\u0301", "🙂 שלום"], ["", "it's", "é", "e\u0301", "🙂 שלום", 5, b"x"]),
    Column("varchar", "varchar(10)", ["abc", "abc   ", "0123456789"], ["abc", "abc   ", "0123456789x", 1]),
    Column("bpchar", "char(5)", ["abc", "     ", "abcde"], ["abc", "abc  ", "", "abcdef"]),
    Column("name", "name", ["pg_class", "Ünïcode"], ["pg_class", "Ünïcode", "x" * 70]),
    Column("char", '"char"', ["a", "", "~"], ["a", "", "abc", "é", 97]),
    Column("bytea", "bytea", ["\\x00ff41", "\\x", "\\xdeadbeef"], [b"\x00\xffA", b"", "\\xdeadbeef", "abc", b"\\x"]),
    Column("date", "date", ["2026-01-31", "0044-03-15 BC", "infinity", "-infinity", "5874897-12-31", "0001-01-01"],
           [dt.date(2026, 1, 31), dt.date(1, 1, 1), dt.date(9999, 12, 31), "infinity", "2026-01-31", "2026-02-31", NOON]),
    Column("time", "time", ["12:34:56.789012", "24:00:00", "00:00"], ["12:34:56.789012", "24:00", "25:00"]),
    Column("timetz", "timetz", ["12:34:56+02", "23:59:59.999999-12:30"], ["12:34:56+02"]),
    Column("timestamp", "timestamp", ["2026-01-31 12:00", "infinity", "294276-12-31 23:59:59.999999", "4713-01-01 BC"],
           ["2026-01-31 12:00", NOON, dt.date(2026, 1, 31), "-infinity"]),
    Column("timestamptz", "timestamptz",
           ["2026-01-31 12:00:00.123456Z", "infinity", "1582-10-10 00:00:00Z", "0044-03-15 00:00:00Z BC"],
           [NOON, dt.datetime(1582, 10, 10, tzinfo=UTC), dt.datetime(1, 1, 2, tzinfo=UTC), "infinity",
            dt.datetime(9999, 12, 31, tzinfo=UTC), dt.date(2026, 1, 31), "2026-01-31 12:00:00.123456Z"]),
    Column("interval", "interval", ["1 year 2 mons 3 days 04:05:06.789", "-1 day +00:00:01", "178000000 years"],
           ["1 day", "-23:59:59", "P1Y2M", 5]),
    Column("uuid", "uuid", [str(ID), "00000000-0000-0000-0000-000000000000"], [ID, str(ID), str(ID).upper(), "nonsense"]),
    Column("json", "json", ['{"a":  1, "a": 2}', "[]", '"\\u00e9"', "null"], ['{"a": 1}', "{", "1"]),
    Column("jsonb", "jsonb", ['{"a": 1, "b": [1.50, true]}', "[]", '"é"', "null"],
           ['{"b": [1.5, true], "a": 1}', "[]", "{", 1]),
    Column("inet", "inet", ["192.168.0.1/24", "::1", "10.0.0.1"], ["10.0.0.1", "::1", "300.1.1.1"]),
    Column("cidr", "cidr", ["192.168.0.0/24", "2001:db8::/32"], ["192.168.0.0/24", "192.168.0.1/24"]),
    Column("macaddr", "macaddr", ["08:00:2b:01:02:03"], ["08-00-2b-01-02-03"]),
    Column("bit", "bit(4)", ["1010", "0000"], ["1010", "101", 5]),
    Column("varbit", "varbit", ["", "101"], ["101", "", "2"]),
    Column("money", "money", ["12.34", "-1234567.89"], ["12.34", "$12.34", 12, Decimal("12.34"), 12.34]),
    Column("xml", "xml", ["<a>1</a>", "text"], ["<a>1</a>", "<a>"]),
    Column("oid", "oid", ["0", "4294967295"], [0, 4294967295, 2**32, "1"]),
    Column("xid", "xid", ["7"], ["7", 7]),
    Column("pg_lsn", "pg_lsn", ["16/B374D848"], ["16/B374D848"]),
    Column("regclass", "regclass", ["pg_type"], ["pg_type", "no_such_table", 1247]),
    Column("tsvector", "tsvector", ["'fat':2 'rat':3A"], ["fat:2 rat:3A"]),
    Column("tsquery", "tsquery", ["'fat' & ( 'rat' | 'cat' )"], ["fat & (rat | cat)"]),
    Column("point", "point", ["(1.5,-2)"], ["(1,2)"]),
    Column("box", "box", ["((0,0),(1,1))"], ["((0,0),(1,1))"]),
    Column("int4range", "int4range", ["[1,5]", "empty", "(,)"], ["[1,6)", "empty", "[3,1]", 5]),
    Column("numrange", "numrange", ["[1.50,2.5)", "(,1]"], ["[1.5,2.5)"]),
    Column("daterange", "daterange", ["[2026-01-01,2026-01-31]"], ["[2026-01-01,2026-02-01)", dt.date(2026, 1, 1)]),
    Column("tstzrange", "tstzrange", ["[2026-01-01 00:00Z,infinity]"], ["[2026-01-01 00:00Z,infinity]", NOON]),
    Column("int4multirange", "int4multirange", ["{[1,2),[5,7)}"], ["{[1,2),[5,7)}"]),
    Column("mood", "mood", ["ok", "so-so"], ["ok", "happy", "unknown mood", 1]),
    Column("positive", "positive", ["1"], [1, 0, "5", -5]),
    Column("label", "label", ["x"], ["x", ""]),
    Column("point3", "point3", ['(1,2.5,"a ""b"", c")'], ["(1,2.5,x)", "(1)"]),
    Column("int4s", "int4[]", ["{1,2,NULL}", "{}", "{{1,2},{3,4}}", "[2:3]={7,8}"], [[1, 2, None], [], "{1,2,NULL}"]),
    Column("int8s", "int8[]", ["{9007199254740993}"], [[2**53 + 1], [1], [2**63]]),
    Column("texts", "text[]", ['{"",NULL,"NULL","a \\"b\\" \\\\ {c}",é}', "{}"],
           [["", None, "NULL", 'a "b" \\ {c}', "é"], ["x"], [], "{x}", [1]]),
    Column("float8s", "float8[]", ["{NaN,-Infinity,0.1,NULL}"], [[float("nan"), float("-inf"), 0.1, None], [1, 2]]),
    Column("numerics", "numeric[]", [f"{{{FIFTY},0.10}}"], [[Decimal(FIFTY), Decimal("0.10")], [1]]),
    Column("bools", "bool[]", ["{t,f,NULL}"], [[True, False, None]]),
    Column("byteas", "bytea[]", ['{"\\\\x00ff",""}'], [[b"\x00\xff", b""]]),
    Column("dates", "date[]", ["{2026-01-31,infinity}", '{"0044-03-15 BC"}'], [[dt.date(2026, 1, 31), None]]),
    Column("stamps", "timestamptz[]", ['{"2026-01-31 12:00:00.123456Z"}'], [[NOON]]),
    Column("uuids", "uuid[]", [f"{{{ID}}}"], [[ID], [str(ID)]]),
    Column("jsonbs", "jsonb[]", ['{"{\\"a\\": 1}",null}'], [['{"a": 1}']]),
    Column("moods", "mood[]", ['{ok,NULL,"with \\"quote\\""}', "{}"], [["ok", None], [], "{sad}", ["unknown mood"]]),
    Column("intervals", "interval[]", ['{"1 day",NULL}'], [["1 day", None]]),
    Column("inets", "inet[]", ["{10.0.0.1,::1}"], [["10.0.0.1", "::1"]]),
]  # fmt: skip


def rows():
    """Returns the statements that fill the table."""
    count = max(len(column.literals) for column in COLUMNS)
    for row in range(count + 1):
        cells = [
            "'" + column.literals[row].replace("''", "'").replace("'", "''") + f"'::{column.type}"
            if row < len(column.literals) else "NULL"
            for column in COLUMNS
        ]  # fmt: skip
        yield f"INSERT INTO scalars VALUES ({row + 1}, " + ", ".join(cells) + ")"


def add(corpus):
    for column in COLUMNS:
        c = f"c_{column.name}"
        area = f"column {column.name}"
        first = column.parameters[0]
        corpus.add(area, f"SELECT id, {c} FROM scalars ORDER BY id", name="values")
        for value in column.parameters:
            corpus.add(area, f"SELECT id FROM scalars WHERE {c} = $1 ORDER BY id", value)
            corpus.add(area, f"SELECT $1::{column.type} AS v", value)
        for value in column.parameters[:2]:
            corpus.add(
                area, f"INSERT INTO scalars (id, {c}) VALUES ($1, $2) RETURNING {c}", 99, value, writes=True)
        for value in [first, None]:
            corpus.add(area, f"SELECT id FROM scalars WHERE $1 IS NULL OR {c} = $1 ORDER BY id", value)
        corpus.add(area, f"SELECT COALESCE({c}, $1) AS v FROM scalars ORDER BY id", first, name="coalesce")
        corpus.add(area, f"SELECT {c} < $1 AS less, {c} IS DISTINCT FROM $1 AS other FROM scalars ORDER BY id", first,
                   name="compared")
        corpus.add(area, f"SELECT max({c}), count({c}) FROM scalars WHERE id < $1", 4, name="aggregate")
        corpus.add(area, f"UPDATE scalars SET {c} = $1 WHERE id = $2 RETURNING id, {c}", first, 1, writes=True)
        # Rows that were changed before may come in another order.
        corpus.add(
            area, f"WITH u AS (UPDATE scalars SET {c} = {c} WHERE id <= $1 RETURNING id, {c}) SELECT * FROM u ORDER BY id",
            3, writes=True, name="changed")
        corpus.add(area, f"SELECT array_agg({c} ORDER BY id) AS v FROM scalars WHERE id <= $1", 2, name="collected")
