/// The types whose values are read as more than text.
enum ColumnType: Sendable, Hashable {
    case bool, bytes, integer16, integer32, integer64, oid, float32, float64, text, json, jsonb, numeric, uuid, date,
        timestamp, timestampWithZone, void
    /// `"char"`.
    case character
    indirect case array(ColumnType)
    /// Text form only: the type's binary form is not read here.
    case other

    /// The type of an object id of `pg_type`; those of the built-in types never change.
    init(oid: UInt32) {
        switch oid {
        case 16: self = .bool
        case 17: self = .bytes
        case 20: self = .integer64
        case 21: self = .integer16
        case 23: self = .integer32
        case 26: self = .oid
        case 19, 25, 705, 1042, 1043, 142: self = .text
        case 114: self = .json
        case 3802: self = .jsonb
        case 700: self = .float32
        case 701: self = .float64
        case 1700: self = .numeric
        case 2950: self = .uuid
        case 1082: self = .date
        case 1114: self = .timestamp
        case 1184: self = .timestampWithZone
        case 2278: self = .void
        // "char": one byte, which need not be UTF-8. Its text form is.
        case 18: self = .character
        // Arrays of types that are read in their text form: money, time, interval, addresses, bits, geometry, xml …
        default: self = ArrayTypes.elements[oid].map { .array(ColumnType(oid: $0)) } ?? .other
        }
    }

    /// Whether the binary form is read here.
    var readsBinary: Bool {
        switch self {
        case .other, .character, .array(.other), .array(.character): false
        default: true
        }
    }

    /// Days from 1970 to 2000, PostgreSQL's epoch.
    static let epochDays: Int32 = 10_957
    /// Microseconds from 1970 to 2000.
    static let epochMicroseconds: Int64 = 946_684_800_000_000
}
