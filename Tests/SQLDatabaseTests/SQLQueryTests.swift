import Foundation
import SQLDatabase
import Testing

@Suite struct SQLQueryTests {
    enum Triage: String { case immediate, delayed }
    enum Ward: Int, SQLEncodable, SQLDecodable { case north = 1, south = 2 }

    private func expect(
        _ query: SQLQuery, _ sql: String, _ parameters: [SQLValue] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(query.sql == sql, sourceLocation: sourceLocation)
        #expect(query.parameters == parameters, sourceLocation: sourceLocation)
        #expect(query.defect == nil, sourceLocation: sourceLocation)
    }

    // MARK: Binding

    @Test func `every interpolated value is bound, whatever it looks like`() {
        let input = "'; DROP TABLE patients --"
        expect("SELECT \(input)", "SELECT $1", [.text(input)])
        expect("SELECT \("a literal")", "SELECT $1", [.text("a literal")])
        expect("SELECT \(true ? "a" : "b") x", "SELECT $1 x", [.text("a")])
        expect("SELECT \(input.prefix(2))", "SELECT $1", [.text("';")])
        expect("SELECT 1", "SELECT 1")
        expect("", "")
        expect("SELECT 'naïve 🩺', \(1)", "SELECT 'naïve 🩺', $1", [.integer(1)])
    }

    @Test func `all integer widths, floating-point numbers and Foundation's types bind`() throws {
        let id = UUID()
        let url = try #require(URL(string: "https://example.org/a?b=c"))
        expect(
            "\(Int8.min) \(Int16.min) \(Int32.min)", "$1 $2 $3",
            [.integer(-128), .integer(-32768), .integer(-2_147_483_648)])
        expect(
            "\(UInt8.max) \(UInt16.max) \(UInt32.max)", "$1 $2 $3",
            [.integer(255), .integer(65535), .integer(4_294_967_295)])
        expect("\(UInt64(1)) \(UInt.max)", "$1 $2", [.integer(1), .decimal("18446744073709551615")])
        expect("\(Float(1.5)) \(2.5)", "$1 $2", [.double(1.5), .double(2.5)])
        expect("\(Data([1, 2])) \([3, 4] as [UInt8])", "$1 $2", [.blob([1, 2]), .blob([3, 4])])
        expect("\(url) \(id)", "$1 $2", [.text("https://example.org/a?b=c"), .uuid(id)])
        expect("\(Decimal(string: "1.50"))", "$1", [.decimal("1.5")])
        expect("\(Duration.milliseconds(1500))", "$1", [.other(text: "00:00:01.500000", typeOID: 1186)])
    }

    @Test func `enumerations bind their raw value, with and without a conformance`() {
        expect("\(Triage.immediate) \(Ward.south)", "$1 $2", [.text("immediate"), .integer(2)])
        let (none, some): (Triage?, Ward?) = (nil, .north)
        expect("\(none) \(some)", "$1 $2", [.null, .integer(1)])
    }

    @Test func `an optional binds its value or NULL`() {
        let (none, some): (Int?, String?) = (nil, "x")
        expect("\(none) \(some)", "$1 $2", [.null, .text("x")])
        let existential: any SQLEncodable = 7
        expect("\(existential)", "$1", [.integer(7)])
        let (numbers, names) = ([7], ["a": "b"])
        let flag = numbers.count == 1
        expect("\(flag ? 1 : nil) \(numbers.first) \(names["a"])", "$1 $2 $3", [.integer(1), .integer(7), .text("b")])
        expect(
            "\(numbers.first.map { $0 + 1 }) \(-numbers[0]) \(1 + 1)", "$1 $2 $3",
            [.integer(8), .integer(-7), .integer(2)])
        let nested: Int?? = .some(nil)
        expect("\(nested)", "$1", [.null])
    }

    @Test func `an array binds one parameter, and bytes stay bytes`() {
        let id = UUID()
        expect("= ANY(\([1, 2]))", "= ANY($1)", [.array([.integer(1), .integer(2)])])
        expect("= ANY(\(["a", nil]))", "= ANY($1)", [.array([.text("a"), .null])])
        expect("= ANY(\([id]))", "= ANY($1)", [.array([.uuid(id)])])
        expect("= ANY(\([Ward.north]))", "= ANY($1)", [.array([.integer(1)])])
        expect("= ANY(\([[1], [2]]))", "= ANY($1)", [.array([.array([.integer(1)]), .array([.integer(2)])])])
        expect("= ANY(\([[1, 2], [3]] as [[UInt8]]))", "= ANY($1)", [.array([.blob([1, 2]), .blob([3])])])
        expect("= ANY(\(SQLArray(1...2)))", "= ANY($1)", [.array([.integer(1), .integer(2)])])
        let ids: [Int]? = nil
        expect("= ANY(\(ids))", "= ANY($1)", [.null])
        expect("= ANY(\([] as [Int]))", "= ANY($1)", [.array([])])
    }

    @Test func `a value that no database can store makes the query one that is refused, without naming the value`() {
        for query: SQLQuery in [
            "SELECT \(1), \(Date(timeIntervalSince1970: .infinity))",
            "SELECT \(1), \([Date(timeIntervalSince1970: 1e300)])",
            "SELECT \(1), \(Date(timeIntervalSince1970: -.nan))", "SELECT \(1), \(SQLJSON(["pressure": Double.nan]))",
            "SELECT \(1), \(Duration.seconds(Int64.max))",
            "SELECT \(1), \(Date?(Date(timeIntervalSince1970: -9.3e18 / 1e6)))",
            "SELECT \(1), \(SQLArray([Date(timeIntervalSince1970: 1e300)]))",
        ] {
            #expect(query.defect?.reason.hasPrefix("parameter 2: ") == true, "\(query)")
            #expect(query.parameters.isEmpty)
            #expect(query.sql.hasPrefix("INVALID STATEMENT"))
        }
    }

    @Test func `a placeholder never runs together with the text around it`() {
        let x = 1
        expect("\(x)0", "$1 0", [.integer(1)])
        expect("\(x)\(unsafe: "0")", "$1 0", [.integer(1)])
        expect("LIMIT\(x)", "LIMIT $1", [.integer(1)])
        expect("(\(x))", "($1)", [.integer(1)])
        expect("\(x)::int", "$1::int", [.integer(1)])
        expect("\(x)\(x)", "$1 $2", [.integer(1), .integer(1)])
    }

    @Test func `a placeholder that the text writes out beside interpolated values is refused`() {
        let x = 1
        let mixed: SQLQuery = "SELECT $1, \(x)"
        #expect(mixed.defect?.reason.contains("$1") == true)
        #expect(("SELECT \(x), \(unsafe: "$1")" as SQLQuery).defect != nil)
        expect("SELECT '$1', \(x) -- $2", "SELECT '$1', $1 -- $2", [.integer(1)])
        expect("SELECT $$ $1 $$, \(x)", "SELECT $$ $1 $$, $1", [.integer(1)])
        expect("SELECT $1", "SELECT $1")
    }

    @Test func `the description of a query does not contain its parameters`() {
        let query: SQLQuery = "SELECT \("hunter2")"
        var dumped = ""
        dump(query, to: &dumped)
        for text in ["\(query)", String(reflecting: query), dumped] { #expect(!text.contains("hunter2"), "\(text)") }
    }

    // MARK: Fragments

    @Test func `an embedded query keeps its values and gets new numbers`() {
        let filter: SQLQuery = "born < \(1) AND ward = \("a")"
        expect(
            "SELECT \(0) WHERE \(filter) AND \(filter) LIMIT \(9)",
            "SELECT $1 WHERE born < $2 AND ward = $3 AND born < $4 AND ward = $5 LIMIT $6",
            [.integer(0), .integer(1), .text("a"), .integer(1), .text("a"), .integer(9)])
        let written = SQLQuery(unsafe: "a = $2 OR b = $1 OR c = $2", [.integer(1), .integer(2)])
        expect("\(0), \(written)", "$1, a = $3 OR b = $2 OR c = $3", [.integer(0), .integer(1), .integer(2)])
        expect("\(0) \("a" as SQLQuery)b\("c" as SQLQuery)", "$1 a b c", [.integer(0)])
        expect("x\(" " as SQLQuery)y", "x y")
    }

    @Test(arguments: [
        "'$1'", "E'\\'$1'", "\"$1\"", "-- $1\n", "/* $1 /* $1 */ $1 */", "$$ $1 $$", "$tag$ $1 $ta$ $1 $tag$", "a$1",
        "b'$1'", "U&'$1'", "U&\"$1\"", "''''||'$1'", "$a$ $$1 $a$", "E'a'\n'\\'$1'",
    ])
    func `placeholders in quoted text and comments of an embedded query stay as they are`(text: String) {
        let fragment = SQLQuery(unsafe: "\(text) = $1", [.integer(1)])
        expect("\(0) + \(fragment)", "$1 + \(text) = $2", [.integer(0), .integer(1)])
    }

    @Test(arguments: [
        ("a = $1", 0), ("a = $1", 2), ("a = $2", 1), ("a = ?", 1), ("'a = $1", 1), ("a = $1 /* open", 1),
        ("$1 = $$ open", 1), ("\"open", 0), ("$1 E'open\\'", 1), ("$0", 0), ("$99999999999999999999", 1),
    ])
    func `an embedded query whose placeholders do not match its parameters is refused`(text: String, count: Int) {
        let fragment = SQLQuery(unsafe: text, Array(repeating: .integer(1), count: count))
        let query: SQLQuery = "SELECT \(0) WHERE \(fragment)"
        #expect(query.defect != nil)
    }

    @Test func `a comment at the end of an embedded query does not hide what follows`() {
        let fragment: SQLQuery = "a = \(1) -- all"
        expect("WHERE \(fragment) AND b = \(2)", "WHERE a = $1 -- all\n AND b = $2", [.integer(1), .integer(2)])
    }

    @Test func `queries are joined, and conditions keep their precedence`() {
        let (a, b): (SQLQuery, SQLQuery) = ("a = \(1) OR b = \(2)", "c = \(3)")
        expect(
            .joined([a, b], separator: " AND "), "a = $1 OR b = $2 AND c = $3", [.integer(1), .integer(2), .integer(3)])
        expect(.all(of: [a, b]), "((a = $1 OR b = $2) AND (c = $3))", [.integer(1), .integer(2), .integer(3)])
        expect(.any(of: [a, b]), "((a = $1 OR b = $2) OR (c = $3))", [.integer(1), .integer(2), .integer(3)])
        expect(.all(of: []), "(1 = 1)")
        expect(.any(of: []), "(1 = 0)")
        expect(.joined([]), "")
        expect(.joined(["a", "b"].map { "\(identifier: $0)" }), "\"a\", \"b\"")
    }

    @Test func `a condition does not reach out of its parentheses`() {
        for condition in [
            "a = 1 -- \r OR b = 1", "a = 1 /* /* */ ) OR (1=1 -- */ */", "a = 1) OR (1 = 1", "(a = 1", "a = 1)", ")(",
            "/* ( */ a)", "a = \")\" ) --(",
        ] {
            for query: SQLQuery in [.all(of: ["\(unsafe: condition)"]), .any(of: ["b", "\(unsafe: condition)"])] {
                #expect(query.defect?.reason.contains("parenthesis") == true, "\(condition)")
            }
        }
        expect(.all(of: ["(a) = (1)", "f(')', \")\", $$)$$) -- )"]), "(((a) = (1)) AND (f(')', \")\", $$)$$) -- )\n))")
    }

    @Test func `the error of a part is the error of the whole`() {
        let part: SQLQuery = "\(identifier: "")"
        let whole: SQLQuery = "SELECT \(SQLQuery.all(of: [part]))"
        #expect(part.defect != nil)
        #expect(whole.defect == part.defect)
    }

    // MARK: Names and clauses

    @Test func `identifiers are quoted`() {
        expect("SELECT \(identifier: "a\"b; --")", "SELECT \"a\"\"b; --\"")
        expect("FROM \(identifier: "clinic", "Wards")", "FROM \"clinic\".\"Wards\"")
        expect("\(identifier: "é\u{301}\"\u{301}")", "\"é\u{301}\"\"\u{301}\"")
        for name in ["", "a\0b", String(repeating: "é", count: 32)] {
            let query: SQLQuery = "SELECT \(identifier: "a", name)"
            #expect(query.defect?.reason.contains("name 2") == true)
        }
        expect("\(identifier: String(repeating: "x", count: 63))", "\"\(String(repeating: "x", count: 63))\"")
    }

    @Test func `ORDER BY is put together from names`() {
        let terms: [SQLOrder] = [
            .ascending("name"), .descending("p", "born", nulls: .last), .ascending("x", nulls: .first),
        ]
        expect(
            "SELECT 1 \(orderBy: terms) LIMIT \(1)",
            "SELECT 1 ORDER BY \"name\" ASC, \"p\".\"born\" DESC NULLS LAST, \"x\" ASC NULLS FIRST LIMIT $1",
            [.integer(1)])
        expect("SELECT 1\(orderBy: [])", "SELECT 1")
        #expect(("\(orderBy: [.ascending("")])" as SQLQuery).defect != nil)
    }

    @Test func `VALUES binds rows`() {
        let name: String? = nil
        expect(
            "INSERT INTO t \(values: [[1, "a"], [2, name]])", "INSERT INTO t VALUES ($1, $2), ($3, $4)",
            [.integer(1), .text("a"), .integer(2), .null])
        for rows: [[any SQLEncodable & Sendable]] in [[], [[]], [[1], [1, 2]]] {
            #expect(("\(values: rows)" as SQLQuery).defect != nil)
        }
    }
}
