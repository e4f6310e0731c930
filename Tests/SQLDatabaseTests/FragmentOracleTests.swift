import SQLDatabase
import TestServers
import Testing

/// Random expressions in which placeholders stand beside quoted text and comments that look like placeholders: embedded
/// in another query, each has the value that the server gives it alone.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct FragmentOracleTests {
    private struct Generator {
        var random = SplitMix64(seed: 21)

        mutating func pick(_ values: [String]) -> String { values[Int(random.next() % UInt64(values.count))] }

        mutating func blank() -> String {
            pick([" ", " ", "\n", " -- $1 '\n", " /* $2 ' */ ", " /* a /* $1 */ $2 \" */ ", "  "])
        }

        mutating func quoted() -> String {
            pick([
                "'$1'", "'it''s $2'", "E'\\'$1\\\\'", "E'$1'\n'\\'$2'", "$$ $1 ' $$", "$a$ $1 $$ $b$ $2 $a$",
                "U&'\\0041$1'",
                "'-- $1'", "'/* $1'", "'\"$1'", "'\\'", "B'01'::text", "(SELECT 'x$1' AS \"a$1\"\"$2\")",
                "(SELECT a$1 FROM (SELECT '$2' AS a$1) t)",
            ])
        }

        /// An expression of type text, and as many values as it has placeholders.
        mutating func expression() -> SQLQuery {
            let count = 1 + Int(random.next() % 12)
            let values = (0..<count).map { SQLValue.text("value \($0) $1") }
            var terms = (1...count).map { "$\($0)::text" }
            for _ in 0..<random.next() % 6 { terms.append("$\(1 + random.next() % UInt64(count))::text") }
            for _ in 0..<random.next() % 8 { terms.append(quoted()) }
            terms.shuffle(using: &random)
            var text = terms.removeFirst()
            for term in terms { text += blank() + "||" + blank() + term }
            if random.next() % 4 == 0 { text += " -- $9 the end" }
            return SQLQuery(unsafe: text, values)
        }
    }

    @Test func `an embedded expression has the value that it has alone`() async throws {
        var generator = Generator()
        try await TestDatabase.postgres.withDatabase { database in
            for _ in 0..<400 {
                let (first, second) = (generator.expression(), generator.expression())
                let alone = SQLQuery(unsafe: "SELECT \(first.sql)\n AS v", first.parameters)
                let other = SQLQuery(unsafe: "SELECT \(second.sql)\n AS v", second.parameters)
                let together: SQLQuery = """
                    SELECT \(1)::int AS a, \(first) AS b, '$3' || \(second) AS c, \("z")::text AS d, \(.joined([first, second])) AS e
                    """
                let (values, row) = try await database.read { connection in
                    let values = [try await connection.query(alone), try await connection.query(other)]
                    return (values, try await connection.query(together)[0])
                }
                let expected = (try values[0].decode(String.self)[0], try values[1].decode(String.self)[0])
                #expect(try row["a", as: Int.self] == 1)
                #expect(try row["b", as: String.self] == expected.0, "\(first)")
                #expect(try row["c", as: String.self] == "$3" + expected.1, "\(second)")
                #expect(try row["d", as: String.self] == "z")
                #expect(try row[4, as: String.self] == expected.0)
                #expect(try row["e", as: String.self] == expected.1)
            }
        }
    }
}
