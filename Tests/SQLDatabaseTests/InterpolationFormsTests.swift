import SQLDatabase
import Testing

/// Every expression that yields text is bound, whatever its form; only a value of the type `SQLQuery` becomes text.
@Suite struct InterpolationFormsTests {
    private static let bound: [SQLQuery] = {
        let isOpen = [1].count == 1
        let none: String? = nil
        func missing() -> String? { nil }
        return [
            "\({ if isOpen { "x" } else { "closed" } }())",
            "\({ switch isOpen { case true: "x"; case false: "y" } }())",
            "\({ if isOpen { return "x" }; return "closed" }())",
            "\({ let one = isOpen ? 1 : 0; return one > 0 ? "x" : "z" }())",
            "\({ do { return "x" } }())",
            "\({ () in "x" }())",
            "\({ () -> String in "x" }())",
            "\({ (n: Int) in n > 0 ? "x" : "y" }(1))",
            "\({ "x" }())",
            "\("x")",
            "\(("x"))",
            "\(isOpen ? "x" : "closed")",
            "\(isOpen ? (isOpen ? "x" : "b") : "c")",
            "\(none ?? "x")",
            "\(missing() ?? { "x" }())",
            "\(missing() ?? { if isOpen { "x" } else { "y" } }())",
            "\(["a": "b"]["z"] ?? "x")",
            "\(["x", "y"][0])",
            "\((["x"] + ["y"])[0])",
            "\([1].map { _ in "x" }[0])",
            "\([1].map { n in if n > 0 { "x" } else { "y" } }[0])",
            "\([1: "x"][1])",
            "\(Array(repeating: "x", count: 2)[0])",
            "\("" + "x")",
            "\(String("x"))",
            "\(Optional("x"))",
            "\("\("x")")",
            "\(isOpen ? Optional("x") : nil)",
        ]
    }()

    @Test func `text is bound, whatever expression it comes from`() {
        for (number, query) in Self.bound.enumerated() {
            #expect(query.sql == "$1" && query.parameters == [.text("x")], "form \(number): \(query.sql)")
        }
    }

    @Test func `a query is embedded, whatever expression it comes from`() {
        let isOpen = [1].count == 1
        let part: SQLQuery = "a = \(1)"
        let queries: [SQLQuery] = [
            "\(part)", "\(isOpen ? part : "b")", "\({ part }())",
            "\({ () -> SQLQuery in if isOpen { part } else { "b" } }())",
            "\([part, "b"][0])", "\([part][0])", "\("a = \(1)" as SQLQuery)",
        ]
        for query in queries { #expect(query.sql == "a = $1" && query.parameters == [.integer(1)]) }
        struct Filter: SQLQueryConvertible { var sqlQuery: SQLQuery { "a = \(1)" } }
        let own: SQLQuery = "\(Filter())"
        #expect(own == part)
    }

    @Test func `one term and an array of names need no brackets and no loop`() {
        let names = ["clinic", "wards"]
        #expect(("\(identifier: names)" as SQLQuery).sql == #""clinic"."wards""#)
        #expect(("\(orderBy: .ascending("a"))" as SQLQuery).sql == #"ORDER BY "a" ASC"#)
        #expect(
            ("\(orderBy: .ascending("a"), .descending("b"))" as SQLQuery).sql == #"ORDER BY "a" ASC, "b" DESC"#)
        #expect(("\(orderBy: [])" as SQLQuery).sql == "")
    }

    @Test func `an error of a row does not hold a literal that SQLite took for a name`() {
        let secret = "'4111 1111'"
        for name in [secret, "4111", "x'4111'", "a || '4111'", "\"4111\"", "f(4111)"] {
            let row = SQLRow(columns: [name, "plain"], values: [.text("x"), .null])
            let errors: [any Error] = [
                #expect(throws: SQLDecodingError.self) { try row.decode(0, as: Int.self) },
                #expect(throws: SQLDecodingError.self) { try row[name, as: Int.self] },
                #expect(throws: SQLDecodingError.self) { try row["missing", as: Int.self] },
            ].compactMap { $0 }
            #expect(errors.count == 3)
            for error in errors { #expect(!"\(error)".contains("4111"), "\(error)") }
        }
        let row = SQLRow(columns: ["naïve_name", "?column?"], values: [.null, .null])
        let error = #expect(throws: SQLDecodingError.self) { try row.decode(0, as: Int.self) }
        #expect(error?.column == "naïve_name")
    }
}
