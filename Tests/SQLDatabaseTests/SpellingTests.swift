import Foundation
import SQLiteBackend
import Testing

@testable import SQLDatabase

/// Two spellings of “é” are two texts, although `String` takes them for equal.
@Suite struct SpellingTests {
    private static let composed = "\u{e9}"
    private static let decomposed = "e\u{301}"

    private enum Known: String, SQLEncodable, SQLDecodable, Codable { case x = "\u{e9}", y = "y" }
    private enum Plain: String, Codable { case x = "\u{e9}", y = "y" }
    /// A type that keeps whatever it is given.
    private struct Tag: RawRepresentable, Codable, SQLDecodable, Equatable { var rawValue: String }
    /// A type whose raw value is not the text that it reads.
    private struct Folded: RawRepresentable, SQLDecodable {
        let rawValue: String
        init(rawValue: String) { self.rawValue = rawValue.lowercased() }
    }

    private struct Holder<Value: Decodable>: Decodable { var a: Value }

    private func row(_ value: SQLValue) -> SQLRow { SQLRow(columns: ["a"], values: [value]) }

    // MARK: Enumerations

    @Test func `an enumeration reads its own raw values alone`() throws {
        let row = row(.text(Self.decomposed))
        #expect(throws: SQLDecodingError.self) { try row.decode("a", as: Known.self) }
        #expect(throws: SQLDecodingError.self) { try row.decode("a", as: Known?.self) }
        #expect(throws: SQLDecodingError.self) { try row.decode(Known.self) }
        #expect(throws: SQLDecodingError.self) { try row.decode(Holder<Known>.self) }
        #expect(throws: SQLDecodingError.self) { try row.decode(Holder<Plain>.self) }
        #expect(throws: SQLDecodingError.self) { try row.decode(Holder<Plain?>.self) }
        let array = self.row(.array([.text("y"), .text(Self.decomposed)]))
        #expect(throws: SQLDecodingError.self) { try array.decode("a", as: [Known].self) }
        let label = self.row(.other(text: Self.decomposed, typeOID: 99_999))
        #expect(throws: SQLDecodingError.self) { try label.decode(Holder<Plain>.self) }
    }

    @Test func `raw values read as before`() throws {
        let row = row(.text(Self.composed))
        #expect(try row.decode("a", as: Known.self) == .x)
        #expect(try row.decode(Holder<Plain>.self).a == .x)
        #expect(try self.row(.text("B")).decode("a", as: Folded.self).rawValue == "b")
        let tag = try self.row(.text(Self.decomposed)).decode("a", as: Tag.self)
        #expect(tag.rawValue.isExactly(Self.decomposed))
    }

    private struct Document: Decodable {
        struct Part: Decodable { var plain: Plain? }
        var plain: Plain
        var parts: [Part]
        var byName: [String: [Plain]]
        var tag: Tag
        var day: Date
        var count: Int
        var wide: Int128
        var wides: [UInt128]
        var price: Decimal
        var link: URL?
    }

    private func document(_ plain: String = "y", _ part: String = "y", _ named: String = "y") -> String {
        """
        {"plain":"\(plain)","parts":[{},{"plain":null},{"plain":"\(part)"}],"byName":{"ü":["y","\(named)"]},
         "tag":"\(Self.decomposed)","day":"2026-01-31T12:00:00Z","count":3,"wide":-170141183460469231731687303715884105728,"wides":[7],"price":12.5,"link":"https://example.org/"}
        """
    }

    @Test func `JSON reads enumerations by their bytes, wherever they are`() throws {
        let other = Self.decomposed
        for text in [document(other), document("y", other), document("y", "y", other), document("e\\u0301")] {
            let row = row(.text(text))
            #expect(throws: SQLDecodingError.self) { try row.decode("a", as: SQLJSON<Document>.self) }
            #expect(throws: SQLDecodingError.self) { try row.decode(Holder<Document>.self) }
        }
        for text in [document(), document(Self.composed, Self.composed, Self.composed), document("\\u00e9")] {
            let value = try row(.text(text)).decode("a", as: SQLJSON<Document>.self).value
            #expect(value.parts.count == 3 && value.byName["ü"]?.count == 2 && value.count == 3)
            #expect(value.wide == .min && value.wides == [7])
            #expect(value.day == Date(timeIntervalSince1970: 1_769_860_800) && value.price == 12.5)
            #expect(value.tag.rawValue.isExactly(other) && value.link?.host() == "example.org")
        }
        #expect(throws: SQLDecodingError.self) {
            try row(.text("\"\(other)\"")).decode("a", as: SQLJSON<Plain>.self)
        }
    }

    // MARK: Keys

    @Test func `a dictionary of a row loses no column`() throws {
        let row = SQLRow(columns: [Self.composed, Self.decomposed], values: [.integer(1), .integer(2)])
        for naming in [SQLColumnNaming.same, .snakeCase] {
            let error = #expect(throws: SQLDecodingError.self) { try row.decode([String: Int].self, naming: naming) }
            #expect(error?.reason.contains("name each with AS") == true)
        }
        let other = SQLRow(columns: [Self.composed, "e"], values: [.integer(1), .integer(2)])
        #expect(try other.decode([String: Int].self) == [Self.composed: 1, "e": 2])
    }

    @Test func `properties of two spellings read their own columns`() throws {
        struct Two: Decodable {
            var first: Int
            var second: Int
            enum CodingKeys: String, CodingKey { case first = "\u{e9}", second = "\u{e8}" }
        }
        let columns = [Self.decomposed, Self.composed, "\u{e8}"]
        let row = SQLRow(columns: columns, values: [.integer(1), .integer(2), .integer(3)])
        for naming in [SQLColumnNaming.same, .snakeCase] {
            let two = try row.decode(Two.self, naming: naming)
            #expect(two.first == 2 && two.second == 3)
        }
    }

    @Test func `the rule about keys of JSON is named`() {
        for text in [#"{"e\u0301":1,"\u00e9":2,"a":3}"#, #"[{"a":1,"a":2}]"#] {
            let row = row(.text(text))
            for read: () throws -> Void in [
                { _ = try row.decode("a", as: SQLJSON<[String: Int]>.self) },
                { _ = try row.decode("a", as: SQLJSON<[String: Int]>?.self) },
                { _ = try row.decode(Holder<Holder<Int>>.self) },
            ] {
                let error = #expect(throws: SQLDecodingError.self) { try read() }
                #expect(
                    error?.reason.contains("two keys that Swift takes for equal") == true,
                    "\(String(describing: error))")
            }
        }
        let error = #expect(throws: SQLDecodingError.self) {
            try row(.text("[1,]")).decode("a", as: SQLJSON<[Int]>.self)
        }
        #expect(error?.reason.contains("RFC 8259") == true)
    }

    // MARK: Equality

    @Test func `what holds texts is equal where their bytes are`() {
        func expectDifferent<Value: Hashable>(_ make: (String) -> Value) {
            #expect(make(Self.composed) != make(Self.decomposed), "\(Value.self)")
            #expect(make(Self.composed) == make(Self.composed), "\(Value.self)")
            #expect(Set([make(Self.composed), make(Self.decomposed), make(Self.composed)]).count == 2, "\(Value.self)")
        }
        expectDifferent { SQLQuery(unsafe: "SELECT '\($0)'") }
        expectDifferent { "SELECT \($0)" as SQLQuery }
        expectDifferent { SQLRow(columns: [$0], values: [.null]) }
        expectDifferent { SQLRow(columns: ["a"], values: [.text($0)]) }
        expectDifferent { SQLColumns([$0]) }
        expectDifferent { SQLOrder.ascending($0) }
        expectDifferent { StatementFingerprint("SELECT * FROM \($0)") }
        expectDifferent { Migration(id: 1, name: $0, statements: "") }
        expectDifferent { Migration(id: 1, name: "", statements: "SELECT '\($0)'") }
        expectDifferent { MigrationBatch.Outcome.next(checkpoint: $0) }
        expectDifferent { SQLiteConfiguration(path: $0) }
    }

    @Test(arguments: TestDatabase.available) func `a checkpoint that differs in its spelling is another one`(
        engine: TestDatabase
    ) async throws {
        try await engine.withDatabase { database in
            let batches = Migration.batches(id: 1, name: "b", version: "1") { batch in
                guard let last = batch.checkpoint else { return .next(checkpoint: Self.composed) }
                return last.isExactly(Self.decomposed) ? .finished : .next(checkpoint: Self.decomposed)
            }
            let migrator = try Migrator(namespace: "t", migrations: [batches])
            #expect(try await migrator.migrate(database).count == 1)
        }
    }

    @Test(needsPostgres) func `a role is restored although another one looks alike`() async throws {
        let number = UInt32.random(in: 0 ..< .max)
        let (own, other) = ("cl\u{e9}rk_\(number)", "cle\u{301}rk_\(number)")
        try await withPostgres { database in
            let found = try await database.withWriter { connection in
                try await connection.executeScript(
                    #"BEGIN; CREATE ROLE "\#(own)"; CREATE ROLE "\#(other)"; SET ROLE "\#(own)""#)
                try await MigrationTransaction(connection: connection).keepingOpen {
                    try await connection.executeScript(#"RESET ROLE; SET ROLE "\#(other)""#)
                }
                let role = try await connection.query("SELECT current_user::text")[0].decode(String.self)
                try await connection.executeScript("ROLLBACK")
                return role
            }
            #expect(found.isExactly(own))
        }
    }

    // MARK: Values without a form

    private struct Price: Codable { var amount: Decimal }

    @Test func `a number that JSON has no form for is not stored`() async throws {
        try await withSQLite { database in
            for amount in [Decimal.nan, -Decimal.nan] {
                let query: SQLQuery = "SELECT \(SQLJSON(Price(amount: amount))), \(SQLJSON(["a": [amount]]))"
                #expect(query.defect?.reason.contains("NaN") == true)
                await #expect(throws: SQLQueryError.self) { try await database.query(query) }
            }
            let row = try await database.query("SELECT \(SQLJSON(Price(amount: 1.5))) AS a")[0]
            #expect(try row.decode("a", as: SQLJSON<Price>.self).value.amount == 1.5)
        }
    }
}
