"""Cases for operators and functions of parameters alone, where the parameters' types decide what happens."""

import datetime as dt
import uuid
from decimal import Decimal

from postgres_oracle_columns import FIFTY, ID, NOON

INTEGERS = [
    0, 1, -1, 5, 9, 10, 32767, 32768, -32768, -32769, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53, 2**53 + 1,
    -(2**53) - 1, 2**63 - 1, -(2**63), 2**63,
]  # fmt: skip
FLOATS = [0.0, -0.0, 0.1, 1.5, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan")]
DECIMALS = [Decimal("0.10"), Decimal("-12.50"), Decimal(FIFTY), Decimal("NaN"), Decimal("1e-20"), Decimal(2**64)]
TEXTS = ["9", "10", "", "abc", "2026-01-31", "1.5", "true", "é", "e\u0301", "🙂"]
OTHERS = [
    True, False, None, b"", b"\x00\xff", dt.date(2026, 1, 31), dt.date(1900, 3, 1), NOON,
    dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.timezone.utc), ID, uuid.UUID(int=0),
]  # fmt: skip
LISTS = [[1, 2, 3], [40000, 1], [2**40], [], ["a", "b"], [1.5, 2.5], [Decimal("1.10")], [None, 1], [True], [ID], [None]]

BINARY = ["+", "-", "*", "/", "%", "<", "<=", "=", "<>", ">", "||", "IS DISTINCT FROM"]
FUNCTIONS = [
    "GREATEST($1, $2)", "LEAST($1, $2)", "COALESCE($1, $2)", "NULLIF($1, $2)", "CASE WHEN $1 > $2 THEN $1 ELSE $2 END",
    "concat($1, '|', $2)", "num_nulls($1, $2)", "ARRAY[$1, $2]", "ROW($1, $2)", "$1 BETWEEN $2 AND $2", "$1 IN ($2, $1)",
    "format('%s %L', $1, $2)", "jsonb_build_array($1, $2)", "jsonb_build_object('k', $1, 'l', $2)", "json_build_array($1, $2)",
]  # fmt: skip
QUERIES = [
    "SELECT max(v) AS most, min(v) AS least FROM (VALUES ($1), ($2)) AS t (v)",
    "SELECT v FROM (VALUES ($1), ($2)) AS t (v) ORDER BY v",
    "SELECT $1 AS v UNION SELECT $2 ORDER BY 1",
    "SELECT $1 AS v UNION ALL SELECT $2",
    "VALUES ($1, $2), ($2, $1)",
    "SELECT DISTINCT v FROM unnest(ARRAY[$1, $2, $1]) AS v ORDER BY v",
]
SINGLE = [
    "SELECT $1 AS v", "SELECT pg_typeof($1) AS t", "SELECT -$1 AS v", "SELECT abs($1) AS v", "SELECT to_jsonb($1) AS v",
    "SELECT $1::text AS v", "SELECT $1 IS NULL AS v", "SELECT length($1) AS v", "SELECT sum($1) FROM generate_series(1, 3)",
    "SELECT $1::int8 AS v", "SELECT $1::numeric AS v", "SELECT $1 AS a, $1 AS b, $1::text AS c", "SELECT md5($1) AS v",
]  # fmt: skip
OF_LISTS = [
    "SELECT $1 AS v", "SELECT pg_typeof($1) AS t", "SELECT unnest($1) AS v", "SELECT cardinality($1) AS v",
    "SELECT id FROM people WHERE id = ANY($1) ORDER BY id", "SELECT id FROM people WHERE name = ANY($1) ORDER BY id",
    "SELECT array_append($1, NULL) AS v", "SELECT $1 || $1 AS v", "SELECT to_jsonb($1) AS v", "SELECT $1::text[] AS v",
    "SELECT ($1)[1] AS v", "SELECT array_length($1, 1) AS v",
]  # fmt: skip


def alike(chance):
    """Returns two values of one kind, or two of any kinds."""
    groups = [INTEGERS, INTEGERS, FLOATS, DECIMALS, TEXTS, OTHERS]
    if chance.random() < 0.6:
        group = chance.choice(groups)
        return chance.choice(group), chance.choice(group)
    return chance.choice(chance.choice(groups)), chance.choice(chance.choice(groups))


def add(corpus, chance):
    for value in INTEGERS + FLOATS + DECIMALS + TEXTS + OTHERS:
        # Every value comes back as itself, and shows its type.
        corpus.add("single", "SELECT $1 AS v, pg_typeof($1)::text AS t", value)
        for statement in chance.sample(SINGLE, 2):
            corpus.add("single", statement, value)
    for operator in BINARY:
        for _ in range(12):
            corpus.add(f"operator {operator}", f"SELECT $1 {operator} $2 AS v", *alike(chance))
    for function in FUNCTIONS:
        for _ in range(8):
            corpus.add(f"function {function.split('(')[0]}", f"SELECT {function} AS v", *alike(chance))
    for query in QUERIES:
        for _ in range(8):
            corpus.add(f"query {query.split(' ')[0]}", query, *alike(chance))
    for value in LISTS:
        for statement in OF_LISTS:
            corpus.add("list", statement, value)
    # Random numbers of any size, as text, as integers and as decimals.
    for _ in range(40):
        number = chance.randrange(-(2 ** chance.randrange(1, 63)), 2 ** chance.randrange(1, 63))
        other = chance.uniform(-1, 1) * 10 ** chance.randrange(-300, 300)
        digits = Decimal(chance.randrange(10**30)).scaleb(-chance.randrange(30))
        corpus.add("random", "SELECT $1 AS i, $2 AS f, $3 AS d, $1 + $3 AS s, $2 > $1 AS g", number, other, digits)
