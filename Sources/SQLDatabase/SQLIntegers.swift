extension SQLEncodable where Self: FixedWidthInteger {
    /// An integer; a decimal beyond the range of 64 bits with a sign.
    public var sqlValue: SQLValue { Int64(exactly: self).map { .integer($0) } ?? .decimal(String(self)) }
}

extension SQLDecodable where Self: FixedWidthInteger {
    /// Reads an integer, a decimal or a double that is whole and fits the type. A type that holds more than 64 bits with a
    /// sign also reads its digits in text, the form in which SQLite keeps such numbers.
    public static func decode(_ value: SQLValue) -> Self? {
        switch value {
        case .integer(let value): Self(exactly: value)
        case .double(let value): Self(exactly: value)
        case .decimal(let digits): DecimalText(digits)?.integer()
        case .text(let digits) where Int64(exactly: Self.max) == nil: digits.isInteger ? Self(digits) : nil
        default: nil
        }
    }
}

extension String {
    /// Whether there is nothing but digits, after a minus sign or none.
    fileprivate var isInteger: Bool {
        let digits = utf8.first == UInt8(ascii: "-") ? utf8.dropFirst() : utf8[...]
        return !digits.isEmpty && digits.allSatisfy { (48...57).contains($0) }
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
