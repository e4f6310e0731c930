import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// Statements whose results Python's `sqlite3` is asked for as well, on each path of the driver.
///
/// Decisions that differ from it on purpose: a text without a statement is refused, where Python returns nothing; NaN and
/// text in double quotes are refused, where Python binds NULL and reads a string (see `ValueTests` and `PrivacyTests`).
@Suite("SQLite against Python's sqlite3")
struct OracleTests {
    /// A case as the script writes it.
    private struct Case: Decodable {
        var schema: String?
        var sql: String?
        var parameters: [Value?]?
        var rows: [[Value?]]?
        var columns: [String]?
        var changes: Int?
        var error: Int32?
        var unreadable: Bool?
    }

    private struct Value: Decodable {
        var i: String?
        var r: String?
        var t: String?
        var b: String?

        var sqlValue: SQLValue {
            if let i, let number = Int64(i) { return .integer(number) }
            if let r, let bits = UInt64(r, radix: 16) { return .double(Double(bitPattern: bits)) }
            if let t { return .text(String(decoding: Self.bytes(t), as: UTF8.self)) }
            return .blob(Self.bytes(b ?? ""))
        }

        private static func bytes(_ hex: String) -> [UInt8] {
            let digits = hex.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }

    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"]
        return [named, "/usr/bin/python3", "/usr/local/bin/python3"].compactMap { $0 }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private static func cases(seed: Int) throws -> [Case] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Validators/sqlite_oracle.py").standardizedFileURL
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = [script.path, String(seed)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try text.split(separator: 10).map { try JSONDecoder().decode(Case.self, from: Data($0)) }
    }

    private struct Undo: Error {}

    /// What a path made of a statement.
    private struct Answer: Equatable {
        var rows: [[String]]?
        var columns: [String]?
        var changes: Int?
        var error: Int32?
        var isError = false
    }

    private static func rows(_ rows: [SQLRow]) -> Answer {
        Answer(rows: rows.map { $0.values.map(exact) }, columns: rows.first?.columns)
    }

    /// A value with its type and all its bits.
    private static func exact(_ value: SQLValue) -> String {
        if case .double(let number) = value { return "double \(String(number.bitPattern, radix: 16))" }
        return "\(value)"
    }

    /// Runs a statement within a transaction that is undone.
    private func answer(
        _ database: SQLiteDatabase, _ body: @Sendable (SQLiteConnection) async throws -> Answer
    ) async throws -> Answer {
        let box = Box()
        do {
            try await database.write { connection in
                do { box.answer = try await body(connection) } catch let error as SQLiteError {
                    box.answer = Answer(error: error.resultCode, isError: true)
                }
                throw Undo()
            }
        } catch is Undo {}
        return box.answer
    }

    // Used by one task after the other.
    private final class Box: @unchecked Sendable {
        var answer = Answer()
    }

    @Test(
        "every path gives Python's values, types, columns, counts and error codes",
        .enabled(if: python != nil, "no python3; VITALS_TEST_PYTHON names one"), arguments: 1...3)
    func corpus(seed: Int) async throws {
        let cases = try Self.cases(seed: seed)
        #expect(cases.count > 600)
        try await withDatabase(inMemory: true) { database in
            try await database.run(try #require(cases.first?.schema))
            for item in cases.dropFirst() {
                let sql = try #require(item.sql)
                let parameters = try #require(item.parameters).map { $0?.sqlValue ?? .null }
                let query = statement(sql, parameters)
                let isEmpty = sql.isEmpty || sql.hasPrefix("--")
                let expected = item.rows?.map { $0.map { Self.exact($0?.sqlValue ?? .null) } }
                func compare(_ path: String, _ answer: Answer, rows: Bool = false, changes: Bool = false) {
                    let text = "\(path): \(sql) \(parameters)"
                    if isEmpty || item.error != nil {
                        #expect(answer.isError, "\(text) gives \(answer)")
                        if let code = item.error, code != 0 { #expect(answer.error == code, "\(text)") }
                        return
                    }
                    if item.unreadable == true {
                        // A path that reads no rows does not see that one of them cannot be read.
                        #expect(answer.isError == rows, "\(text)")
                        return
                    }
                    #expect(!answer.isError, "\(text) fails with \(answer.error ?? 0)")
                    if rows { #expect(answer.rows == expected, "\(text)") }
                    if rows, answer.rows?.isEmpty == false { #expect(answer.columns == item.columns, "\(text)") }
                    if changes { #expect(answer.changes == item.changes, "\(text)") }
                }
                for path in ["query", "query again"] {
                    compare(path, try await answer(database) { Self.rows(try await $0.query(query)) }, rows: true)
                }
                compare(
                    "execute", try await answer(database) { Answer(changes: try await $0.execute(query)) },
                    changes: true)
                compare(
                    "session",
                    try await answer(database) { try await $0.withSession { Self.rows(try $0.query(query)) } },
                    rows: true)
                compare(
                    "cursor",
                    try await answer(database) { connection in
                        try await connection.withRows(of: query) { rows in
                            Self.rows(try await rows.reduce(into: []) { $0.append($1) })
                        }
                    }, rows: true)
                compare(
                    "session's cursor",
                    try await answer(database) { connection in
                        try await connection.withSession { session in
                            try session.withRows(of: query) { rows in
                                var read: [SQLRow] = []
                                while let row = try rows.next() { read.append(row) }
                                return Self.rows(read)
                            }
                        }
                    }, rows: true)
                compare(
                    "batch",
                    try await answer(database) { connection in
                        try await connection.withSession {
                            Answer(changes: try $0.execute(sql, each: [parameters]).first)
                        }
                    }, changes: true)
            }
        }
    }
}
