"""Values as typed JSON: {"t": type, "v": text} or {"t": "array", "e": [values]}. Bytes are in base64.

Parameters are written from Python's own types. Results are read from the server's text form, so that they do not
depend on what a Python type can hold (infinity, years before Christ, arrays with bounds).
"""

import base64
import datetime as dt
import decimal
import re
import struct
import uuid

import psycopg.postgres

# The built-in types that the client reads as more than text, by object identifier. The identifiers never change.
KINDS = {
    16: "bool", 17: "bytes", 20: "int", 21: "int", 23: "int", 26: "int", 700: "float4", 701: "float",
    18: "text", 19: "text", 25: "text", 705: "text", 1042: "text", 1043: "text", 142: "text", 114: "text", 3802: "text",
    1700: "decimal", 2950: "uuid", 1082: "date", 1114: "timestamp", 1184: "timestamp", 2278: "void",
}  # fmt: skip

# The built-in array types, with the type of the elements and the letter between them. Records have a syntax of their own.
ARRAYS = {
    info.array_oid: (info.oid, info.delimiter) for info in psycopg.postgres.types if info.array_oid and info.name != "record"
}  # fmt: skip

# Those that psycopg reads in binary form as well as in text form.
READ = (set(KINDS) | {array for array, (element, _) in ARRAYS.items() if element in KINDS}) - {18, 142, 143, 1002}

DAYS_IN_400_YEARS = 146_097
EPOCH = dt.date(1970, 1, 1).toordinal()


def parameter(value):
    """Returns a parameter as typed JSON."""
    if value is None:
        return {"t": "null"}
    if isinstance(value, bool):
        return {"t": "bool", "v": "true" if value else "false"}
    if isinstance(value, int):
        return {"t": "int", "v": str(value)}
    if isinstance(value, str):
        return {"t": "text", "v": value}
    if isinstance(value, float):
        return {"t": "float", "v": repr(value)}
    if isinstance(value, decimal.Decimal):
        return {"t": "decimal", "v": "NaN" if value.is_nan() else format(value, "f")}
    if isinstance(value, bytes):
        return {"t": "bytes", "v": base64.b64encode(value).decode()}
    if isinstance(value, uuid.UUID):
        return {"t": "uuid", "v": str(value)}
    if isinstance(value, dt.datetime):
        moment = value.astimezone(dt.timezone.utc) - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
        return {"t": "timestamp", "v": str(moment // dt.timedelta(microseconds=1))}
    if isinstance(value, dt.date):
        return {"t": "date", "v": str(value.toordinal() - EPOCH)}
    if isinstance(value, list):
        return {"t": "array", "e": [parameter(item) for item in value]}
    raise TypeError(f"no typed JSON for {type(value)}")


def result(oid, text):
    """Returns a value of a result as typed JSON, from the server's text form (`None` for NULL)."""
    if text is None:
        return {"t": "null"}
    if oid in ARRAYS:
        return array(*ARRAYS[oid], text)
    kind = KINDS.get(oid)
    if kind is None:
        return {"t": "other", "v": text, "oid": oid}
    if kind == "void":
        return {"t": "null"}
    if kind == "bool":
        return {"t": "bool", "v": {"t": "true", "f": "false"}[text]}
    if kind == "bytes":
        return parameter(bytes.fromhex(text[2:]) if text.startswith("\\x") else escaped(text))
    if kind == "float4":
        return {"t": "float", "v": repr(single(float(text)))}
    if kind == "float":
        return {"t": "float", "v": repr(float(text))}
    if kind == "date":
        return {"t": "date", "v": text if text.endswith("infinity") else str(days(text))}
    if kind == "timestamp":
        return {"t": "timestamp", "v": text if text.endswith("infinity") else str(microseconds(text))}
    return {"t": kind, "v": text}


def single(value):
    """Rounds a number to single precision."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def escaped(text):
    """Returns the bytes of the form that `bytea_output = escape` asks for."""
    return re.sub(r"\\(\\|[0-7]{3})", lambda match: "\\" if match[1] == "\\" else chr(int(match[1], 8)), text).encode("latin-1")


def days(text):
    """Returns the days since 1970-01-01 of a date in ISO form, which may end in `BC` and have more than four digits.

    The form of `DateStyle = German` is read as well.
    """
    before_christ = text.endswith(" BC")
    if "." in text:
        text = "-".join(reversed(text.split(".")))
    year, month, day = (int(part) for part in text.removesuffix(" BC").split("-"))
    if before_christ:
        year = 1 - year
    # The calendar repeats every 400 years; Python's reaches from 1 to 9999.
    cycles = (year - 1) // 400
    return dt.date(year - 400 * cycles, month, day).toordinal() + cycles * DAYS_IN_400_YEARS - EPOCH


def microseconds(text):
    """Returns the microseconds since 1970 of a timestamp in ISO form, with or without a zone."""
    before_christ = text.endswith(" BC")
    date, time = text.removesuffix(" BC").split(" ")
    offset = 0
    for sign in "+-":
        if sign in time:
            time, zone = time.split(sign)
            parts = [int(part) for part in zone.split(":")] + [0, 0]
            offset = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * (1 if sign == "+" else -1)
            break
    whole, _, fraction = time.partition(".")
    hour, minute, second = (int(part) for part in whole.split(":"))
    day = days(date + (" BC" if before_christ else ""))
    seconds = day * 86_400 + hour * 3600 + minute * 60 + second - offset
    return seconds * 1_000_000 + int((fraction + "000000")[:6])


def array(element, delimiter, text):
    """Reads an array literal: `{1,NULL,"a \\" b"}`, nested for more dimensions, with bounds before `=` at times."""
    position = text.index("=") + 1 if text.startswith("[") else 0

    def body():
        nonlocal position
        assert text[position] == "{"
        position += 1
        items = []
        while text[position] != "}":
            if text[position] == delimiter:
                position += 1
            items.append(body() if text[position] == "{" else item())
        position += 1
        return {"t": "array", "e": items}

    def item():
        nonlocal position
        quoted = text[position] == '"'
        position += quoted
        letters = []
        while text[position] not in ('"' if quoted else delimiter + "}"):
            position += text[position] == "\\"
            letters.append(text[position])
            position += 1
        position += quoted
        word = "".join(letters)
        return {"t": "null"} if word == "NULL" and not quoted else result(element, word)

    value = body()
    assert position == len(text)
    return value
