import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Errors, descriptions of rows and command tags that are cut off or changed.
@Suite("Malformed descriptions") struct DescriptionMutationTests {
    private static let fields: [(Character, String)] = [
        ("S", "FEHLER"), ("V", "ERROR"), ("C", "23505"), ("M", "doppelter Schlüsselwert"), ("D", "Key (id)=(7)"),
        ("s", "public"), ("t", "wards"), ("n", "wards_pkey"), ("P", "17"), ("R", "_bt_check_unique"),
    ]

    private static let errorBody: [UInt8] =
        fields.flatMap { [$0.0.asciiValue ?? 0] + cString($0.1) } + [0]

    @Test func `an error that is cut off has whole fields only`() {
        for count in 0...Self.errorBody.count {
            Array(Self.errorBody.prefix(count)).withUnsafeBytes { body in
                let fields = ErrorFields(body)
                var isMissing = false
                for (code, text) in Self.fields {
                    let value = fields[code]
                    #expect(value == nil || value == text)
                    // In their order: none after a missing one.
                    #expect(!isMissing || value == nil)
                    if value == nil { isMissing = true }
                }
                #expect(!fields.error.message.isEmpty)
            }
        }
    }

    @Test(arguments: 0..<50) func `a changed error is read without a trap`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            mutated(Self.errorBody, &random).withUnsafeBytes { body in
                #expect(!ErrorFields(body).error.description.isEmpty)
            }
        }
    }

    private static func description(_ columns: [(String, UInt32, Int16)]) -> [UInt8] {
        bigEndian(UInt16(columns.count))
            + columns.flatMap { name, oid, format in
                cString(name) + bytes6 + bigEndian(oid) + bytes6 + bigEndian(format)
            }
    }

    private static let bytes6: [UInt8] = [0, 0, 64, 5, 0, 2]

    @Test func `a description is read whole or not at all`() throws {
        let body = Self.description([("id", 23, 1), ("", 25, 0), ("Größe", 1700, 1)])
        let whole = try #require(body.withUnsafeBytes { RowDescription($0) })
        #expect(whole.names == ["id", "", "Größe"])
        #expect(whole.columns.map(\.typeOID) == [23, 25, 1700])
        #expect(whole.columns.map(\.isBinary) == [true, false, true])
        for count in 0..<body.count {
            #expect(Array(body.prefix(count)).withUnsafeBytes { RowDescription($0) == nil }, "\(count) bytes")
        }
        // More bytes than the columns take.
        #expect((body + [0]).withUnsafeBytes { RowDescription($0) == nil })
    }

    @Test(arguments: 0..<50) func `a changed description is read without a trap`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let body = Self.description([("id", 23, 1), ("name", 25, 0), ("tags", 1009, 1)])
        for _ in 0..<200 {
            let other = mutated(body, &random)
            other.withUnsafeBytes { raw in
                guard let description = RowDescription(raw) else { return }
                #expect(description.names.count == description.columns.count)
                #expect(description.isDescribed(by: raw))
                #expect(description.preferredFormats.count == description.columns.count)
            }
        }
    }

    @Test(arguments: [
        ("INSERT 0 3", 3), ("SELECT 0", 0), ("BEGIN", 0), ("", 0), ("COPY 9223372036854775807", Int.max),
        ("SELECT 18446744073709551615", .max), ("UPDATE 99999999999999999999999999999999999999999", .max),
        ("DELETE 00000000000000000000000000000000007", 7), ("VACUUM -1", 1),
    ])
    func `the number of a tag is read, and never overflows`(_ tag: String, _ count: Int) throws {
        #expect(try PostgresResult(RowStore(), nil, commandTag: tag).count == count)
    }

    /// Feeds an exchange messages of random types and bodies until it ends.
    private func feed(_ exchange: Exchange, _ random: inout SplitMix64) throws {
        let view = SessionView(
            isInTransaction: false, isPooled: false, isInScope: false, isReadOnly: false, isInReadOnlyScope: false,
            statements: StatementCache(capacity: 8, byteLimit: 1 << 16),
            hasStandardStrings: true, serverVersion: 160_000)
        let output = OutputBuffer()
        try exchange.encode(output, view)
        let types = Array("12CDEGHINSTZcdnstt".utf8) + [UInt8.random(in: 0...255, using: &random)]
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            var body = bytes(Int.random(in: 0...12, using: &random), &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: body = mutated(Self.description([("a", 23, 0)]), &random)
            case 1: body = bigEndian(Int16(1)) + bigEndian(Int32(1)) + [55]
            case 2: body = cString("SELECT 1")
            default: break
            }
            let type = types.randomElement(using: &random) ?? 0
            let progress = body.withUnsafeBytes { raw in
                type == UInt8(ascii: "E")
                    ? exchange.receive(ErrorFields(raw).error, output)
                    : exchange.receive(InputBuffer.Message(type: type, body: raw), output)
            }
            switch progress {
            case .more: break
            case .pause: exchange.proceed(output)
            case .over, .broken: return
            }
        }
    }

    /// What a statement's task is told.
    private static func ending(of exchange: StatementExchange, _ index: Int) -> String {
        "\(Result { () throws(PostgresError) in try exchange.result(index) })"
    }

    @Test(arguments: 0..<100) func `exchanges take messages in any order without a trap`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<30 {
            let queries: [SQLQuery] = ["SELECT 1", "SELECT \(1)", "SELECT 1"]
            let single = StatementExchange([queries[1]], keeps: true)
            try feed(single, &random)
            #expect(Self.ending(of: single, 0) == Self.ending(of: single, 0))
            let several = StatementExchange(queries, keeps: Bool.random(using: &random), grouping: .separate)
            try feed(several, &random)
            for index in queries.indices { #expect(Self.ending(of: several, index) == Self.ending(of: several, index)) }
            try feed(ScriptExchange("SELECT 1; SELECT 2", isInternal: false), &random)
        }
    }
}
