import SQLDatabase
import TestServers
import Testing

/// Random statements with a secret in every position that holds a value: the fingerprint never contains it.
@Suite struct FingerprintSecrecyTests {
    private struct Generator {
        var random: SplitMix64
        let dialect: SQLDialect
        let secret = "hunter2"

        mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }
        mutating func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

        /// What separates two tokens.
        mutating func blank() -> String {
            switch random.next() % 10 {
            case 0: return "\n"
            case 1: return " -- \(secret) ' \" $$\n"
            case 2: return " /* \(secret) ' \" $a$ */ "
            case 3 where dialect == .postgres: return " /* a /* ' \(secret) */ \(secret) */ "
            case 3: return " /* /* \(secret) ' */ "
            default: return " "
            }
        }

        mutating func text() -> String {
            pick(["", "''", "\"", "--", "/*", "*/", "$$", "[", "]", "`", " ", "; ", "$1 ", "?", "é🩺", "\n"]) + secret
                + pick(["", "''", "''\(secret)", "\"", " -- ", " /* ", "$a$", "]", "`", "\n\(secret)"])
        }

        /// A value in one of the engine's forms.
        mutating func literal() -> String {
            let text = text()
            let dollars = text.replacing("''", with: "'")
            switch random.next() % 12 {
            case 0 where dialect == .postgres:
                return "E'" + pick(["\\'", "\\\\", "", "''"]) + text + pick(["\\'", "\\\\", "", "\\'\(secret)"]) + "'"
            case 1 where dialect == .postgres:
                let tag = pick(["", "a", "_9", "täg"])
                return dollars.contains("$\(tag)$") ? "'\(text)'" : "$\(tag)$\(dollars)$\(tag)$"
            case 2 where dialect == .postgres:
                return pick(["B'0101\(secret)'", "U&'\\0041\(text)'", "N'\(text)'", "e'a'\n'\\' \(secret)'"])
            case 3 where dialect == .sqlite: return "\"" + text.replacing("\"", with: "\"\"") + "\""
            case 4: return pick(["x'\(secret)'", "X'\(secret)'"])
            case 5:
                return pick([
                    "0x\(secret)", "1_\(secret)", "1.5e-3\(secret)", ".5\(secret)", "5.e+2\(secret)", "123\(secret)",
                ])
            case 6 where dialect == .postgres:
                return pick(["DATE '\(text)'", "'\(text)'::date", "INTERVAL '\(text)' day"])
            case 7 where dialect == .sqlite:
                return pick([":\(secret)", "@\(secret)", "$\(secret)", "?1", "$\(secret)::\(secret)"])
            default: return "'\(text)'"
            }
        }

        mutating func name() -> String {
            switch dialect {
            case .postgres:
                pick(["patients", "\"Wards\"", "a.b", "\"it's\"", "\"--\"", "t$1$", "U&\"d\\0061\"", "naïve"])
            case .sqlite: pick(["patients", "[it's]", "`it's`", "t.\"it's\"", "\"Wa'rds\".c", "[--]", "naïve", "t$x"])
            }
        }

        mutating func list(_ separator: String = ",") -> String {
            var text = literal()
            while chance(50) { text += blank() + separator + blank() + literal() }
            return text
        }

        mutating func condition() -> String {
            let blank = blank()
            return switch random.next() % 9 {
            case 0: "\(name()) = \(literal())"
            case 1: "\(literal())\(blank)<>\(name())"
            case 2: "\(name()) IN (\(list()))"
            case 3: "\(name()) LIKE \(literal()) ESCAPE '\\'"
            case 4: "\(name()) BETWEEN \(literal())\(blank)AND \(literal())"
            case 5: "\(name()) IS NOT DISTINCT FROM \(literal())"
            case 6: "lower(\(literal())) = \(name()) || \(literal())"
            case 7: "CASE WHEN \(name()) = \(literal()) THEN \(literal()) ELSE \(literal()) END = \(literal())"
            default: "\(name()) > -\(literal())"
            }
        }

        mutating func statement() -> String {
            let blank = blank()
            let table = dialect == .postgres ? pick(["t", "\"Wards\"", "a.b"]) : pick(["t", "\"Wards\"", "[a b]"])
            let tail = chance(50) ? "\(blank)WHERE \(condition()) AND \(condition())" : ""
            switch random.next() % 8 {
            case 0:
                return
                    "INSERT INTO \(table) (a, b)\(blank)VALUES (\(list())), (\(list())) ON CONFLICT DO UPDATE SET a = \(literal())"
            case 1: return "UPDATE \(table) SET a = \(literal()), b = \(literal())\(tail)"
            case 2: return "DELETE FROM \(table)\(tail) RETURNING \(literal())"
            case 3 where dialect == .postgres:
                return pick([
                    "SET app.tenant = \(secret)", "SET app.tenant TO \(secret), \(secret)", "SET ROLE \(secret)",
                    "SET LOCAL x = \(literal())", "SET SESSION AUTHORIZATION \"\(secret)\"", "SET ROLE \"\(secret)\"",
                    "CREATE ROLE a PASSWORD \(literal())", "COPY t FROM \(literal())", "NOTIFY c, \(literal())",
                    "DO $x$ \(secret) $$ \(secret) $$ $x$", "SELECT 1; SET LOCAL app.k = \(secret)",
                    "BEGIN; SET app.k = \(secret), \(secret); SELECT 1", "SET TIME ZONE \(secret)",
                    "SET LOCAL TIME ZONE \(secret)", "SET NAMES \(secret)", "ALTER ROLE a SET app.k = \(secret)",
                    "ALTER ROLE a IN DATABASE b SET k TO \(secret), \"\(secret)\"", "ALTER SYSTEM SET k = \(secret)",
                    "ALTER DATABASE d SET app.k = \(literal())", "ALTER FUNCTION f(int) SET k = \(secret) STRICT",
                    "CREATE FUNCTION f() RETURNS int SET k = \(secret) SET l TO \(secret), \(secret) AS \(literal())",
                    "CREATE OR REPLACE PROCEDURE f() LANGUAGE sql SET k TO \(secret) AS \(literal())",
                    "ALTER TABLE t SET (a = \(secret), b = \(secret))",
                    "CREATE AGGREGATE a(int) (SFUNC = f, STYPE = text, INITCOND = \(secret), HYPOTHETICAL)",
                    "CREATE OR REPLACE AGGREGATE a(int) (SFUNC = f, INITCOND = -\(secret))",
                    "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, k = \(secret), l = \(literal()))",
                    "ALTER TEXT SEARCH DICTIONARY d (k = \(secret))", "CREATE TYPE t (INPUT = f, DEFAULT = \(secret))",
                ])
            case 3:
                return pick([
                    "PRAGMA key = \(secret)", "PRAGMA key(\(secret))", "PRAGMA key = \"\(secret)\"",
                    "ATTACH \"\(secret)\" AS x", "ATTACH \(secret) AS x",
                    "ATTACH DATABASE \(secret) AS x KEY \(secret)",
                    "VACUUM INTO \"\(secret)\"", "VACUUM main INTO \(secret)", "SELECT 1; PRAGMA key = \(secret)",
                    "PRAGMA main.key = \(literal())",
                    "EXPLAIN VACUUM INTO \"\(secret)\"", "explain query plan vacuum into \(secret)",
                    "EXPLAIN ATTACH \(secret) AS x", "EXPLAIN PRAGMA key = \(secret)",
                    "CREATE TABLE t (a DEFAULT\(blank)\(secret) NOT NULL, b DEFAULT \(literal()))",
                    "ALTER TABLE t ADD COLUMN a text DEFAULT [\(secret)]",
                    "ALTER TABLE t ADD a DEFAULT CURRENT_\(secret)", "ALTER TABLE t ADD a DEFAULT `\(secret)`",
                    "CREATE VIRTUAL TABLE v USING m(a, key=\(secret), path = /\(secret)/\(secret).x \(secret), b)",
                ])
            default:
                return
                    "SELECT \(list())\(blank)FROM \(table) JOIN b ON a = \(literal())\(tail)\(blank)GROUP BY \(literal()) HAVING \(condition()) LIMIT \(literal())"
            }
        }
    }

    @Test(arguments: SQLDialect.allCases) func `a fingerprint never contains a value`(dialect: SQLDialect) {
        var generator = Generator(random: SplitMix64(seed: 17), dialect: dialect)
        var texts: Set<String> = []
        for _ in 0..<20_000 {
            let statement = generator.statement()
            let fingerprint = StatementFingerprint(statement, dialect: dialect)
            #expect(!fingerprint.text.contains(generator.secret), "\(statement)\n→ \(fingerprint.text)")
            #expect(!fingerprint.summary.contains(generator.secret))
            texts.insert(fingerprint.operation)
        }
        #expect(texts.count < 16, "\(texts)")
    }

    @Test(arguments: SQLDialect.allCases) func `a statement cut anywhere does not disclose a value`(dialect: SQLDialect)
    {
        var generator = Generator(random: SplitMix64(seed: 18), dialect: dialect)
        for _ in 0..<300 {
            let statement = Array(generator.statement().utf8)
            for end in stride(from: 0, through: statement.count, by: 3) {
                let cut = String(decoding: statement[..<end], as: UTF8.self)
                let fingerprint = StatementFingerprint(cut, dialect: dialect)
                #expect(!fingerprint.text.contains(generator.secret), "\(cut)\n→ \(fingerprint.text)")
            }
        }
    }

    @Test(arguments: [
        ("SELECT * FROM t WHERE name = \"Smith\"", "SELECT * FROM t WHERE name = ?"),
        (
            "SELECT a FROM \"t\" JOIN \"u\" ON \"t\".\"a\" = \"u\".a",
            "SELECT a FROM \"t\" JOIN \"u\" ON \"t\".\"a\" = \"u\".a"
        ),
        ("SELECT a AS \"Alias\" FROM [t] WHERE `b` = :name", "SELECT a AS \"Alias\" FROM [t] WHERE `b` = ?"),
        ("SELECT a IS DISTINCT FROM \"Smith\"", "SELECT a IS DISTINCT FROM ?"),
        ("INSERT INTO \"t\" VALUES (\"Smith\", x'00', ?2)", "INSERT INTO \"t\" VALUES(?)"),
        ("SELECT /* /* */ 'x' */", "SELECT ? * /"),
    ])
    func `SQLite's double quotes mark a name only where no value can be`(sql: String, text: String) {
        #expect(StatementFingerprint(sql, dialect: .sqlite).text == text)
    }

    @Test(arguments: [
        ("SELECT /* a /* b */ c */ \"Smith\"", "SELECT \"Smith\""), ("SELECT E'a\\'b' 'c'", "SELECT ? ?"),
        ("SELECT a$b$, $b$ x $b$, $1", "SELECT a$b$, ?"), ("SELECT 1.5e-3 + .5 - 1_000", "SELECT ? + ? - ?"),
        ("SELECT a[1:2]", "SELECT a[?:?]"), ("SELECT $$ open", "SELECT ?"), ("SELECT \"open", "SELECT ?"),
        ("SELECT 1 /* open", "SELECT ?"), ("SET x TO y, z", "SET x TO ?"),
        ("SELECT a FROM t; SET ROLE b", "SELECT a FROM t; SET ROLE ?"),
    ])
    func `PostgreSQL's quoting is read as PostgreSQL reads it`(sql: String, text: String) {
        #expect(StatementFingerprint(sql, dialect: .postgres).text == text)
    }
}
