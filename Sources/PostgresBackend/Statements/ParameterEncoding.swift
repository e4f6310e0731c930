import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes parameters as the `Bind` message takes them: binary where the form is simple, else text.
enum ParameterEncoding {
    static func isBinary(_ value: SQLValue) -> Bool {
        switch value {
        case .bool, .integer, .double, .blob, .uuid, .timestamp, .date: true
        case .null, .text, .decimal, .array, .other: false
        }
    }

    /// Whether values take so few bytes that it matters little which thread encodes them.
    static func isShort(_ values: [SQLValue]) -> Bool {
        guard values.count <= 64 else { return false }
        return values.allSatisfy { value in
            switch value {
            case .text(let text), .decimal(let text), .other(let text, _): text.utf8.count <= 1024
            case .blob(let bytes): bytes.count <= 1024
            case .array: false
            case .null, .bool, .integer, .double, .uuid, .timestamp, .date: true
            }
        }
    }

    /// Appends `Bind` of the unnamed portal.
    /// - Throws: When a value has no form that the server could read; the error names its position.
    static func bind(
        _ values: [SQLValue], to statement: String, formats: [Int16], _ output: OutputBuffer
    ) throws(PostgresError) {
        let message = output.beginMessage(UInt8(ascii: "B"))
        output.append(UInt8(0))
        _ = output.appendCString(statement)
        output.append(UInt16(truncatingIfNeeded: values.count))
        for value in values { output.append(isBinary(value) ? Int16(1) : 0) }
        output.append(UInt16(truncatingIfNeeded: values.count))
        for index in values.indices { try append(values[index], position: index + 1, output) }
        output.append(UInt16(truncatingIfNeeded: formats.count))
        for format in formats { output.append(format) }
        output.endMessage(message)
    }

    private static func append(_ value: SQLValue, position: Int, _ output: OutputBuffer) throws(PostgresError) {
        if case .null = value { return output.append(Int32(-1)) }
        let length = output.beginLength()
        var isClean = true
        switch value {
        case .null: break
        case .bool(let value): output.append(UInt8(value ? 1 : 0))
        case .integer(let value):
            if let narrow = Int16(exactly: value) {
                output.append(narrow)
            } else if let middle = Int32(exactly: value) {
                output.append(middle)
            } else {
                output.append(value)
            }
        case .double(let value): output.append(value.bitPattern)
        case .blob(let bytes): bytes.withUnsafeBytes { output.append($0) }
        case .uuid(let value): withUnsafeBytes(of: value.uuid) { output.append($0) }
        case .timestamp(let microseconds):
            guard let moment = shifted(microseconds, ColumnType.epochMicroseconds) else {
                throw refuse(position, "is a moment before the server's calendar begins")
            }
            output.append(moment)
        case .date(let days):
            guard let day = shifted(days, ColumnType.epochDays) else {
                throw refuse(position, "is a day before the server's calendar begins")
            }
            output.append(day)
        case .text(let text), .decimal(let text), .other(let text, _): isClean = output.append(text)
        case .array:
            var bytes: [UInt8] = []
            TextEncoding.append(value, to: &bytes)
            isClean = !bytes.contains(0)
            bytes.withUnsafeBytes { output.append($0) }
        }
        guard isClean else {
            throw refuse(
                position,
                "contains a NUL character, which PostgreSQL cannot store in text: remove it, or bind the bytes as bytea"
            )
        }
        output.endLength(length)
    }

    private static func refuse(_ position: Int, _ rule: String) -> PostgresError {
        PostgresError(.dataError, "parameter $\(position) \(rule)")
    }

    /// The ends of the range stand for infinity on both sides.
    private static func shifted<Integer: FixedWidthInteger>(_ value: Integer, _ epoch: Integer) -> Integer? {
        if value == .max || value == .min { return value }
        let difference = value.subtractingReportingOverflow(epoch)
        return difference.overflow ? nil : difference.partialValue
    }
}
