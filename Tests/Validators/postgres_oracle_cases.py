"""The statements that are put to psycopg: from every column type, from pairs of values, and by hand."""

import dataclasses

import postgres_oracle_changes as changes
import postgres_oracle_columns as columns
import postgres_oracle_pairs as pairs
import postgres_oracle_statements as statements
import postgres_oracle_texts as texts


@dataclasses.dataclass
class Case:
    id: str
    sql: str
    parameters: list
    setup: list
    writes: bool
    outside: bool
    refused: bool


class Corpus:
    """Collects cases and numbers them by area."""

    def __init__(self):
        self.cases = []
        self.numbers = {}

    def add(self, area, sql, *parameters, setup=(), writes=False, outside=False, refused=False, name=None):
        """Adds a case.

        `setup` runs before it in the same transaction, and `writes` says that it needs one. `outside` marks what gives
        something else inside a transaction, `refused` what every driver has to refuse and psycopg does not. `name`
        replaces the number, for a case that a list refers to.
        """
        self.numbers[area] = number = self.numbers.get(area, 0) + 1
        self.cases.append(
            Case(f"{area}/{name or number}", sql, list(parameters), list(setup), writes or bool(setup), outside,
                 refused))


SCHEMA = [
    # A zone with seconds in its old offsets and halves of an hour in its new ones.
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''America/St_Johns''', current_database()); END $$",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'so-so', 'with \"quote\"')",
    "CREATE DOMAIN positive AS int4 CHECK (VALUE > 0)",
    "CREATE DOMAIN label AS text CHECK (VALUE <> '')",
    "CREATE TYPE point3 AS (x int4, y float8, label text)",
    "CREATE TABLE scalars (id int4 PRIMARY KEY, "
    + ", ".join(f"c_{column.name} {column.type}" for column in columns.COLUMNS) + ")",
    *columns.rows(),
    "CREATE TABLE people (id int4 PRIMARY KEY, name text NOT NULL, born date, height numeric(5, 2), boss int4)",
    "INSERT INTO people VALUES (1, 'Ada', '1815-12-10', 165.5, NULL), (2, 'Grace', '1906-12-09', 170.00, 1), "
    "(3, 'Edsger', '1930-05-11', NULL, 1), (4, 'Ôlivia 🙂', '0044-03-15 BC', 99.99, 2)",
    "CREATE TABLE parent (id int4 PRIMARY KEY)",
    "CREATE TABLE child (parent int4 REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE documents (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb NOT NULL, tags text[])",
    """INSERT INTO documents (body, tags) VALUES ('{"a": 1, "b": {"c": [10, 20, 30]}, "s": "x"}', '{red,green}'),
       ('{"a": null, "list": [1, "two", {"three": 3}]}', '{}'), ('[10, 20, {"k": "v"}]', NULL), ('"text"', '{a,NULL}')""",
]  # fmt: skip


def corpus(chance):
    """Returns all cases for a source of chance."""
    collected = Corpus()
    columns.add(collected)
    pairs.add(collected, chance)
    statements.add(collected)
    changes.add(collected)
    texts.add(collected, chance)
    return collected.cases
