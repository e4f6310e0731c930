import Foundation
import SQLDatabase

/// Builds a query from text; the only place of the corpora that does.
func corpusQuery(_ sql: String, _ parameters: [SQLValue] = []) -> SQLQuery { SQLQuery(unsafe: sql, parameters) }

/// One statement with its parameters and what psycopg returned for it: a line of `postgres_oracle.py`.
struct OracleCase: Decodable, Sendable {
    /// The area and a number in it, or a name.
    let id: String
    /// The statement with placeholders `$1` onwards.
    let sql: String
    let parameters: [OracleValue]
    /// Statements that run before it in the same transaction.
    let setup: [String]
    /// Whether it runs in a transaction that is rolled back.
    let writes: Bool
    /// Whether it gives something else inside a transaction.
    let outside: Bool
    /// What psycopg returned.
    let first: Outcome
    /// What psycopg returned for the same statement right after it.
    let again: Outcome
    /// What psycopg returned with the parameter types of the driver, where they differ and change the outcome.
    let decided: Decided?

    /// Outcomes for parameters declared by some of ``OracleRule``.
    struct Decided: Decodable, Sendable {
        let rules: [OracleRule]
        let first: Outcome
        let again: Outcome
    }

    struct Column: Decodable, Sendable {
        let name: String
        let oid: UInt32
    }

    /// A result, or an error.
    struct Outcome: Decodable, Sendable {
        let columns: [Column]?
        let rows: [[OracleValue]]?
        let count: Int?
        /// The SQLSTATE; empty where psycopg refused the statement itself.
        let error: String?
    }

    /// The statement as the driver takes it.
    var query: SQLQuery { corpusQuery(sql, parameters.map(\.sqlValue)) }

    /// Reads the lines of a file.
    static func read(_ path: String) throws -> [OracleCase] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: UInt8(ascii: "\n")).map {
            try decoder.decode(OracleCase.self, from: $0)
        }
    }
}

/// A value as typed JSON: `{"t": type, "v": text}`, bytes in base64, or `{"t": "array", "e": [values]}`.
struct OracleValue: Decodable, Sendable {
    /// `null`, `bool`, `int`, `float`, `decimal`, `text`, `bytes`, `uuid`, `date`, `timestamp`, `array` or `other`.
    let t: String
    let v: String?
    let e: [OracleValue]?
    let oid: UInt32?

    private var text: String { v ?? "" }

    /// The value as a parameter. An integer beyond 64 bits is a decimal.
    var sqlValue: SQLValue {
        switch t {
        case "bool": .bool(text == "true")
        case "int": Int64(text).map { .integer($0) } ?? .decimal(text)
        case "float": .double(Double(text) ?? .nan)
        case "decimal": .decimal(text)
        case "text": .text(text)
        case "bytes": .blob(Self.bytes(text))
        case "uuid": UUID(uuidString: text).map { .uuid($0) } ?? .null
        case "date": .date(days: Int32(text) ?? 0)
        case "timestamp": .timestamp(microseconds: Int64(text) ?? 0)
        case "array": .array((e ?? []).map(\.sqlValue))
        default: .null
        }
    }

    /// Whether a value of a result is this one, of the same type. Text is compared by its bytes: letters that only
    /// look the same differ.
    func matches(_ value: SQLValue) -> Bool {
        switch value {
        case .null: t == "null"
        case .bool(let value): t == "bool" && text == (value ? "true" : "false")
        case .integer(let value): t == "int" && text == String(value)
        case .double(let value): t == "float" && Double(text).map { Self.isSame($0, value) } == true
        case .text(let value): t == "text" && text.utf8.elementsEqual(value.utf8)
        case .blob(let value): t == "bytes" && Self.bytes(text) == value
        case .uuid(let value): t == "uuid" && text == value.uuidString.lowercased()
        case .timestamp(.max), .date(.max): (t == "timestamp" || t == "date") && text == "infinity"
        case .timestamp(.min), .date(.min): (t == "timestamp" || t == "date") && text == "-infinity"
        case .timestamp(let value): t == "timestamp" && text == String(value)
        case .date(let value): t == "date" && text == String(value)
        case .decimal(let value): t == "decimal" && text == value
        case .array(let values):
            t == "array" && e?.count == values.count && zip(e ?? [], values).allSatisfy { $0.matches($1) }
        case .other(let value, let type): t == "other" && text.utf8.elementsEqual(value.utf8) && oid == type
        }
    }

    private static func isSame(_ a: Double, _ b: Double) -> Bool { a.isNaN && b.isNaN || a.bitPattern == b.bitPattern }

    private static func bytes(_ text: String) -> [UInt8] { Data(base64Encoded: text).map { [UInt8]($0) } ?? [] }
}

extension OracleValue: CustomStringConvertible {
    var description: String {
        if let e { return "array [\(e.map(\.description).joined(separator: ", "))]" }
        return t == "null" ? t : t == "other" ? "\(t) \(oid ?? 0) '\(text)'" : "\(t) '\(text)'"
    }

    /// The type and value of a driver's value, in the words of the typed JSON.
    static func describe(_ value: SQLValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "bool '\(value)'"
        case .integer(let value): "int '\(value)'"
        case .double(let value): "float '\(value)'"
        case .text(let value): "text '\(value)'"
        case .blob(let value): "bytes '\(Data(value).base64EncodedString())'"
        case .uuid(let value): "uuid '\(value.uuidString.lowercased())'"
        case .timestamp(let value): "timestamp '\(value)'"
        case .date(let value): "date '\(value)'"
        case .decimal(let value): "decimal '\(value)'"
        case .array(let values): "array [\(values.map { describe($0) }.joined(separator: ", "))]"
        case .other(let value, let type): "other \(type) '\(value)'"
        }
    }
}
