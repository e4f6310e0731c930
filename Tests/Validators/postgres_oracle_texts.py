"""Cases for text: hostile letters, quoting, lengths, and functions of text."""

LETTERS = {
    "empty": "", "blank": " ", "quote": "it's", "double quote": 'say "hi"', "backslash": "a\\b\\\\c\\",
    "dollar": "$1 and $2 and $$", "percent": "100% _%", "semicolon": "'; DROP TABLE people; --", "comment": "/* -- */",
    "braces": '{a,"b",NULL}', "line feeds": "a\nb\r\nc\td\x0b\x0c\x1f\x7f", "e acute": "é", "e with a combining acute": "e\u0301",
    "Angstrom": "\u212b", "A ring": "Å", "emoji": "🙂", "family": "👨‍👩‍👧‍👦", "flag": "🇩🇪", "Hebrew": "שלום עולם",
    "Arabic with marks": "مَرْحَبًا", "right-to-left override": "abc\u202edef", "Hangul jamo": "\u1112\u1161\u11ab", "Hangul": "한",
    "zero width": "a\u200bb\ufeff", "last scalar": "\U0010ffff", "noncharacter": "\ufffe", "Turkish": "İıŞş", "sharp s": "Straße ẞ",
    "ligature": "ﬁ", "null word": "NULL", "infinity word": "infinity", "number": "12abc", "hex": "\\x41", "escape": "\\000",
}  # fmt: skip

FUNCTIONS = [
    "SELECT $1 AS v", "SELECT $1::text AS v, length($1), octet_length($1)", "SELECT upper($1) AS v, lower($1) AS w, reverse($1)",
    "SELECT substring($1 FROM 2 FOR 3) AS v, left($1, -1), right($1, 1)", "SELECT quote_literal($1) AS v, quote_ident($1)",
    "SELECT $1 || $1 AS v", "SELECT $1 LIKE '%' || $1 AS v", "SELECT name = $1 AS v FROM people WHERE name LIKE $1",
    "SELECT normalize($1, NFC) AS v", "SELECT to_jsonb($1::text) AS v", "SELECT ARRAY[$1, $1] AS v", "SELECT ROW($1, 1) AS v",
    "SELECT ascii($1) AS v", "SELECT convert_to($1, 'UTF8') AS v", "SELECT format('%s|%I|%L', $1, $1, $1) AS v",
    "SELECT string_to_array($1, NULL) AS v", "SELECT concat($1, 1, true, NULL) AS v", "SELECT position($1 IN $1) AS v",
    "SELECT $1::bytea AS v", "SELECT $1::json AS v", "SELECT $1::name AS v", "SELECT $1::\"char\" AS v", "SELECT $1::bpchar AS v",
]  # fmt: skip


def add(corpus, chance):
    for name, text in LETTERS.items():
        for function in FUNCTIONS[:2] + chance.sample(FUNCTIONS[2:], 5):
            corpus.add(f"text {name}", function, text)
        corpus.add(f"text {name}", "SELECT $1 AS v", [text, None, text])
        corpus.add(f"text {name}", "INSERT INTO documents (body, tags) VALUES (jsonb_build_object($1::text, $1::text), $2) "
                   "RETURNING body, tags", text, [text], writes=True)  # fmt: skip
    big = "0123456789abcdeé" * 65_536
    corpus.add("text of 1 MB", "SELECT $1 AS v", big)
    corpus.add("text of 1 MB", "SELECT length($1) AS v, md5($1) AS m", big)
    corpus.add("text of 1 MB", "SELECT repeat($1, 100000) AS v", "🙂e\u0301")
    corpus.add("text of 1 MB", "SELECT octet_length($1) AS v, $1 AS b", bytes(range(256)) * 4096)

    # NUL, which no text of the server can hold.
    for text in ["\0", "admin\0x", "\0admin", "x\0"]:
        corpus.add("NUL", "SELECT $1 = 'admin' AS v", text)
        corpus.add("NUL", "SELECT name FROM people WHERE name = $1", text)
        corpus.add("NUL", "SELECT id FROM people WHERE name = ANY($1)", ["Ada", text])
        corpus.add("NUL", "SELECT $1::jsonb AS v", f'"{text}"')
        corpus.add("NUL", f"SELECT 'ad{text}min' AS v", refused=True)
        corpus.add("NUL", f'SELECT 1 AS "ad{text}min"', refused=True)
        corpus.add("NUL", f"SELECT 1 AS v --{text}", refused=True)
    corpus.add("NUL", "SELECT $1 AS v", b"\0admin\0")
    corpus.add("NUL", "SELECT $1::jsonb AS v", '"\\u0000"')
    corpus.add("NUL", "SELECT $1::json AS v", '"\\u0000"')
    corpus.add("NUL", "SELECT convert_from($1, 'UTF8') AS v", b"a\0b")
    corpus.add("invalid UTF-8", "SELECT convert_from($1, 'UTF8') AS v", b"\xff\xfe")
    corpus.add("invalid UTF-8", "SELECT convert_from($1, 'LATIN1') AS v", b"\xe9\xff")
    corpus.add("invalid UTF-8", "SELECT $1::jsonb AS v", '"\\ud800"')

    # What looks like a placeholder and is none.
    for sql in [
        "SELECT '$1' AS v, $1 AS w", "SELECT $1 AS v -- $2", "SELECT /* $2 '; */ $1 AS v", "SELECT $$ $2 $$ AS v, $1 AS w",
        "SELECT $a$ $1 $$ $a$ AS v, $1 AS w", 'SELECT $1 AS "$2"', "SELECT E'\\'$2' AS v, $1 AS w", "SELECT U&'\\0041$2' AS v, $1 AS w",
        "SELECT '%s %% %' AS v, $1 AS w", "SELECT 5 % 3 AS v, $1 AS w", "SELECT $1 AS v;", "  \n\t SELECT $1 AS v", "(SELECT $1 AS v)",
        "/* a /* nested */ comment */ SELECT $1 AS v", "-- a comment\nSELECT $1 AS v", "SELECT ';' AS v, $1 AS w",
    ]:  # fmt: skip
        corpus.add("lexical", sql, "x")
        corpus.add("lexical", sql, 7)
    for sql in ["SELECT $1, $3", "SELECT $0", "SELECT $2", "SELECT $1 + ", "", ";", "-- nothing", "SELECT $1; SELECT $1", "SELEC $1"]:
        corpus.add("malformed", sql, 1)
    corpus.add("malformed", "SELECT 1", 1)
    corpus.add("malformed", "", name="empty")
    corpus.add("malformed", "-- nothing", name="comment")
    corpus.add("malformed", "SELECT $1", name="no parameter")
    corpus.add("malformed", "SELECT 1; SELECT 2", name="two statements")
    for pattern, text in [("a%", "abc"), ("a\\%", "a%"), ("_", "🙂"), ("__", "e\u0301"), ("", ""), ("a\\", "a"), ("%\n%", "x\ny")]:
        corpus.add("like", "SELECT $1 LIKE $2 AS v, $1 ILIKE $2 AS w, $1 SIMILAR TO $2 AS x", text, pattern)
        corpus.add("like", "SELECT $1 ~ $2 AS v, regexp_replace($1, $2, '<\\&>', 'g') AS w", text, pattern)
