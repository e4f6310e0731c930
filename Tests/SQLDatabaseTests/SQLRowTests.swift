import Foundation
import SQLDatabase
import TestServers
import Testing

@Suite struct SQLRowTests {
    enum Triage: String, Codable { case immediate, delayed }
    struct Address: Codable, Equatable { var street: String }
    struct Patient: Decodable, Equatable {
        var id: UUID
        var name: String
        var born: Date?
        var triage: Triage
        var address: Address?
        var tags: [String]
        var scores: [String: Int]
        var earlier: [Address]
        var weight: Decimal
        var imageURL: URL?
        var bloodGroup: Substitute
    }
    /// A `Decodable` type of a single value.
    struct Substitute: Decodable, Equatable {
        var text: String
        init(_ text: String) { self.text = text }
        init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    }

    private let id = UUID()
    private var patient: [(String, SQLValue)] {
        [
            ("id", .text(id.uuidString)), ("name", .text("Ada")), ("born", .null), ("triage", .text("delayed")),
            ("address", .text(#"{"street":"Main"}"#)), ("tags", .array([.text("a")])),
            ("scores", .text(#"{"gcs":15}"#)),
            ("earlier", .other(text: #"[{"street":"Old"}]"#, typeOID: 3802)), ("weight", .decimal("71.5")),
            ("image_url", .text("https://example.org")), ("blood_group", .text("0+")), ("unused", .integer(1)),
        ]
    }

    private func row(_ columns: [(String, SQLValue)]) -> SQLRow {
        SQLRow(columns: columns.map(\.0), values: columns.map(\.1))
    }

    private func replaced(_ column: String, _ value: SQLValue?) -> SQLRow {
        row(patient.compactMap { $0.0 == column ? value.map { (column, $0) } : $0 })
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch { return "\(error)" }
    }

    @Test func `a value is read by name, by position and as a tuple`() throws {
        let row = row([("name", .text("Ada")), ("beds", .integer(3)), ("born", .null)])
        #expect(try row["name", as: String.self] == "Ada")
        #expect(try row[1, as: Int8.self] == 3)
        let beds: Int = try row["beds"]
        #expect(beds == 3)
        let (name, count, born) = try row.decode(String.self, Int.self, Date?.self)
        #expect(name == "Ada" && count == 3 && born == nil)
        #expect(try self.row([("a", .integer(1))]).decode(Int.self) == 1)
        #expect(try self.row([("a", .null)]).decode(Int?.self) == nil)
        #expect(try self.row([("a", .other(text: "{a}", typeOID: 9))]).decode([String].self) == ["a"])
    }

    @Test func `a tuple takes every column`() {
        let row = row([("a", .integer(1)), ("b", .integer(2)), ("c", .integer(3))])
        #expect(
            message { _ = try row.decode(Int.self, Int.self) }.contains("the row has 3 columns and 2 types were given"))
        #expect(
            message { _ = try row.decode(Int.self, Int.self, Int.self, Int.self) }.contains("3 columns and 4 types"))
        #expect(message { _ = try row.decode(Int.self) }.contains("3 columns and 1 types"))
        #expect(message { _ = try row.decode(Int.self, Bool.self, Int.self) }.hasPrefix("column b: an integer"))
        #expect(message { _ = try row[7, as: Int.self] } == "column #7: the row has 3 columns")
    }

    @Test(arguments: [3, 40]) func `a name that several columns have is an error, in narrow and wide rows`(width: Int)
        throws
    {
        var columns = (0..<width).map { ("c\($0)", SQLValue.integer(Int64($0))) }
        for index in 0..<width { #expect(try row(columns)["c\(index)", as: Int.self] == index) }
        #expect(
            message { _ = try row(columns)["d", as: Int.self] }.hasPrefix(
                "column d: no such column; the row has c0, c1"))
        columns += [("c1", .integer(99)), ("c1", .integer(100))]
        #expect(message { _ = try row(columns)["c1", as: Int.self] }.hasPrefix("column c1: 3 columns have this name"))
        #expect(try row(columns)["c2", as: Int.self] == 2)
        #expect(try row(columns)[width, as: Int.self] == 99)
    }

    @Test func `rows that share their columns find them from many tasks at once`() async throws {
        for _ in 0..<50 {
            let columns = SQLColumns((0..<30).map { "column \($0)" })
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        let row = SQLRow(columns, values: (0..<30).map { .integer(Int64($0)) })
                        for index in 0..<30 where (try? row["column \(index)", as: Int.self]) != index { return false }
                        return true
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `a row reads into a Decodable struct`() throws {
        let expected = Patient(
            id: id, name: "Ada", born: nil, triage: .delayed, address: Address(street: "Main"), tags: ["a"],
            scores: ["gcs": 15], earlier: [Address(street: "Old")], weight: 71.5,
            imageURL: URL(string: "https://example.org"), bloodGroup: Substitute("0+"))
        #expect(try row(patient).decode(Patient.self, naming: .snakeCase) == expected)
        #expect(try [row(patient), row(patient)].decode(Patient.self, naming: .snakeCase) == [expected, expected])
        #expect(try replaced("address", .null).decode(Patient.self, naming: .snakeCase).address == nil)
        #expect(try [row([("a", .integer(1))]), row([("a", .integer(2))])].decode(Int.self) == [1, 2])
        #expect(try [row([("a", .text("delayed"))])].decode(Triage.self) == [.delayed])
        #expect(try row([("a", .integer(1)), ("b", .integer(2))]).decode([String: Int].self) == ["a": 1, "b": 2])
        let pairs = try [row([("a", .integer(1)), ("b", .text("x"))])].decode(Int.self, String.self)
        #expect(pairs[0] == (1, "x"))
    }

    @Test func `an error of a struct names its column and not the value`() {
        func error(_ column: String, _ value: SQLValue?) -> String {
            message { _ = try replaced(column, value).decode(Patient.self, naming: .snakeCase) }
        }
        #expect(message { _ = try row(patient).decode(Patient.self) }.hasPrefix("column imageURL: no such column"))
        #expect(error("id", .text("secret")).hasPrefix("column id: text does not read as UUID"))
        #expect(error("name", .null).hasPrefix("column name: NULL does not read as String; the column is NULL"))
        // A property that is an Optional needs its column as well: a forgotten column must not read as nil.
        #expect(error("born", nil).hasPrefix("column born: no such column"))
        #expect(error("triage", .text("secret")).hasPrefix("column triage: text does not read as Triage"))
        #expect(error("triage", .null).hasPrefix("column triage: NULL does not read as Triage"))
        #expect(error("address", .text("secret")).hasPrefix("column address: its JSON does not read as Address"))
        #expect(error("address", .text(#"{"street":7,"x":"secret"}"#)).contains("String expected at street"))
        #expect(error("address", .text(#"{"secret":7}"#)).contains("a key is missing at street"))
        #expect(error("address", .integer(4711)).hasPrefix("column address: an integer does not read as Address"))
        #expect(error("scores", .text(#"{"secret":"secret"}"#)).contains("Int expected at *"))
        #expect(
            error("blood_group", .integer(4711)).hasPrefix("column blood_group: an integer does not read as Substitute")
        )
        for column in ["id", "triage", "address", "scores", "earlier", "weight", "tags", "born"] {
            for value: SQLValue in [.text("secret"), .text(#"{"secret":"secret"}"#), .text(#"["secret"]"#)] {
                #expect(!error(column, value).contains("secret"), "\(column)")
            }
        }
        #expect(
            message { _ = try row([("a", .integer(1)), ("b", .integer(2))]).decode(Triage.self) }.contains("2 columns"))
    }

    @Test func `a column that is missing is an error for an optional of any type`() throws {
        struct One<Value: Decodable>: Decodable { var value: Value? }
        func check<Value: Decodable>(_ type: Value.Type, _ value: SQLValue) throws {
            #expect(
                message { _ = try row([("other", value)]).decode(One<Value>.self) }.hasPrefix("column value: no such"))
            #expect(try row([("value", value)]).decode(One<Value>.self).value != nil, "\(type)")
            #expect(try row([("value", .null)]).decode(One<Value>.self).value == nil, "\(type)")
        }
        try check(Bool.self, .bool(true))
        try check(String.self, .text("a"))
        try check(Double.self, .double(1))
        try check(Float.self, .double(1))
        try check(Int.self, .integer(1))
        try check(Int8.self, .integer(1))
        try check(Int16.self, .integer(1))
        try check(Int32.self, .integer(1))
        try check(Int64.self, .integer(1))
        try check(UInt.self, .integer(1))
        try check(UInt8.self, .integer(1))
        try check(UInt16.self, .integer(1))
        try check(UInt32.self, .integer(1))
        try check(UInt64.self, .integer(1))
        try check(Date.self, .timestamp(microseconds: 0))
        try check([Int].self, .array([.integer(1)]))
        try check(Triage.self, .text("delayed"))
        try check(Address.self, .text(#"{"street":"a"}"#))
        try check([UInt8].self, .blob([1]))
        try check(Data.self, .blob([1]))
        // The compiler calls another method for each of these types than for one that is generic.
        struct Plain: Decodable {
            var a: String?
            var b: Bool?
            var c: Double?
            var d: Float?
            var e: Int?
            var f: Int8?
            var g: Int16?
            var h: Int32?
            var i: Int64?
            var j: UInt?
            var k: UInt8?
            var l: UInt16?
            var m: UInt32?
            var n: UInt64?
            var o: Int128?
            var p: UInt128?
            var q: UInt128
        }
        let names = "abcdefghijklmnopq".map(String.init)
        let all = names.map { ($0, $0 == "a" ? SQLValue.text("x") : $0 == "b" ? .bool(true) : .integer(1)) }
        #expect(try row(all).decode(Plain.self).p == 1)
        for column in names {
            let columns = all.filter { $0.0 != column }
            #expect(message { _ = try row(columns).decode(Plain.self) }.hasPrefix("column \(column): no such column"))
        }
    }

    @Test func `property names become column names`() throws {
        struct Names: Decodable, Equatable {
            var postalCode, imageURL, URLPath, id, bed2Count, already_snake: Int
        }
        let row = row([
            ("postal_code", .integer(1)), ("image_url", .integer(2)), ("url_path", .integer(3)), ("id", .integer(4)),
            ("bed2_count", .integer(5)), ("already_snake", .integer(6)),
        ])
        let names = try row.decode(Names.self, naming: .snakeCase)
        #expect(names == Names(postalCode: 1, imageURL: 2, URLPath: 3, id: 4, bed2Count: 5, already_snake: 6))
    }

    @Test func `a dictionary holds every column of a row, whatever the columns are called`() throws {
        var random = SplitMix64(seed: 41)
        var kept = 0
        for _ in 0..<5000 {
            let names = (0..<4).map { _ in
                String((0...random.next() % 6).map { _ in Array("abB_1é_")[Int(random.next() % 7)] })
            }
            guard Set(names).count == 4 else { continue }
            let row = row(zip(names, 0...).map { ($0, .integer(Int64($1))) })
            for naming in [SQLColumnNaming.same, .snakeCase] {
                let read = try row.decode([String: Int].self, naming: naming)
                #expect(read.values.sorted() == [0, 1, 2, 3], "\(names) \(read)")
            }
            kept += 1
        }
        #expect(kept > 1000)
    }

    @Test func `an error of a type's own initializer passes unchanged`() {
        struct Refusal: Error {}
        struct Picky: Decodable {
            init(from decoder: any Decoder) throws { throw Refusal() }
        }
        #expect(throws: Refusal.self) { try row([("a", .integer(1))]).decode(Picky.self) }
    }

    @Test func `a row with more values than names, or fewer, is an error and no crash`() {
        let more = SQLRow(columns: ["a"], values: [.integer(1), .text("x")])
        #expect(message { _ = try more[1, as: Int.self] }.hasPrefix("column #1: text does not read as Int"))
        let fewer = SQLRow(columns: ["a", "b"], values: [.integer(1)])
        #expect(message { _ = try fewer["b", as: Int.self] } == "column b: it is column 1 and the row has 1 values")
        #expect(message { _ = try fewer.decode([String: Int].self) }.hasPrefix("column b: "))
        #expect(
            message { _ = try SQLRow(columns: [], values: [.integer(1)]).decode(Triage.self) }.hasPrefix("column #0"))
    }

    @Test func `rows are equal when their names and values are`() {
        let columns = SQLColumns(["a"])
        #expect(SQLRow(columns, values: [.integer(1)]) == row([("a", .integer(1))]))
        #expect(SQLRow(columns, values: [.integer(1)]) != row([("b", .integer(1))]))
        #expect(Set([SQLRow(columns, values: [.integer(1)]), row([("a", .integer(1))])]).count == 1)
    }

    @Test func `a dictionary whose keys are an enumeration is told how its keys read`() throws {
        enum Spoken: String, Codable, CodingKeyRepresentable { case gcs }
        struct Mute: Decodable { var scores: [Triage: Int] }
        struct Named: Decodable { var scores: [Spoken: Int] }
        #expect(try row([("scores", .text(#"{"gcs":15}"#))]).decode(Named.self).scores == [.gcs: 15])
        let error = #expect(throws: SQLDecodingError.self) {
            try row([("scores", .text(#"{"immediate":15}"#))]).decode(Mute.self)
        }
        #expect(error?.description.contains("CodingKeyRepresentable") == true)
    }
}
