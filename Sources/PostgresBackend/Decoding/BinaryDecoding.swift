import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the binary form of values, which is in network byte order.
enum BinaryDecoding {
    /// A value, or `nil` when the bytes are not of that type.
    static func value(_ type: ColumnType, _ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        switch type {
        case .integer32: load(bytes, Int32.self).map { .integer(Int64($0)) }
        case .integer64: load(bytes, Int64.self).map { .integer($0) }
        case .text, .json: String(validating: bytes, as: UTF8.self).map { .text($0) }
        case .bool: bytes.count == 1 ? .bool(bytes[0] != 0) : nil
        case .bytes: .blob([UInt8](bytes))
        case .integer16: load(bytes, Int16.self).map { .integer(Int64($0)) }
        case .oid: load(bytes, UInt32.self).map { .integer(Int64($0)) }
        case .float32: load(bytes, UInt32.self).map { .double(Double(Float(bitPattern: $0))) }
        case .float64: load(bytes, UInt64.self).map { .double(Double(bitPattern: $0)) }
        case .jsonb:
            bytes.first == 1
                ? String(validating: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), as: UTF8.self).map {
                    .text($0)
                }
                : nil
        case .uuid: bytes.count == 16 ? .uuid(UUID(sqlBytes: [UInt8](bytes)[...])) : nil
        case .date: load(bytes, Int32.self).flatMap(shifted).map { .date(days: $0) }
        case .timestamp, .timestampWithZone:
            load(bytes, Int64.self).flatMap(shifted).map { .timestamp(microseconds: $0) }
        case .numeric: numeric(bytes).map { .decimal($0) }
        case .void: .null
        case .array(let element): array(element, bytes)
        case .other, .character: nil
        }
    }

    private static func load<Integer: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ type: Integer.Type)
        -> Integer?
    {
        guard bytes.count == MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
    }

    /// `infinity` and `-infinity` stay the ends of the range, which no other moment may reach. The server's last thirty
    /// years, from 294,247 on, are beyond 64 bits of microseconds since 1970.
    private static func shifted(_ microseconds: Int64) -> Int64? {
        if microseconds == .max || microseconds == .min { return microseconds }
        return shifted(microseconds, by: ColumnType.epochMicroseconds)
    }

    private static func shifted(_ days: Int32) -> Int32? {
        if days == .max || days == .min { return days }
        return shifted(days, by: ColumnType.epochDays)
    }

    private static func shifted<Integer: FixedWidthInteger>(_ value: Integer, by offset: Integer) -> Integer? {
        let (sum, isOver) = value.addingReportingOverflow(offset)
        return isOver || sum == .max || sum == .min ? nil : sum
    }

    /// `numeric`: groups of four decimal digits with a weight, a sign and the digits to show after the point
    /// (`src/backend/utils/adt/numeric.c`).
    private static func numeric(_ bytes: UnsafeRawBufferPointer) -> String? {
        func word(_ index: Int) -> UInt16 {
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        }
        guard bytes.count >= 8, bytes.count == 8 + 2 * Int(word(0)) else { return nil }
        let groups = Int(word(0))
        let weight = Int(Int16(bitPattern: word(1)))
        switch word(2) {
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        // A sign, and the limits of the type: NUMERIC_DSCALE_MAX, four digits a group.
        case 0, 0x4000: guard word(3) <= 0x3FFF, (0..<groups).allSatisfy({ word(4 + $0) < 10_000 }) else { return nil }
        default: return nil
        }
        func digits(_ group: Int) -> String {
            let text = String(group >= 0 && group < groups ? word(4 + group) : 0)
            return String(repeating: "0", count: 4 - min(4, text.count)) + text
        }
        var whole = ""
        if weight >= 0 { for group in 0...weight { whole += digits(group) } }
        let trimmed = whole.drop { $0 == "0" }
        var text = word(2) == 0x4000 ? "-" : ""
        text += trimmed.isEmpty ? "0" : String(trimmed)
        let scale = Int(word(3))
        if scale > 0 {
            var fraction = ""
            var group = weight + 1
            while fraction.utf8.count < scale {
                fraction += digits(group)
                group += 1
            }
            text += "." + fraction.prefix(scale)
        }
        return text
    }

    /// Dimensions, whether there are NULLs, the element's type, then for each dimension its size and first index, then
    /// the elements with their lengths (`src/backend/utils/adt/arrayfuncs.c`).
    private static func array(_ element: ColumnType, _ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        var cursor = 0
        func integer() -> Int? {
            guard cursor + 4 <= bytes.count else { return nil }
            let value = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: cursor, as: Int32.self))
            cursor += 4
            return Int(value)
        }
        guard let dimensions = integer(), integer() != nil, integer() != nil, (0...6).contains(dimensions) else {
            return nil
        }
        if dimensions == 0 { return .array([]) }
        var sizes: [Int] = []
        var total = 1
        for _ in 0..<dimensions {
            guard let size = integer(), integer() != nil, size >= 0 else { return nil }
            sizes.append(size)
            // Each element takes four bytes at least: more than there are bytes is no array.
            let product = total.multipliedReportingOverflow(by: size)
            guard !product.overflow, product.partialValue <= bytes.count else { return nil }
            total = product.partialValue
        }
        if total == 0 { return .array([]) }
        func read(_ dimension: Int) -> SQLValue? {
            var values: [SQLValue] = []
            values.reserveCapacity(min(sizes[dimension], bytes.count))
            for _ in 0..<sizes[dimension] {
                if dimension + 1 < dimensions {
                    guard let inner = read(dimension + 1) else { return nil }
                    values.append(inner)
                    continue
                }
                guard let length = integer() else { return nil }
                if length == -1 {
                    values.append(.null)
                    continue
                }
                guard length >= 0, cursor + length <= bytes.count,
                    let item = value(element, UnsafeRawBufferPointer(rebasing: bytes[cursor..<cursor + length]))
                else { return nil }
                cursor += length
                values.append(item)
            }
            return .array(values)
        }
        let values = read(0)
        return cursor == bytes.count ? values : nil
    }
}
