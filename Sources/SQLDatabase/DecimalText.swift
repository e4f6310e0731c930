/// A decimal number in digits, taken apart: `-12.50` is 1250 with two places, and a sign.
struct DecimalText: Equatable {
    let isNegative: Bool
    /// The significant digits, without zeros at either end; empty for zero.
    let digits: [UInt8]
    /// The power of ten by which the digits, read as an integer, are multiplied.
    let exponent: Int

    /// Takes digits apart; `nil` where the whole text is not a number: an optional sign, digits with an optional point,
    /// and an optional exponent.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        var cursor = 0
        isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { cursor = 1 }
        var digits: [UInt8] = []
        var places = 0
        var hasPoint = false
        let start = cursor
        while cursor < bytes.count {
            if SQLLexer.isDigit(bytes[cursor]) {
                digits.append(bytes[cursor])
                if hasPoint { places += 1 }
            } else if bytes[cursor] == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            cursor += 1
        }
        guard !digits.isEmpty, cursor > start else { return nil }
        var exponent = -places
        if cursor < bytes.count {
            guard bytes[cursor] | 0x20 == UInt8(ascii: "e"),
                let power = Int(String(decoding: bytes[(cursor + 1)...], as: UTF8.self)), abs(power) < 1 << 20
            else { return nil }
            exponent += power
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        self.exponent = self.digits.isEmpty ? 0 : exponent
    }

    /// The number as an integer; `nil` where it is not whole or does not fit.
    func integer<Integer: FixedWidthInteger>() -> Integer? {
        guard exponent >= 0, digits.count + exponent <= 40 else { return nil }
        let text = String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: exponent)
        return digits.isEmpty ? 0 : Integer((isNegative ? "-" : "") + text)
    }

    /// The nearest floating-point number; `nil` where that is infinite although the digits are not.
    func nearest<Number: BinaryFloatingPoint>(_ number: Number?) -> Number? {
        number.flatMap { $0.isFinite ? $0 : nil }
    }

    static func == (one: DecimalText, other: DecimalText) -> Bool {
        one.digits == other.digits && one.exponent == other.exponent
            && (one.isNegative == other.isNegative || one.digits.isEmpty)
    }
}
