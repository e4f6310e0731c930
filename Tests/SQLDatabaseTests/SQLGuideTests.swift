import Foundation
import SQLDatabase
import Testing

/// The examples of Documentation/SQL.md, as they stand there, on both databases.
@Suite struct SQLGuideTests {
    struct Patient: Decodable {
        var id: Int
        var fullName: String
        var born: Date?
    }

    private func createTable(_ database: any SQLClient) async throws {
        try await database.write { connection in
            let (json, list) = connection.dialect == .postgres ? ("jsonb", "text[]") : ("TEXT", "TEXT")
            try await connection.executeScript(
                """
                CREATE TABLE patients (id bigint PRIMARY KEY, full_name text NOT NULL, ward text, born date,
                    discharged date, triage text, address \(json), tags \(list));
                INSERT INTO patients (id, full_name, ward, born) VALUES (1, 'Ada', 'North', '1815-12-10'),
                    (2, 'Alan', 'a', NULL), (3, 'Grace', 'South', '1906-12-09')
                """)
        }
    }

    @Test(arguments: TestDatabase.available) func `the guide's queries do what it says`(engine: TestDatabase)
        async throws
    {
        try await engine.withDatabase { database in
            try await createTable(database)
            let ward = "North"
            let patients = try await database.read { connection in
                try await connection.query("SELECT id, full_name, born FROM patients WHERE ward = \(ward)")
            }.decode(Patient.self, naming: .snakeCase)
            #expect(patients.count == 1)
            #expect(patients[0].born == Date(timeIntervalSince1970: -4_861_728_000))

            func page(search: String?, newest: Bool, limit: Int) async throws -> [Int] {
                var conditions: [SQLQuery] = ["discharged IS NULL"]
                if let search { conditions.append("full_name LIKE \(search + "%") OR ward = \(search)") }
                let order: SQLOrder = newest ? .descending("born", nulls: .last) : .ascending("full_name")
                let query: SQLQuery = """
                    SELECT id FROM patients WHERE \(.all(of: conditions))
                    \(orderBy: [order, .ascending("id")]) LIMIT \(limit)
                    """
                let ids = try await database.read { try await $0.query(query) }.decode(Int.self)
                return ids
            }
            #expect(try await page(search: nil, newest: true, limit: 10) == [3, 1, 2])
            #expect(try await page(search: nil, newest: false, limit: 2) == [1, 2])
            #expect(try await page(search: "a", newest: false, limit: 10).contains(2))
            #expect(try await page(search: "' OR 1 = 1 --", newest: false, limit: 10) == [])

            let ids = [1, 3]
            let found = try await database.read { connection in
                switch connection.dialect {
                case .postgres:
                    try await connection.query("SELECT full_name FROM patients WHERE id = ANY(\(ids))")
                case .sqlite:
                    try await connection.query(
                        "SELECT full_name FROM patients WHERE id IN (SELECT value FROM json_each(\(ids)))")
                }
            }.decode(String.self)
            #expect(Set(found) == ["Ada", "Grace"])
        }
    }

    @Test(arguments: TestDatabase.available) func `the guide's values do what it says`(engine: TestDatabase)
        async throws
    {
        try await engine.withDatabase { database in
            try await createTable(database)
            enum Triage: String, SQLEncodable, SQLDecodable { case immediate, delayed }
            struct Address: Codable { var street: String }

            let (triage, address) = (Triage.delayed, SQLJSON(Address(street: "Main Street 1")))
            try await database.write { connection in
                try await connection.execute(
                    "UPDATE patients SET triage = \(triage), address = \(address), tags = \(["a", "b"]) WHERE id = \(1)"
                )
            }
            let row = try await database.read { connection in
                try await connection.query("SELECT triage, address, tags FROM patients WHERE id = 1")
            }[0]
            let street = try row["address", as: SQLJSON<Address>.self].value.street
            let tags = try row["tags", as: [String].self]
            #expect(street == "Main Street 1")
            #expect(tags == ["a", "b"])
            #expect(try row["triage", as: Triage.self] == .delayed)
        }
    }

    @Test(arguments: TestDatabase.available) func `a query with a defect reaches no engine`(engine: TestDatabase)
        async throws
    {
        try await engine.withDatabase { database in
            let query: SQLQuery = "SELECT 1 AS \(identifier: "")"
            await #expect(throws: (any Error).self) { try await database.read { try await $0.query(query) } }
            // Even its bare text is refused by the server.
            let text = SQLQuery(unsafe: query.sql)
            await #expect(throws: (any Error).self) { try await database.read { try await $0.query(text) } }
        }
    }

    @Test func `the guide's code is the code of these tests`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let source = try String(contentsOf: folder.appendingPathComponent("SQLGuideTests.swift"), encoding: .utf8)
        // Without blanks, as lines break elsewhere in the tests.
        let tested = source.filter { !$0.isWhitespace }
        let page = folder.appendingPathComponent("../../Documentation/SQL.md").standardized
        let guide = try String(contentsOf: page, encoding: .utf8)
        var isCode = false
        for line in guide.components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                isCode = line == "```swift"
                continue
            }
            let code = line.filter { !$0.isWhitespace }
            let opens = code.hasPrefix("import") || code.hasPrefix("letdatabase") || code.contains("shutdown()")
            if isCode, !opens, !code.isEmpty { #expect(tested.contains(code) as Bool, "\(line)") }
        }
    }
}
