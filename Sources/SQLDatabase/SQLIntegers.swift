extension SQLEncodable where Self: FixedWidthInteger {
    /// An integer; a decimal beyond the range of 64 bits with a sign.
    public var sqlValue: SQLValue { Int64(exactly: self).map { .integer($0) } ?? .decimal(String(self)) }
}

extension SQLDecodable where Self: FixedWidthInteger {
    /// Reads an integer, a decimal or a double that is whole and fits the type.
    public static func decode(_ value: SQLValue) -> Self? {
        switch value {
        case .integer(let value): Self(exactly: value)
        case .double(let value): Self(exactly: value)
        case .decimal(let digits): DecimalText(digits)?.integer()
        default: nil
        }
    }
}

extension Int: SQLEncodable, SQLDecodable {}
extension Int8: SQLEncodable, SQLDecodable {}
extension Int16: SQLEncodable, SQLDecodable {}
extension Int32: SQLEncodable, SQLDecodable {}
extension Int64: SQLEncodable, SQLDecodable {}
extension Int128: SQLEncodable, SQLDecodable {}
extension UInt: SQLEncodable, SQLDecodable {}
extension UInt8: SQLEncodable, SQLDecodable {}
extension UInt16: SQLEncodable, SQLDecodable {}
extension UInt32: SQLEncodable, SQLDecodable {}
extension UInt64: SQLEncodable, SQLDecodable {}
extension UInt128: SQLEncodable, SQLDecodable {}
