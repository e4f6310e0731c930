import Logging

/// A line of JSON under construction.
struct LogLine: ~Copyable {
    /// How deep metadata may nest.
    static let depthLimit = 16

    private let redaction: LogRedaction
    var bytes = LogBuffer(capacity: 1000)

    init(redaction: LogRedaction) { self.redaction = redaction }

    /// `{"ts":"2025-06-01T12:00:00.000000Z"`.
    mutating func open(seconds: Int64, microseconds: Int64) {
        bytes.append("{\"ts\":\"")
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        let date = civil(days)
        bytes.append(pair: date.year / 100)
        bytes.append(pair: date.year % 100, then: "-")
        bytes.append(pair: date.month, then: "-")
        bytes.append(pair: date.day, then: "T")
        bytes.append(pair: rest / 3600, then: ":")
        bytes.append(pair: rest / 60 % 60, then: ":")
        bytes.append(pair: rest % 60, then: ".")
        bytes.append(pair: microseconds / 10_000)
        bytes.append(pair: microseconds / 100 % 100)
        bytes.append(pair: microseconds % 100, then: "Z")
        bytes.append(UInt8(ascii: "\""))
    }

    /// `,"key":value`; returns where the key ends.
    @discardableResult
    mutating func field(_ key: UnsafeBufferPointer<UInt8>, _ value: Logger.Metadata.Value, depth: Int = 0) -> Int {
        bytes.append(UInt8(ascii: ","))
        bytes.quote(key)
        let end = bytes.count
        bytes.append(UInt8(ascii: ":"))
        if redaction.hides(key) { bytes.append("\"[redacted]\"") } else { append(value, depth: depth) }
        return end
    }

    private mutating func append(_ value: Logger.Metadata.Value, depth: Int) {
        guard depth < Self.depthLimit else { return bytes.append("\"[too deep]\"") }
        switch value {
        case .string(let text): bytes.quote(text)
        case .stringConvertible(let value): append(value)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(value, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            let start = bytes.count
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                key.withBytes { _ = field($0, value, depth: depth + 1) }
            }
            if values.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.set(UInt8(ascii: "{"), at: start)
            bytes.append(UInt8(ascii: "}"))
        @unknown default: bytes.quote("\(value)")
        }
    }

    /// Numbers and truth values stay what they are.
    private mutating func append(_ value: any CustomStringConvertible) {
        switch value {
        case let number as Int: bytes.append(number)
        case let flag as Bool: flag ? bytes.append("true") : bytes.append("false")
        case let number as Double where number.isFinite: number.description.withBytes { bytes.append($0) }
        case let number as Float where number.isFinite: number.description.withBytes { bytes.append($0) }
        case let number as any BinaryInteger: "\(number)".withBytes { bytes.append($0) }
        default: bytes.quote(value.description)
        }
    }
}

/// The date of a day since 1970. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
