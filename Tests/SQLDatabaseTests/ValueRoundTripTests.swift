import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// Values at the edges of each type: each comes back as it went in, or is refused. It is never another value.
@Suite struct ValueRoundTripTests {
    enum Triage: String, SQLEncodable, SQLDecodable, CaseIterable { case immediate, delayed }
    enum Ward: Int16, SQLEncodable, SQLDecodable, CaseIterable { case north = -1, south = 32_767 }
    struct Address: Codable, Equatable {
        var street: String
        var since: Date?
        var tags: [String: [Double]]
    }

    /// A value with the PostgreSQL type that it is cast to.
    private struct Case: Sendable {
        let name: String
        let postgresType: String
        let encoded: @Sendable () throws -> SQLValue
        /// `nil` where the value is refused, otherwise whether it is the one that went in.
        let isSame: @Sendable (SQLValue) -> Bool?
    }

    private static func cases<Value: SQLEncodable & SQLDecodable & Sendable>(
        _ values: [Value], _ type: String, _ isSame: @escaping @Sendable (Value, Value) -> Bool
    ) -> [Case] {
        values.enumerated().map { index, value in
            Case(
                name: "\(Value.self) #\(index)", postgresType: type, encoded: { try value.sqlValue },
                isSame: { Value.decode($0).map { isSame($0, value) } })
        }
    }

    private static func cases<Value: SQLEncodable & SQLDecodable & Sendable & Equatable>(
        _ values: [Value], _ type: String
    ) -> [Case] {
        cases(values, type) { $0 == $1 }
    }

    private static func integers<Value: FixedWidthInteger & SQLEncodable & SQLDecodable & Sendable>(
        _ type: Value.Type, _ postgres: String
    ) -> [Case] {
        cases([0, 1, 100, .min, .min + 1, .max, .max - 1] as [Value], postgres)
    }

    private static let strings = [
        "", " ", "NULL", "{}", "{ok}", "[1]", "'; DROP TABLE t --", "\"", "\\", "\\x41", "$1", "\u{1}\n\r\t",
        "e\u{301}", "é",
        "🩺👩‍⚕️", "\u{202E}abc", "2026-02-31", "infinity", "1", "true", String(repeating: "x", count: 100_000),
    ]
    private static let decimals = [
        "0", "-0", "1", "-1.5", "12345678901234567890123456789012345678", "0.00000000000000000000000000000000000001",
        "340282366920938463463374607431768211455", "-340282366920938463463374607431768211455", "1e100", "-1e127",
        "1e-128",
        "0.1", "99999999999999999999999999999999999999", "100000000000000000000000000000000000000000",
    ].compactMap { Decimal(string: $0) }
    private static let seconds: [Double] = [
        0, -1, 0.000001, -0.000001, 1e9, 1_717_225_200.123456, -62_135_596_800, -62_167_219_200, 253_402_300_799,
        -12_219_292_800, 951_782_400, 4_107_542_400,
    ]

    private static let cases: [Case] =
        cases([true, false], "bool")
        + integers(Int8.self, "int2") + integers(Int16.self, "int2") + integers(Int32.self, "int4")
        + integers(Int64.self, "int8") + integers(Int.self, "int8") + integers(UInt8.self, "int2")
        + integers(UInt16.self, "int4") + integers(UInt32.self, "int8") + integers(UInt64.self, "numeric")
        + integers(UInt.self, "numeric") + integers(Int128.self, "numeric") + integers(UInt128.self, "numeric")
        + cases(
            [
                0, -0.0, 1.5, 0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -.leastNormalMagnitude, .infinity,
                -.infinity, .nan, 1e22,
            ] as [Double], "float8"
        ) { $0 == $1 || $0.isNaN && $1.isNaN }
        + cases(
            [
                0, -0.0, 1.5, 0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity, .nan,
                16_777_216,
            ]
                as [Float], "float4"
        ) { $0 == $1 || $0.isNaN && $1.isNaN }
        + cases(strings, "text") { Array($0.utf8) == Array($1.utf8) }
        + cases([[], [0], [0, 255, 39, 92], Array(0...255)] as [[UInt8]], "bytea")
        + cases([Data(), Data([0, 255])], "bytea")
        + cases([UUID(), UUID(uuidString: "00000000-0000-0000-0000-000000000000") ?? UUID()], "uuid")
        + cases(
            ["https://example.org/ä?q=%20#f", "relative/path", "mailto:a@b.c", "file:///a%00b"].compactMap {
                URL(string: $0)
            }, "text")
        + cases(decimals, "numeric") + cases([Decimal.nan], "numeric") { $0.isNaN && $1.isNaN }
        + cases(
            seconds.map { Date(timeIntervalSince1970: $0) } + [
                .distantPast, .distantFuture, Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: .nan),
                Date(timeIntervalSince1970: 9.3e12), Date(timeIntervalSince1970: -9_223_372_036_854.775808),
            ], "timestamptz")
        + cases(
            [
                SQLInterval(), SQLInterval(months: 14, days: -3, microseconds: 14_706_700_000),
                SQLInterval(months: -14, days: 3, microseconds: -1), SQLInterval(months: .max, days: .max),
                SQLInterval(months: -.max, days: .min, microseconds: .max),
                SQLInterval(microseconds: .min + 1), SQLInterval(months: 1, microseconds: 59_999_999),
            ], "interval")
        + cases([.zero, .seconds(-1), .microseconds(1), .seconds(90_061)] as [Duration], "interval")
        + cases(
            [0, 1, 59_999_999, 86_399_999_999, 86_400_000_000].compactMap { SQLTime(microseconds: $0) }, "time")
        + cases(Triage.allCases, "text") + cases(Ward.allCases, "int2")
        + cases([nil, 5] as [Int?], "int8") + cases([nil, "", "x"] as [String?], "text")
        + cases([[], [1, 2, .max, .min]] as [[Int]], "int8[]") + cases([[nil, 1, nil]] as [[Int32?]], "int4[]")
        + cases([[], strings.dropLast() + ["a,b", "{a,b}", "a\"b", "NULL", "null"]] as [[String]], "text[]")
        + cases([[[1, 2], [3, 4]]] as [[[Int]]], "int8[]") + cases([[[], [0], [1, 2]]] as [[[UInt8]]], "bytea[]")
        + cases([[0.1, .infinity, -0.0, -.infinity, 1e300]] as [[Double]], "float8[]")
        + cases([[.nan]] as [[Double]], "float8[]") { $0[0].isNaN && $1[0].isNaN }
        + cases([[true, false]] as [[Bool]], "bool[]") + cases([decimals], "numeric[]")
        + cases([[UUID(), UUID()]], "uuid[]")
        + cases([seconds.map { Date(timeIntervalSince1970: $0) }], "timestamptz[]")
        + cases([Triage.allCases], "text[]") + cases([[SQLTime(hour: 1, minute: 2), nil]], "time[]")
        + cases(
            [
                SQLJSON(
                    Address(
                        street: "a \"b\" 'c' \\ 🩺", since: Date(timeIntervalSince1970: 1.25), tags: ["x": [1, 0.1]]))
            ], "jsonb")
        + cases([SQLJSON([1, 2]), SQLJSON([])], "jsonb") + cases([SQLJSON("text"), SQLJSON("")], "jsonb")

    @Test func `a value reads as it was encoded, and as an engine without its type stores it`() {
        for item in Self.cases {
            guard let value = try? item.encoded() else { continue }
            #expect(item.isSame(value) == true, "\(item.name)")
            // Bytes inside arrays have no JSON form that reads back, and NaN is null in JSON.
            #expect(item.isSame(value.basic) != false, "\(item.name)")
        }
        #expect(Self.cases.count > 190)
    }

    @Test(arguments: TestDatabase.available) func `a value comes back from the engine as it went in, or is refused`(
        engine: TestDatabase
    ) async throws {
        try await engine.withDatabase { database in
            var refused: [String] = []
            for item in Self.cases {
                guard let value = try? item.encoded() else { continue }
                let cast = engine == .postgres ? "::\(item.postgresType)" : ""
                let query: SQLQuery = "SELECT \(value)\(unsafe: cast) AS v"
                for _ in 0..<2 {
                    guard let row = try? await database.fetch(query) else {
                        refused.append(item.name)
                        continue
                    }
                    let same = item.isSame(row.values[0])
                    #expect(same != false, "\(item.name) on \(engine)")
                    if same == nil { refused.append(item.name) }
                }
            }
            // What an engine cannot store is an error: on SQLite NaN, integers beyond 64 bits and decimals of more than 15
            // digits, within JSON bytes as well.
            let expected: Set<String> =
                switch engine {
                case .postgres: []
                case .sqlite:
                    [
                        "Array<Array<UInt8>> #0", "Array<Double> #0", "Array<Decimal> #0", "Decimal #0", "Decimal #4",
                        "Decimal #6", "Decimal #7", "Decimal #12", "Double #9", "Float #8", "UInt #5",
                        "UInt #6", "UInt64 #5", "UInt64 #6",
                        "Int128 #3", "Int128 #4", "Int128 #5", "Int128 #6", "UInt128 #5", "UInt128 #6",
                    ]
                }
            #expect(Set(refused).subtracting(expected).isEmpty)
        }
    }

    @Test func `an array is JSON that SQLite reads`() async throws {
        try await TestDatabase.sqlite.withDatabase { database in
            var arrays = 0
            for item in Self.cases {
                guard case .array(let values)? = try? item.encoded() else { continue }
                arrays += 1
                let array = SQLValue.array(values)
                // Bytes, NaN and long decimals have no form in JSON.
                guard let row = try? await database.fetch("SELECT json_valid(\(array)), json_array_length(\(array))")
                else {
                    let refused = ["Array<Array<UInt8>> #0", "Array<Double> #0", "Array<Decimal> #0"]
                    #expect(refused.contains(item.name))
                    continue
                }
                let (isValid, count) = try row.decode(Bool.self, Int.self)
                #expect(isValid, "\(item.name)")
                #expect(count == values.count, "\(item.name)")
            }
            #expect(arrays >= 15)
            // Text of any kind comes back from json_each as it went in.
            let query: SQLQuery = "SELECT value FROM json_each(\(Self.strings))"
            let texts = try await database.read { try await $0.query(query) }.decode(String.self)
            #expect(texts.map { Array($0.utf8) } == Self.strings.map { Array($0.utf8) })
        }
    }

    @Test(arguments: TestDatabase.available) func `rows of VALUES are stored and sorted as asked`(engine: TestDatabase)
        async throws
    {
        try await engine.withDatabase { database in
            let rows: [[any SQLEncodable & Sendable]] = [[1, "b", nil as Double?], [2, "a", 0.5], [3, "a", 1.5]]
            let columns = SQLQuery.joined(["n", "Wo\"rd", "x"].map { "\(identifier: $0)" })
            let order: [SQLOrder] = [.ascending("Wo\"rd"), .descending("x", nulls: .first)]
            try await database.write { connection in
                try await connection.executeScript(#"CREATE TABLE t (n bigint, "Wo""rd" text, x double precision)"#)
                #expect(try await connection.execute("INSERT INTO t (\(columns)) \(values: rows)") == 3)
            }
            let query: SQLQuery = "SELECT n FROM t WHERE \(.any(of: ["n > \(1)", "x IS NULL"])) \(orderBy: order)"
            let numbers = try await database.read { try await $0.query(query) }.decode(Int.self)
            #expect(numbers == [3, 2, 1])
            let none: SQLQuery = "SELECT n FROM t WHERE \(.any(of: []))"
            #expect(try await database.read { try await $0.query(none) }.isEmpty)
        }
    }
}

extension SQLClient {
    fileprivate func fetch(_ query: SQLQuery) async throws -> SQLRow {
        try await read { try await $0.query(query) }[0]
    }
}

/// Values of PostgreSQL's own making, read as what they are or refused.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct PostgresValueTests {
    @Test func `what only the server makes reads as its type, or is refused`() async throws {
        try await TestDatabase.postgres.withDatabase { database in
            try await database.write {
                try await $0.executeScript("CREATE TYPE mood AS ENUM ('ok', 'not ok', '{x}')")
            }
            let query: SQLQuery = """
                SELECT ARRAY['ok', 'not ok', NULL, '{x}']::mood[] AS moods, '{ok}'::text AS text, 'ok'::mood AS mood,
                    (SELECT sum(n) FROM (VALUES (40::bigint), (2)) AS v (n)) AS sum,
                    12345678901234567890123456789012345678901234567890::numeric AS long, 'infinity'::timestamptz AS never,
                    '-infinity'::date AS always, ARRAY['1 day 02:00'::interval] AS spans, '23:59:60'::time AS late,
                    ARRAY['10.0.0.1'::inet] AS hosts, '1 year 2 mons -3 days'::interval AS span, '01:00'::interval AS hour,
                    '{"a": [1]}'::json AS json, '{[1,3),[5,7)}'::int4multirange AS ranges, 0.5::numeric AS half
                """
            for _ in 0..<3 {
                let row = try await database.read { try await $0.query(query) }[0]
                #expect(try row["moods", as: [String?].self] == ["ok", "not ok", nil, "{x}"])
                #expect(throws: SQLDecodingError.self) { try row["text", as: [String].self] }
                #expect(try row["mood", as: String.self] == "ok")
                #expect(try row["sum", as: Int.self] == 42)
                #expect(throws: SQLDecodingError.self) { try row["half", as: Int.self] }
                #expect(throws: SQLDecodingError.self) { try row["long", as: Decimal.self] }
                #expect(try row["long", as: String.self].count == 50)
                #expect(throws: SQLDecodingError.self) { try row["never", as: Date.self] }
                #expect(throws: SQLDecodingError.self) { try row["always", as: Date?.self] }
                #expect(try row["spans", as: [SQLInterval].self] == [SQLInterval(days: 1, microseconds: 7_200_000_000)])
                #expect(try row["late", as: SQLTime.self].hour == 24)
                #expect(try row["hosts", as: [String].self] == ["10.0.0.1"])
                #expect(try row["span", as: SQLInterval.self] == SQLInterval(months: 14, days: -3))
                #expect(throws: SQLDecodingError.self) { try row["span", as: Duration.self] }
                #expect(try row["hour", as: Duration.self] == .seconds(3600))
                #expect(try row["json", as: SQLJSON<[String: [Int]]>.self].value == ["a": [1]])
                #expect(throws: SQLDecodingError.self) { try row["ranges", as: [String].self] }
            }
        }
    }

    @Test func `every interval that PostgreSQL writes reads as its parts`() async throws {
        var random = SplitMix64(seed: 20)
        func number(_ limit: Int64) -> Int64 {
            let bits = Int64(bitPattern: random.next()) >> Int64(random.next() % 60)
            return random.next() % 3 == 0 ? 0 : bits % limit
        }
        let intervals = (0..<2_000).map { _ in
            SQLInterval(
                months: Int32(number(2_000_000_000)), days: Int32(number(2_000_000_000)),
                microseconds: number(9_000_000_000_000_000_000))
        }
        try await TestDatabase.postgres.withDatabase { database in
            let rows = try await database.read {
                try await $0.query(
                    """
                    SELECT i, (extract(year FROM i) * 12 + extract(month FROM i))::bigint AS months,
                        extract(day FROM i)::bigint AS days,
                        ((extract(hour FROM i) * 60 + extract(minute FROM i)) * 60000000 + extract(microsecond FROM i))::bigint
                            AS microseconds, i::text AS text
                    FROM unnest(\(intervals)) WITH ORDINALITY AS u (i, n) ORDER BY n
                    """)
            }
            for (row, interval) in zip(rows, intervals) {
                #expect(try row["i", as: SQLInterval.self] == interval)
                #expect(try row["text", as: SQLInterval.self] == interval)
                #expect(try row["months", as: Int32.self] == interval.months)
                #expect(try row["days", as: Int32.self] == interval.days)
                #expect(try row["microseconds", as: Int64.self] == interval.microseconds)
            }
            #expect(rows.count == intervals.count)
        }
    }
}
