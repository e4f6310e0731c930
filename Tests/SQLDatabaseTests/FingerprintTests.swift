import SQLDatabase
import TestServers
import Testing

@Suite struct FingerprintTests {
    @Test(arguments: [
        ("SELECT * FROM patients WHERE id = $1", "SELECT * FROM patients WHERE id = ?", "SELECT patients"),
        (
            "select name from \"Wards\" where n in (1, 2,3) -- all", "select name from \"Wards\" where n in(?)",
            "SELECT Wards"
        ),
        ("INSERT INTO a.b (x, y) VALUES ($1,$2)", "INSERT INTO a.b(x, y) VALUES(?)", "INSERT a"),
        (
            "UPDATE t SET a = 'it''s', b = E'x\\'y' /* c */ WHERE c = 1.5e3", "UPDATE t SET a = ?, b = ? WHERE c = ?",
            "UPDATE t"
        ),
        ("DELETE FROM ONLY t WHERE a = $tag$ secret $tag$", "DELETE FROM ONLY t WHERE a = ?", "DELETE t"),
        ("SELECT 'open", "SELECT ?", "SELECT"), ("", "", ""),
        (
            "SELECT extract(year FROM born) FROM patients", "SELECT extract(year FROM born) FROM patients",
            "SELECT patients"
        ),
        (
            "SELECT a IS NOT DISTINCT FROM b FROM t WHERE c IS NOT NULL",
            "SELECT a IS NOT DISTINCT FROM b FROM t WHERE c IS NOT NULL", "SELECT t"
        ),
        ("SELECT (SELECT max(a) FROM u) FROM t", "SELECT(SELECT max(a) FROM u) FROM t", "SELECT u"),
        ("SELECT a -5, b - c, -1 FROM t", "SELECT a - ?, b - c, ? FROM t", "SELECT t"),
        (
            "CREATE FUNCTION f() RETURNS int SET a = b LANGUAGE sql AS 'x'",
            "CREATE FUNCTION f() RETURNS int SET a = ? LANGUAGE sql AS ?", "CREATE"
        ),
        ("SELECT f(1), (1), g(1)", "SELECT f(?), (?), g(?)", "SELECT"),
        (
            "INSERT INTO t VALUES (1, now()), (2, now()) RETURNING a", "INSERT INTO t VALUES(?, now()) RETURNING a",
            "INSERT t"
        ),
    ])
    func `a fingerprint keeps the statement and drops its values`(sql: String, text: String, summary: String) {
        let fingerprint = StatementFingerprint(sql)
        #expect(fingerprint.text == text)
        #expect(fingerprint.summary == summary)
        #expect(fingerprint.digest.count == 16)
    }

    /// Statements of the same form with random values: all have the same text.
    @Test(arguments: SQLDialect.allCases) func `statements that differ in their values alone have the same text`(
        dialect: SQLDialect
    ) {
        var random = SplitMix64(seed: 3)
        func pick(_ values: [String]) -> String { values[Int(random.next() % UInt64(values.count))] }
        func value() -> String {
            pick(["1", "-1", "+2.5", "- 3", "'x'", "'it''s'", "NULL", "TRUE", "false", "$1", "x'00'", "-.5e-3", "null"])
        }
        func list(_ item: () -> String) -> String {
            (0...random.next() % 5).map { _ in item() }.joined(separator: pick([",", ", ", " , "]))
        }
        func row() -> String { "(\(value()), f(\(value())), \(value()))" }
        let forms: [() -> String] = [
            { "SELECT \(value()) FROM t WHERE a = \(value()) AND b BETWEEN \(value()) AND \(value())" },
            { "SELECT * FROM t WHERE a IN (\(list(value))) OR b NOT IN (\(list(value))) LIMIT \(value())" },
            { "SELECT * FROM t WHERE (a, b) IN (\(list { "(\(value()), \(value()))" })) AND c IS NOT NULL" },
            { "INSERT INTO t VALUES \(list(row)) ON CONFLICT DO UPDATE SET a = \(value()), b = excluded.b" },
            { "INSERT INTO t (a, b) VALUES \(list { "(\(list(value)))" })" },
            { "UPDATE t SET a = a - \(value()), b = coalesce(\(value()), c) * \(value()) WHERE c IS NULL" },
            { "SELECT CASE WHEN a THEN \(value()) ELSE \(value()) END, f(\(value())) + \(value()) FROM t" },
            { "SELECT * FROM (VALUES \(list(row))) AS v (a, b, c) WHERE a = \(value())" },
            { "SELECT * FROM t WHERE a IN (\(list { "CAST(\(value()) AS int)" }))" },
        ]
        for form in forms {
            let texts = Set((0..<500).map { _ in StatementFingerprint(form(), dialect: dialect).text })
            #expect(texts.count == 1, "\(texts.prefix(5).joined(separator: "\n"))")
        }
        let long = [2000, 3000].map { count in
            StatementFingerprint(
                "INSERT INTO t VALUES " + Array(repeating: "(1, 'x')", count: count).joined(separator: ", ")
            ).text
        }
        #expect(long[0] == long[1] && long[0] == "INSERT INTO t VALUES(?)")
    }

    /// Random runs of the bytes that operators consist of, with blanks at random places.
    @Test(arguments: SQLDialect.allCases)
    func `operators have the same text exactly where the engine reads the same ones`(
        dialect: SQLDialect
    ) {
        var random = SplitMix64(seed: 20)
        let bytes = Array(dialect == .postgres ? "+-<=@|?" : "-<>=|!")
        let known = Set(dialect == .postgres ? [] : ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!="])
        func isOperator(_ run: Substring) -> Bool {
            if run.count == 1 { return true }
            if dialect == .sqlite { return known.contains(String(run)) }
            return !"+-".contains(run.last!) || run.contains { "@|?".contains($0) }
        }
        func operators(_ text: String) -> [Substring] {
            text.split(separator: " ").flatMap { run in
                var (rest, found) = (run, [Substring]())
                while !rest.isEmpty {
                    let length = (1...rest.count).last { isOperator(rest.prefix($0)) }!
                    found.append(rest.prefix(length))
                    rest.removeFirst(length)
                }
                return found
            }
        }
        var texts: [[Substring]: String] = [:]
        var read: [String: [Substring]] = [:]
        for _ in 0..<40_000 {
            var run = ""
            for _ in 0...random.next() % 4 {
                run += String(bytes[Int(random.next() % UInt64(bytes.count))])
                if random.next().isMultiple(of: 4) { run += " " }
            }
            guard !run.contains("--") else { continue }
            let text = StatementFingerprint("SELECT a \(run) b", dialect: dialect).text
            let expected = operators(run)
            #expect(texts[expected, default: text] == text, "\(run)")
            #expect(read[text, default: expected] == expected, "\(run)")
            (texts[expected], read[text]) = (text, expected)
        }
        #expect(texts.count > 500)
    }

    @Test(arguments: [
        ("SELECT U&\"a\"", "SELECT U&\"a\""), ("SELECT U & \"a\"", "SELECT U & \"a\""),
        ("SELECT u&'a' UESCAPE '!'", "SELECT ? UESCAPE ?"), ("SELECT a->>'b' FROM t", "SELECT a ->> ? FROM t"),
        ("SELECT a=-1, a=- b, a @-1, 2-1", "SELECT a = ?, a = - b, a @- ?, ? - ?"),
        ("SELECT a + 1, 2 - 1, 3, 4 FROM t", "SELECT a + ?, ? - ?, ? FROM t"), ("SELECT a + 1 - 1", "SELECT a + ? - ?"),
        ("SELECT a BETWEEN .5 AND 1, t.a, x[1].b", "SELECT a BETWEEN ? AND ?, t.a, x[?].b"),
        ("SELECT a*/* c */b, a<--c\nb", "SELECT a * b, a < b"), ("SELECT a::int[]", "SELECT a::int[]"),
    ])
    func `operators and Unicode names are read as PostgreSQL reads them`(sql: String, text: String) {
        #expect(StatementFingerprint(sql).text == text)
    }

    @Test func `alike statements have the same digest`() {
        let first = StatementFingerprint("SELECT *\n FROM t WHERE a IN (1,2,3) AND b = 'x'")
        let second = StatementFingerprint("SELECT * FROM t   WHERE a IN (4) AND b = 'secret'")
        #expect(first.digest == second.digest)
        #expect(!second.text.contains("secret"))
    }
}
