import SQLDatabase

/// The types that parameters are declared with.
///
/// As in psycopg 3: an integer is of the smallest type that holds it, so that the server's own rules promote it to
/// whatever stands beside it; text is of no declared type, which the server infers from its context.
enum ParameterType {
    static let unknown: UInt32 = 0
    static let text: UInt32 = 25

    /// Whether values of a type are any text, as it is: `text` and `character varying`.
    static func isText(_ type: UInt32) -> Bool { type == text || type == 1043 }

    /// The type of a value.
    @inline(__always)
    static func of(_ value: SQLValue) -> UInt32 {
        switch value {
        case .null, .text: unknown
        case .integer(let value): Int16(exactly: value) != nil ? 21 : Int32(exactly: value) != nil ? 23 : 20
        case .bool: 16
        case .double: 701
        case .decimal: 1700
        case .blob: 17
        case .uuid: 2950
        case .timestamp: 1184
        case .date: 1082
        case .other(_, let type): type
        case .array(let values): array(of: values)
        }
    }

    /// Whether a statement was prepared for values of these types.
    static func match(_ values: [SQLValue], _ statement: PreparedStatement) -> Bool {
        let types = statement.types
        guard values.count == types.count else { return false }
        for index in values.indices {
            let type = of(values[index])
            if type == types[index] { continue }
            // Text was filled in for a value without a type.
            guard type == unknown, types[index] == text, statement.traits.isNullTest(index) else { return false }
        }
        return true
    }

    /// The types of values, with text where nothing else decides.
    static func of(_ values: [SQLValue], _ traits: StatementTraits) -> [UInt32] {
        var types: [UInt32] = []
        types.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            let type = of(value)
            types.append(type == unknown && traits.isNullTest(index) ? text : type)
        }
        return types
    }

    /// The array type of the widest element; unknown for an array without elements.
    private static func array(of values: [SQLValue]) -> UInt32 {
        var widest: UInt32 = unknown
        var hasText = false
        func visit(_ values: [SQLValue]) {
            for value in values {
                switch value {
                case .array(let inner): visit(inner)
                case .null: break
                case .text: hasText = true
                default: widest = wider(widest, of(value))
                }
            }
        }
        visit(values)
        if hasText { return 1009 }
        // Operators between arrays of different element types do not exist, and columns of smallint[] are rare.
        return arrayTypes[widest == 21 ? 23 : widest] ?? unknown
    }

    private static func wider(_ one: UInt32, _ other: UInt32) -> UInt32 {
        guard let first = ranks[one], let second = ranks[other] else { return one == unknown ? other : one }
        return second > first ? other : one
    }

    /// Types that an array may mix, from narrow to wide.
    private static let ranks: [UInt32: Int] = [21: 0, 23: 1, 20: 2, 1700: 3, 701: 4]

    /// The array types of element types (`pg_type.typarray`; those of built-in types never change).
    static let arrayTypes: [UInt32: UInt32] = [
        16: 1000, 17: 1001, 21: 1005, 23: 1007, 20: 1016, 26: 1028, 700: 1021, 701: 1022, 25: 1009, 1043: 1015,
        1042: 1014, 114: 199, 3802: 3807, 1700: 1231, 2950: 2951, 1082: 1182, 1083: 1183, 1266: 1270, 1114: 1115,
        1184: 1185, 1186: 1187, 869: 1041, 650: 651, 829: 1040, 790: 791, 1560: 1561, 1562: 1563, 600: 1017, 142: 143,
    ]
}
