#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A value that goes into a query or comes out of a row.
///
/// Both engines know the first six cases. PostgreSQL also returns the others as what they are; an engine that does
/// not know one binds its ``basic`` form. Texts are equal when their bytes are, as for the engines: two spellings of “é”
/// are two values.
public enum SQLValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
    /// A universally unique identifier.
    case uuid(UUID)
    /// A moment, as microseconds since 1970-01-01T00:00:00Z. The ends of the range are PostgreSQL's `infinity` and
    /// `-infinity`.
    case timestamp(microseconds: Int64)
    /// A day of the calendar, as days since 1970-01-01. The ends of the range are PostgreSQL's `infinity` and
    /// `-infinity`.
    case date(days: Int32)
    /// A decimal number of any precision, in digits: `-12.50`.
    case decimal(String)
    /// An array, for PostgreSQL's `unnest` and `= ANY(…)`.
    indirect case array([SQLValue])
    /// A value of a type that has no case of its own, in the server's text form, with the type's object identifier
    /// (`pg_type.oid`): an interval, an address, a value of an enum. SQLite neither returns nor tells them apart.
    case other(text: String, typeOID: UInt32)
}

extension SQLValue {
    /// Whether both are the same case with the same content, texts byte by byte.
    public static func == (a: SQLValue, b: SQLValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.text(let a), .text(let b)), (.decimal(let a), .decimal(let b)): a.isExactly(b)
        case (.blob(let a), .blob(let b)): a == b
        case (.uuid(let a), .uuid(let b)): a == b
        case (.timestamp(let a), .timestamp(let b)): a == b
        case (.date(let a), .date(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.other(let a, let typeA), .other(let b, let typeB)): typeA == typeB && a.isExactly(b)
        default: false
        }
    }

    /// Hashes the content, texts byte by byte.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .text(let value), .decimal(let value), .other(let value, _): hasher.combine(ExactText(value))
        case .blob(let value): hasher.combine(value)
        case .uuid(let value): hasher.combine(value)
        case .timestamp(let value): hasher.combine(value)
        case .date(let value): hasher.combine(value)
        case .array(let value): hasher.combine(value)
        }
    }
}

/// A type that can be bound to a query.
///
/// An enumeration with a raw value needs the conformance alone: `enum Triage: String, SQLEncodable, SQLDecodable`.
public protocol SQLEncodable {
    /// The value as it is bound.
    /// - Throws: ``SQLQueryError`` when the value has no form that a database can store, such as a moment beyond the
    ///   range of timestamps. Never describes the value.
    var sqlValue: SQLValue { get throws(SQLQueryError) }
}

/// A type that can be read from a column.
public protocol SQLDecodable {
    /// Returns the value read; `nil` when it does not have the type or does not fit it exactly. NULL only reaches an
    /// `Optional`.
    static func decode(_ value: SQLValue) -> Self?
}

extension SQLValue: SQLEncodable {
    /// The value itself.
    public var sqlValue: SQLValue { self }
}

extension SQLValue: SQLDecodable {
    /// The value itself.
    public static func decode(_ value: SQLValue) -> SQLValue? { value }
}

extension SQLValue {
    /// The value in one of the six cases that every engine knows: a UUID in lower case, a moment as
    /// `2026-01-31T12:00:00.000000Z`, a day as `2026-01-31`, PostgreSQL's infinite moments and days as `infinity` and
    /// `-infinity`, a decimal as its digits, an array as JSON, all text.
    public var basic: SQLValue {
        switch self {
        case .null, .bool, .integer, .double, .text, .blob: self
        case .uuid(let value): .text(value.uuidString.lowercased())
        case .timestamp(.max), .date(.max): .text("infinity")
        case .timestamp(.min), .date(.min): .text("-infinity")
        case .timestamp(let microseconds): .text(CalendarText.timestamp(microseconds))
        case .date(let days): .text(CalendarText.date(days))
        case .decimal(let digits): .text(digits)
        case .other(let text, _): .text(text)
        case .array(let values): .text(JSONText.array(values))
        }
    }
}
