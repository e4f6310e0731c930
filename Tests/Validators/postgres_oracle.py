"""Asks psycopg 3 what statements with typed parameters return, so that another driver can be compared with it.

Usage: postgres_oracle.py DSN SEED OUTPUT

The database must be empty. The script creates its types and tables, runs every case of postgres_oracle_cases.py and
writes one line of JSON for each:

    {"id", "sql", "parameters", "setup", "writes", "outside", "first", "again", "decided", "binary"}

`parameters` is typed JSON (see postgres_oracle_values.py), `setup` the statements that run before it in its
transaction, `first` the outcome and `again` that of the same statement right after it. An outcome is
{"columns": [{"name", "oid"}], "rows": [[value]], "count"} or {"error": SQLSTATE}; the state is empty where psycopg
refused the statement itself. Cases with `writes` run in a transaction that is rolled back, the others outside one;
those with `outside` give something else inside one.
`decided` holds the outcomes for the types that the driver declares where it departs from psycopg, and the rules by
which it does (see postgres_oracle_rules.py); it is absent where they are the same.
`binary` says how psycopg's result in binary form differs from its result in text form, for columns of which psycopg
reads both; it is absent where they agree.
"""

import dataclasses
import json
import random
import sys

import psycopg

import postgres_oracle_cases as cases
import postgres_oracle_rules as rules
import postgres_oracle_values as values


def outcome(connection, case):
    """Runs a case's statement and returns its outcome as JSON."""
    if case.refused:
        return {"error": ""}
    try:
        cursor = psycopg.RawCursor(connection)
        # Without parameters psycopg uses the simple protocol, which takes several statements.
        cursor.execute(case.sql, case.parameters or None)
        return answer(cursor.pgresult)
    except psycopg.Error as error:
        return {"error": error.sqlstate or ""}
    except UnicodeDecodeError:
        # The first byte of a longer letter in a "char".
        return {"error": ""}


def answer(result):
    """Returns a result as JSON."""
    columns = [{"name": result.fname(i).decode(), "oid": result.ftype(i)} for i in range(result.nfields)]
    rows = []
    for row in range(result.ntuples):
        texts = (result.get_value(row, i) for i in range(result.nfields))
        rows.append([
            values.result(column["oid"], None if text is None else bytes(text).decode())
            for column, text in zip(columns, texts)
        ])  # fmt: skip
    return {"columns": columns, "rows": rows, "count": result.command_tuples or 0}


def loaded(connection, case, binary):
    """Returns the rows as psycopg reads them, in a form that can be compared."""
    try:
        cursor = psycopg.RawCursor(connection)
        cursor.execute(case.sql, case.parameters or None, binary=binary)
        return repr(cursor.fetchall()) if cursor.pgresult.nfields else "no rows"
    except psycopg.Error as error:
        # Without a state: a value that Python's types cannot hold.
        return error.sqlstate
    except (UnicodeDecodeError, OverflowError):
        return None


def twice(connection, case):
    """Returns the outcomes of a statement and of the same statement right after it."""
    if case.writes:
        connection.execute("BEGIN")
        for statement in case.setup:
            connection.execute(statement)
    outcomes = outcome(connection, case), outcome(connection, case)
    if case.writes:
        connection.execute("ROLLBACK")
    return outcomes


def run(connection, case):
    """Returns everything that is known of a case."""
    line = {
        "id": case.id, "sql": case.sql, "parameters": [values.parameter(value) for value in case.parameters],
        "setup": case.setup, "writes": case.writes, "outside": case.outside,
    }  # fmt: skip
    line["first"], line["again"] = twice(connection, case)
    applied, sql, parameters = rules.apply(case.sql, case.parameters)
    if applied and not case.refused:
        first, again = twice(connection, dataclasses.replace(case, sql=sql, parameters=parameters))
        if (first, again) != (line["first"], line["again"]):
            line["decided"] = {"rules": applied, "first": first, "again": again}
    if not case.writes and not case.refused:
        text, binary = loaded(connection, case, False), loaded(connection, case, True)
        known = all(column["oid"] in values.READ for column in line["first"].get("columns", []))
        if known and text is not None and binary is not None and text != binary:
            line["binary"] = f"{text[:200]} in text, {binary[:200]} in binary"
        if line["first"] != line["again"]:
            raise AssertionError(f"{case.id} is not deterministic: {case.sql}")
    return line


def main():
    dsn, seed, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in cases.SCHEMA:
            connection.execute(statement)
    corpus = cases.corpus(random.Random(seed))
    # A connection of its own: settings of the database count from the next one on.
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
        rules.register(connection)
        with open(output, "w", encoding="utf-8") as file:
            for case in corpus:
                file.write(json.dumps(run(connection, case)) + "\n")
    print(len(corpus))


if __name__ == "__main__":
    main()
