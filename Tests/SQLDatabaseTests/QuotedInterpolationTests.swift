import SQLDatabase
import TestServers
import Testing

/// A value interpolated inside quotes or a comment is refused; beside them it is bound.
@Suite struct QuotedInterpolationTests {
    @Test func `an interpolation inside a quoted text or a comment is refused and names its position`() {
        let (i, name) = (3, "x")
        let part: SQLQuery = "a = \(1)"
        let queries: [(SQLQuery, String, String)] = [
            ("SELECT \(1), date '2026-01-01' + interval '\(i) days'", "parameter 2", "a quoted text"),
            ("INSERT INTO t VALUES (1, '\(i)')", "parameter 1", "a quoted text"),
            ("DELETE FROM t WHERE a LIKE '%\(name)%' AND b = \(i)", "parameter 1", "a quoted text"),
            ("SELECT E'\\'\(i)'", "parameter 1", "a quoted text"),
            ("SELECT $$\(i)$$", "parameter 1", "a quoted text"),
            ("SELECT $tag$ $$ \(i)$tag$", "parameter 1", "a quoted text"),
            ("SELECT \"a\(i)\"", "parameter 1", "a quoted name"),
            ("SELECT 1 -- \(i)", "parameter 1", "a comment"),
            ("SELECT 1 /* \(i) */", "parameter 1", "a comment"),
            ("SELECT 1 /* /* */ \(i) */", "parameter 1", "a comment"),
            ("SELECT '\(part)'", "an embedded query", "a quoted text"),
            ("SELECT '\(identifier: name)'", "an identifier", "a quoted text"),
            ("SELECT -- \(orderBy: .ascending("a"))", "an identifier", "a comment"),
            ("SELECT '\(values: [[i]])'", "parameter 1", "a quoted text"),
            ("SELECT \(unsafe: "'")\(i)'", "parameter 1", "a quoted text"),
            // The number of placeholders is right, their places are not.
            ("SELECT '\(i)', $1", "parameter 1", "a quoted text"),
        ]
        for (query, what, place) in queries {
            let reason = query.defect?.reason ?? ""
            #expect(reason.contains("\(what) is interpolated inside \(place)"), "\(query): \(reason)")
        }
        #expect(queries[0].0.defect?.reason.contains("interval '1 day'") == true)
    }

    @Test func `an interpolation beside quotes is bound`() {
        let i = 3
        let fragment: SQLQuery = "'a' || \(i) -- the end"
        let queries: [SQLQuery] = [
            "SELECT 1 WHERE name = 'O''Brien' AND id = \(i)", "SELECT \"quoted name\" = \(i)", "SELECT 'a' || \(i)",
            "SELECT tags[\(i)], a->>'k' = \(i)", "SELECT 1 - \(i) / \(i) * 2", "SELECT a - \(fragment)",
            "SELECT E'\\'' || \(i)", "SELECT $$'$$ || \(i) -- '", "SELECT a /* ' */ = \(i)", "SELECT -- '\n \(i)",
            "SELECT '\(unsafe: "x")' || \(i)", "SELECT '$1' || \(i)",
        ]
        for query in queries { #expect(query.defect == nil && !query.parameters.isEmpty, "\(query)") }
    }

    @Test func `what is embedded does not run together with what is beside it`() {
        let (minus, text, star): (SQLQuery, SQLQuery, SQLQuery) = ("-1", "'b\\'", "*")
        #expect(("SELECT 2 -\(minus)" as SQLQuery).sql == "SELECT 2 - -1")
        #expect(("SELECT E\(text)" as SQLQuery).sql == "SELECT E 'b\\'")
        #expect(("SELECT 'a'\(text)'c'" as SQLQuery).sql == "SELECT 'a' 'b\\' 'c'")
        #expect(("SELECT 2 /\(star)" as SQLQuery).sql == "SELECT 2 / *")
        #expect(("SELECT \(identifier: "a")\(identifier: "b")" as SQLQuery).sql == "SELECT \"a\" \"b\"")
    }

    @Test func `SQLite refuses a parameter in brackets, in backticks or behind a carriage return`() async throws {
        let i = 1
        let queries: [SQLQuery] = [
            "SELECT 1 AS [a\(i)], \(2)", "SELECT 1 AS `a\(i)`, \(2)", "SELECT \(2), 1 -- \r + \(i)\n + \(i)",
        ]
        try await TestDatabase.sqlite.withDatabase { database in
            for query in queries {
                #expect(query.defect == nil)
                let error = await #expect(throws: (any Error).self, "\(query)") {
                    try await database.read { try await $0.query(query) }
                }
                #expect("\(error!)".contains("no placeholder for parameter"), "\(error!)")
            }
            let rows = try await database.read {
                try await $0.query(SQLQuery(unsafe: "SELECT $2, $1", [.integer(1), .integer(2)]))
            }
            #expect(rows[0].values == [.integer(2), .integer(1)])
        }
    }

    /// Random sums of texts, some of which have an interpolation inside quotes or a comment.
    private struct Generator {
        var random: SplitMix64
        /// The text with the placeholders where the interpolations are.
        private(set) var raw = "SELECT "
        private(set) var values: [String] = []
        private(set) var interpolation = SQLQuery.StringInterpolation(literalCapacity: 0, interpolationCount: 0)

        init(_ random: SplitMix64) {
            self.random = random
            interpolation.appendLiteral("SELECT ")
        }

        private mutating func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.next() % UInt64(values.count))]
        }

        private mutating func literal(_ text: StaticString) {
            interpolation.appendLiteral(text)
            raw += text.description
        }

        private mutating func value() {
            values.append("<\(values.count + 1)>")
            interpolation.appendInterpolation(values[values.count - 1])
            if let last = raw.utf8.last, last != 95, !(48...57).contains(last), !(97...122).contains(last | 0x20),
                last != 36
            {
                raw += "$\(values.count)"
            } else {
                raw += " $\(values.count)"
            }
        }

        private static let pairs: [(StaticString, StaticString)] = [
            ("'", "'"), ("'it''s ", "'"), ("E'\\'", "'"), ("E'\\\\", "'"), ("'\\", "'"), ("e'a'\n'\\'", "'"),
            ("$$", "$$"), ("$a$ $$ '", "$a$"), ("$a$ \" $b$", "$b$ $a$"), ("'--", "'"), ("'/*", "'"), ("' $$ ", "'"),
            ("'", "' /* ' */"), ("U&'\\0041", "'"), ("(SELECT '' AS \"a\"\"'", "\")"), ("'' /*", "*/"),
            ("'' /* /* */", "*/"), ("'' /* ' */ /* \"", "*/"), ("'' -- ", "\n"), ("'' -- ' \n -- ", "\n"),
            ("'a'::text /* -- */ /* ", "*/"), ("'-' -- $$ ", "\n"), ("'-' || 1 - - 1 /*", "*/"),
        ]

        mutating func query() -> SQLQuery {
            for number in 0..<(1 + random.next() % 5) {
                if number > 0 { literal(pick(["||", " || ", "/* ' */||", "||-- \"\n", "\n||\n", "||/* $$ */ "])) }
                let (start, end) = pick(Self.pairs)
                switch random.next() % 6 {
                case 0:
                    literal(start)
                    value()
                    literal(end)
                case 1, 2:
                    literal(start)
                    literal(end)
                default:
                    literal("CAST(")
                    value()
                    literal(" AS text)")
                }
            }
            return SQLQuery(stringInterpolation: interpolation)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a query is refused where a value would be lost, and only there`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            var (random, refused, bound) = (SplitMix64(seed: 5), 0, 0)
            for _ in 0..<3000 {
                var generator = Generator(random)
                let query = generator.query()
                random = generator.random
                let values = generator.values
                let raw = SQLQuery(unsafe: generator.raw, values.map(SQLValue.text))
                let result = try? await database.read { try await $0.query(raw).first?.decode(0, as: String.self) }
                if let result {
                    let isWhole = values.allSatisfy { result.contains($0) }
                    if isWhole { bound += 1 } else { refused += 1 }
                    if engine == .postgres || !isWhole {
                        #expect((query.defect == nil) == isWhole, "\(raw.sql)\n→ \(result), \(query)")
                    }
                } else if engine == .postgres {
                    // A parameter of type text without a placeholder, which PostgreSQL notices.
                    refused += 1
                    #expect(query.defect != nil, "\(raw.sql)")
                }
            }
            #expect(bound > 300 && (refused > 300 || engine == .sqlite), "\(bound), \(refused)")
        }
    }
}
