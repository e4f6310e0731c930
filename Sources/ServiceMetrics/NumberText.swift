/// Numbers as both formats read them: `12`, `1.0`, `2.5e-07`, `+Inf`, `NaN`. Nothing is allocated.
enum NumberText {
    /// No number is longer.
    static let longest = 48

    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """

    /// Writes a whole number, and up to 24 bytes of nothing behind it; returns its length.
    static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        // From the last pair of digits to the first, into 24 bytes that are then moved at once.
        withUnsafeTemporaryAllocation(byteCount: 48, alignment: 8) { scratch in
            guard let start = scratch.baseAddress else { return 0 }
            let pairs = UnsafeRawPointer(Self.pairs.utf8Start)
            var place = 24
            var rest = value
            while rest >= 100 {
                let next = rest / 100
                place &-= 2
                let pair = Int(truncatingIfNeeded: rest &- next &* 100)
                start.storeBytes(
                    of: pairs.loadUnaligned(fromByteOffset: pair &* 2, as: UInt16.self), toByteOffset: place,
                    as: UInt16.self)
                rest = next
            }
            place &-= 2
            start.storeBytes(
                of: pairs.loadUnaligned(fromByteOffset: Int(truncatingIfNeeded: rest) &* 2, as: UInt16.self),
                toByteOffset: place, as: UInt16.self)
            if rest < 10 { place &+= 1 }
            let raw = UnsafeMutableRawPointer(target)
            for word in 0..<3 {
                raw.storeBytes(
                    of: start.loadUnaligned(fromByteOffset: place &+ word &* 8, as: UInt64.self),
                    toByteOffset: word &* 8, as: UInt64.self)
            }
            return 24 &- place
        }
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

    /// Whole numbers and those of up to six decimals.
    ///
    /// A whole number below 2^53 over a power of ten up to 10^22 is one correctly rounded division (Clinger 1990), so
    /// when it gives the value back, its digits are a decimal that reads as the value.
    private static func writeDecimal(_ value: Double, to target: UnsafeMutablePointer<UInt8>) -> Int? {
        let size = abs(value)
        guard size < 1e9, size >= 1e-3 || size == 0 else { return nil }
        var digits = UInt64(size)
        var decimals = 0
        if Double(digits) != size {
            let scaled = size * 1e6
            digits = UInt64(scaled + 0.5)
            // Most that have more decimals are told by this; the division decides.
            guard abs(Double(digits) - scaled) <= scaled * 0x1p-50, Double(digits) / 1e6 == size else { return nil }
            decimals = 6
            while digits % 10 == 0 {
                digits /= 10
                decimals -= 1
            }
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
        guard let start = buffer.baseAddress, length + buffer.count <= NumberText.longest else { return }
        (target + length).update(from: start, count: buffer.count)
        length += buffer.count
    }
}
