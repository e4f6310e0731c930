#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How much of a report is told.
public enum HealthDetail: String, Sendable, Hashable, CaseIterable {
    /// The status of the whole and nothing else: for answers that strangers can read.
    case status
    /// The checks, without what they say.
    case checks
    /// The checks with their messages and figures: for operators.
    case full
}

extension HealthReport {
    /// The report as JSON: `status`, `timestamp`, `version` and `checks` by name.
    public func json(version: String, detail: HealthDetail = .full) -> [UInt8] {
        let json = JSONText()
        json.raw("{\"status\":").quote(status.rawValue)
        json.raw(",\"timestamp\":").quote(iso8601(time.timeIntervalSince1970))
        json.raw(",\"version\":").quote(version)
        guard detail != .status else { return json.raw("}").bytes }
        json.raw(",\"checks\":{")
        for (index, check) in checks.enumerated() {
            if index > 0 { json.raw(",") }
            json.quote(check.name).raw(":{\"status\":").quote(check.status.rawValue)
            if let age = check.age { json.raw(",\"age_seconds\":\(rounded(age.inSeconds))") }
            json.raw(",\"duration_seconds\":\(rounded(check.duration.inSeconds)),\"criticality\":")
                .quote(check.criticality.rawValue)
            if detail == .full, let result = check.result {
                if let message = result.message { json.raw(",\"message\":").quote(message) }
                for detail in result.details where detail.value.isFinite {
                    json.raw(",").quote(detail.name).raw(":\(detail.value)")
                }
            }
            json.raw("}")
        }
        return json.raw("}}").bytes
    }

    /// The report as `application/health+json` has it: `pass`, `warn` and `fail`, and by `component:measurement` an array.
    /// Source: draft-inadarei-api-health-check-06, sections 3 and 4.
    public func healthJSON(version: String, detail: HealthDetail = .full) -> [UInt8] {
        let json = JSONText()
        json.raw("{\"status\":").quote(word(status)).raw(",\"version\":").quote(version)
        guard detail != .status else { return json.raw("}").bytes }
        json.raw(",\"checks\":{")
        var isFirst = true
        func measurement(_ check: Check, _ name: String, _ value: Double?, _ message: String?) {
            if !isFirst { json.raw(",") }
            isFirst = false
            json.quote("\(check.name):\(name)").raw(":[{\"status\":").quote(word(check.status))
            if let value { json.raw(",\"observedValue\":\(value)") }
            if let age = check.age {
                json.raw(",\"time\":").quote(iso8601(time.timeIntervalSince1970 - age.inSeconds))
            }
            if let message { json.raw(",\"output\":").quote(message) }
            json.raw("}]")
        }
        for check in checks {
            let result = detail == .full ? check.result : nil
            measurement(check, "status", nil, check.status == .healthy ? nil : result?.message)
            for figure in result?.details ?? [] where figure.value.isFinite {
                measurement(check, figure.name, figure.value, nil)
            }
        }
        return json.raw("}}").bytes
    }

    private func word(_ status: HealthStatus) -> String {
        switch status {
        case .healthy: "pass"
        case .degraded, .unknown: "warn"
        case .unhealthy: "fail"
        }
    }

    private func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }
}

/// JSON under construction.
private final class JSONText {
    private(set) var bytes: [UInt8] = []

    @discardableResult
    func raw(_ text: String) -> JSONText {
        bytes.append(contentsOf: text.utf8)
        return self
    }

    /// A string, with all escaped that must be.
    @discardableResult
    func quote(_ text: String) -> JSONText {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7f:
                let digits = String(byte, radix: 16)
                raw("\\u00" + (byte < 16 ? "0" : "") + digits)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return self
    }
}

/// Seconds since 1970 as `2025-06-01T12:00:00Z`. Source of the calendar's arithmetic: H. Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `civil_from_days`.
func iso8601(_ seconds: Double) -> String {
    let whole = Int64(seconds.rounded(.down))
    let (days, rest) = (whole / 86_400 - (whole % 86_400 < 0 ? 1 : 0), (whole % 86_400 + 86_400) % 86_400)
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
}
