import SQLDatabase

/// The form in which SQLite stores a value: NULL, an integer, a double, text or bytes.
///
/// A value that has no form in which it compares and reads back correctly is refused, never rounded.
enum StorageForm {
    /// Why a value has no form, and what to do instead. Never holds the value.
    struct Refusal: Error {
        let reason: String
    }

    /// Returns a parameter as NULL, an integer, a double, text or bytes.
    /// - Parameters:
    ///   - value: The parameter.
    ///   - position: Its position in the query from 1, for messages.
    /// - Throws: ``SQLiteError/Code/typeMismatch`` that names the position and the remedy, never the value.
    static func of(_ value: SQLValue, position: Int) throws(SQLiteError) -> SQLValue {
        do { return try of(value) } catch {
            throw SQLiteError(.typeMismatch, "parameter \(position): \(error.reason)")
        }
    }

    /// Returns a value as NULL, an integer, a double, text or bytes.
    static func of(_ value: SQLValue) throws(Refusal) -> SQLValue {
        func refuse(_ reason: String) -> Refusal { Refusal(reason: reason) }
        switch value {
        case .null, .integer, .text, .blob: return value
        case .bool(let value): return .integer(value ? 1 : 0)
        case .double(let number):
            guard !number.isNaN else { throw refuse("SQLite stores NaN as NULL; bind NULL where that is meant") }
            return value
        case .timestamp(let microseconds):
            guard let text = MomentText.moment(microseconds) else {
                throw refuse("SQLite's dates end with the year 9999 and begin with the year 0; bind a number instead")
            }
            return .text(text)
        case .date(let days):
            guard let text = MomentText.day(days) else {
                throw refuse("SQLite's dates end with the year 9999 and begin with the year 0; bind a number instead")
            }
            return .text(text)
        case .decimal(let digits):
            guard digits.utf8.contains(where: { (48...57).contains($0) }) else {
                throw refuse("the decimal is no finite number, and SQLite has no other; bind NULL where that is meant")
            }
            guard let number = DecimalForm.number(digits) else {
                throw refuse(
                    "SQLite has no number with so many decimal digits (15 are exact, and integers of 64 bits); "
                        + "bind it as text, or as an integer of a smaller unit")
            }
            return number
        case .array(let values):
            switch ArrayForm.json(values) {
            case .success(let text): return .text(text)
            case .failure(let error): throw refuse(error.reason)
            }
        default: return value.basic
        }
    }
}

/// Moments and days as text that compares with `datetime('now')`, `CURRENT_TIMESTAMP` and `strftime('%F %f')`.
enum MomentText {
    private static let microsecondsADay: Int64 = 86_400_000_000
    /// The years 0 to 9999, SQLite's own range.
    private static let days: ClosedRange<Int64> = -719_528...2_932_896

    /// Returns `YYYY-MM-DD HH:MM:SS` in UTC, with `.fff` or `.ffffff` where the moment has such a part; `nil` outside
    /// the years 0 to 9999.
    ///
    /// A whole second is written as SQLite writes it, so that equal moments are equal texts. A shorter text that is the
    /// beginning of a longer one sorts before it, so the order of the texts is the order of the moments.
    static func moment(_ microseconds: Int64) -> String? {
        var day = microseconds / microsecondsADay
        var rest = microseconds % microsecondsADay
        if rest < 0 {
            day -= 1
            rest += microsecondsADay
        }
        guard let date = Int32(exactly: day).flatMap(Self.day) else { return nil }
        let seconds = rest / 1_000_000
        var text = date + " " + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2)
        text += ":" + padded(seconds % 60, 2)
        let fraction = rest % 1_000_000
        if fraction == 0 { return text }
        return text + "." + (fraction % 1000 == 0 ? padded(fraction / 1000, 3) : padded(fraction, 6))
    }

    /// Returns `YYYY-MM-DD`; `nil` outside the years 0 to 9999.
    static func day(_ days: Int32) -> String? {
        Self.days.contains(Int64(days)) ? CalendarText.date(days) : nil
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Decimal numbers as SQLite's numbers.
enum DecimalForm {
    /// Returns an integer of 64 bits, or a double where it holds all the digits; `nil` where neither does.
    ///
    /// A double keeps every decimal number of up to 15 significant digits: converted to it and back, the digits are the
    /// same.
    static func number(_ text: String) -> SQLValue? {
        guard let (isNegative, digits, exponent) = parse(text) else { return nil }
        if digits.isEmpty { return .integer(0) }
        let sign = isNegative ? "-" : ""
        if exponent >= 0, digits.count + exponent <= 19 {
            let whole = sign + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: exponent)
            if let integer = Int64(whole) { return .integer(integer) }
        }
        guard digits.count <= 15, abs(digits.count + exponent) <= 300 else { return nil }
        return Double("\(sign)\(String(decoding: digits, as: UTF8.self))e\(exponent)").map(SQLValue.double)
    }

    /// The significant digits without zeros at the ends, and the power of ten that the last one counts.
    private static func parse(_ text: String) -> (isNegative: Bool, digits: ArraySlice<UInt8>, exponent: Int)? {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        var digits: [UInt8] = []
        var exponent = 0
        var hasPoint = false
        while let byte = rest.first, (48...57).contains(byte) || byte == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: ".") {
                if hasPoint { return nil }
                hasPoint = true
            } else {
                digits.append(byte)
                if hasPoint { exponent -= 1 }
            }
        }
        guard !digits.isEmpty else { return nil }
        if let byte = rest.first {
            guard byte | 0x20 == UInt8(ascii: "e"), let power = Int(String(decoding: rest.dropFirst(), as: UTF8.self)),
                abs(power) <= 10_000
            else { return nil }
            exponent += power
        }
        var significant = digits[...]
        while significant.last == 48 {
            significant = significant.dropLast()
            exponent += 1
        }
        return (isNegative, significant.drop { $0 == 48 }, exponent)
    }
}

/// Lists as JSON text for `json_each`, whose elements have the form that they would have as parameters.
enum ArrayForm {
    typealias Refusal = StorageForm.Refusal

    static func json(_ values: [SQLValue]) -> Result<String, Refusal> {
        var text = "["
        for (index, value) in values.enumerated() {
            if index > 0 { text += "," }
            if case .array(let inner) = value {
                switch json(inner) {
                case .success(let part): text += part
                case .failure(let refusal): return .failure(refusal)
                }
                continue
            }
            let form: SQLValue
            do { form = try StorageForm.of(value) } catch {
                return .failure(.init(reason: "element \(index + 1) of the list: \(error.reason)"))
            }
            switch form {
            case .null: text += "null"
            case .integer(let number): text += String(number)
            case .double(let number) where number.isFinite: text += "\(number)"
            case .double(let number): text += number < 0 ? "-9e999" : "9e999"
            case .text(let string):
                guard !string.utf8.contains(0) else {
                    return .failure(
                        Refusal(reason: "element \(index + 1) of the list holds a zero byte, at which JSON text ends"))
                }
                text += quoted(string)
            default:
                return .failure(
                    Refusal(
                        reason: "element \(index + 1) of the list is bytes, which JSON cannot hold; bind text such as "
                            + "hex(…), or each value by itself"))
            }
        }
        return .success(text + "]")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
