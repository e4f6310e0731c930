/// Numbers as both formats read them: `12`, `1.0`, `2.5e-07`, `+Inf`, `NaN`. Nothing is allocated.
enum NumberText {
    /// No number is longer.
    static let longest = 32

    /// Writes a whole number; returns its length.
    static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var length = 1
        var bound: UInt64 = 10
        while length < 20, value >= bound {
            length &+= 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        var rest = value
        var place = length
        while rest >= 10 {
            place &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            target[place] = UInt8(truncatingIfNeeded: digit) &+ 0x30
            rest = quotient
        }
        target[place &- 1] = UInt8(truncatingIfNeeded: rest) &+ 0x30
        return length
    }

    static func write(_ value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if value >= 0 { return write(UInt64(value), to: target) }
        target[0] = UInt8(ascii: "-")
        return write(value.magnitude, to: target + 1) + 1
    }

    /// Writes a double so that reading it gives the same double; returns its length.
    static func write(_ value: Double, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard value.isFinite else {
            let text: StaticString = value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf"
            target.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
            return text.utf8CodeUnitCount
        }
        if let length = writeDecimal(value, to: target) { return length }
        var writer = AsciiWriter(target: target)
        value.write(to: &writer)
        return writer.length
    }

    private static let powers: (Double, Double, Double) = (1, 1e3, 1e6)

    /// Whole numbers and those of up to six decimals.
    ///
    /// A whole number below 2^53 over a power of ten up to 10^22 is one correctly rounded division (Clinger 1990), so
    /// when it gives the value back, its digits are a decimal that reads as the value.
    private static func writeDecimal(_ value: Double, to target: UnsafeMutablePointer<UInt8>) -> Int? {
        let size = abs(value)
        guard size < 1e9, size >= 1e-3 || size == 0 else { return nil }
        var decimals = 0
        var scaled = size.rounded()
        if scaled != size {
            scaled = (size * powers.1).rounded()
            decimals = 3
            if scaled / powers.1 != size {
                scaled = (size * powers.2).rounded()
                decimals = 6
                if scaled / powers.2 != size { return nil }
            }
        }
        var digits = UInt64(scaled)
        while decimals > 1, digits % 10 == 0 {
            digits /= 10
            decimals -= 1
        }
        var length = 0
        if value.sign == .minus {
            target[0] = UInt8(ascii: "-")
            length = 1
        }
        if decimals == 0 {
            length += write(digits, to: target + length)
            target[length] = UInt8(ascii: ".")
            target[length + 1] = 0x30
            return length + 2
        }
        var power: UInt64 = 1
        for _ in 0..<decimals { power &*= 10 }
        let (whole, fraction) = digits.quotientAndRemainder(dividingBy: power)
        length += write(whole, to: target + length)
        target[length] = UInt8(ascii: ".")
        length += 1
        var rest = fraction
        for place in stride(from: decimals - 1, through: 0, by: -1) {
            target[length + place] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
            rest /= 10
        }
        return length + decimals
    }
}

/// Takes the digits of a double without making a string of them.
private struct AsciiWriter: TextOutputStream {
    let target: UnsafeMutablePointer<UInt8>
    var length = 0

    mutating func write(_ string: String) {
        for byte in string.utf8 where length < NumberText.longest {
            target[length] = byte
            length += 1
        }
    }

    mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) {
        for byte in buffer where length < NumberText.longest {
            target[length] = byte
            length += 1
        }
    }
}
