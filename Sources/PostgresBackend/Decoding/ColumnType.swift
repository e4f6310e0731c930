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
        case 1000: self = .array(.bool)
        case 1001: self = .array(.bytes)
        case 1005: self = .array(.integer16)
        case 1007: self = .array(.integer32)
        case 1016: self = .array(.integer64)
        case 1028: self = .array(.oid)
        case 1003, 1009, 1014, 1015: self = .array(.text)
        case 199: self = .array(.json)
        case 3807: self = .array(.jsonb)
        case 1021: self = .array(.float32)
        case 1022: self = .array(.float64)
        case 1231: self = .array(.numeric)
        case 2951: self = .array(.uuid)
        case 1182: self = .array(.date)
        case 1115: self = .array(.timestamp)
        case 1185: self = .array(.timestampWithZone)
        // "char": one byte, which need not be UTF-8. Its text form is.
        case 18: self = .character
        // Arrays of types that are read in their text form: money, time, interval, addresses, bits, geometry, xml …
        case 1002: self = .array(.character)
        case 791, 1183, 1270, 1187, 1041, 651, 1040, 1561, 1563, 1017, 1020, 1018, 719, 1019, 1027, 629, 143, 3643,
            3645, 3644, 3735, 4073, 3905, 3907, 3909, 3911, 3913, 3927, 775, 2949, 2201, 2207, 2208, 2209, 2210, 2211:
            self = .array(.other)
        default: self = .other
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
