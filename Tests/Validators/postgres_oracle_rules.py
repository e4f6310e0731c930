"""Where the driver declares its parameters otherwise than psycopg, on purpose: what psycopg returns for *its* declaration.

So such a case is compared as well, with the outcome for the types that the driver chooses. A rule that the driver no
longer follows is a difference.
"""

import re

import psycopg
from psycopg.types.numeric import Int4

NULL_TEST = re.compile(r"\$(\d+) IS (NOT )?NULL")


class TextArray(str):
    """An array literal of the declared type text[]."""


class TextArrayDumper(psycopg.adapt.Dumper):
    oid = 1009

    def dump(self, obj):
        return obj.encode()


def register(connection):
    connection.adapters.register_dumper(TextArray, TextArrayDumper)


def leaves(value):
    """Returns the elements of a list, of those inside it too, without NULL."""
    for item in value:
        if isinstance(item, list):
            yield from leaves(item)
        elif item is not None:
            yield item


def literal(value):
    """Returns a list of text as an array literal."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "{" + ",".join(literal(item) for item in value) + "}"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def integers(value):
    """Returns a list with every integer declared int4."""
    return [integers(item) if isinstance(item, list) else None if item is None else Int4(item) for item in value]


def apply(sql, parameters):
    """Returns the rules that apply to a statement, and the statement as they change it."""
    rules, changed = [], list(parameters)
    for index, value in enumerate(parameters):
        kinds = {type(item) for item in leaves(value)} if isinstance(value, list) else set()
        if kinds == {str} and not any("\0" in item for item in leaves(value)):
            rules.append("text array")
            changed[index] = TextArray(literal(value))
        if kinds == {int} and all(-(2**15) <= item < 2**15 for item in leaves(value)):
            rules.append("integer array")
            changed[index] = integers(value)
    for number, _ in NULL_TEST.findall(sql):
        is_only_use = len(re.findall(rf"\${number}(?!\d)", sql)) == 1
        if is_only_use and (parameters[int(number) - 1] is None or isinstance(parameters[int(number) - 1], str)):
            rules.append("null test")
            sql = re.sub(rf"\${number} IS", f"${number}::text IS", sql)
    return sorted(set(rules)), sql, changed
