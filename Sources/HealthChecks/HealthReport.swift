/// What all checks say together, at one moment.
public struct HealthReport: Sendable {
    /// The whole: the worst that the checks' criticality allows.
    public let status: HealthStatus
    /// Whether the service asks to be left alone because it is about to stop.
    public let isDraining: Bool
    /// The checks, by name.
    public let checks: [Check]

    /// One check's part.
    public struct Check: Sendable {
        /// Its name.
        public let name: String
        /// What it speaks for.
        public let kind: HealthCheck.Kind
        /// What its failure means.
        public let criticality: HealthCheck.Criticality
        /// How well it is.
        public let status: HealthStatus
        /// What it found last.
        public let result: HealthResult?
        /// How old that is; `nil` before the first look.
        public let age: Duration?
        /// How long the look took.
        public let duration: Duration
    }

    /// The status code of an answer: 503 when unhealthy, 200 otherwise.
    public var httpStatus: Int { status == .unhealthy ? 503 : 200 }
}

extension HealthReport {
    /// The report as JSON: `status`, `timestamp`, `version` and `checks` by name.
    /// - Parameters:
    ///   - timestamp: The time of the answer, ISO 8601.
    ///   - details: Whether messages and figures are shown.
    public func json(timestamp: String, version: String, details: Bool) -> [UInt8] {
        var text =
            "{\"status\":\"\(status.rawValue)\",\"timestamp\":\(quoted(timestamp)),\"version\":\(quoted(version)),\"checks\":{"
        for (index, check) in checks.enumerated() {
            text += index == 0 ? "" : ","
            text += "\(quoted(check.name)):{\"status\":\"\(check.status.rawValue)\""
            if let age = check.age { text += ",\"age_seconds\":\(seconds(age))" }
            text += ",\"duration_seconds\":\(seconds(check.duration)),\"criticality\":\"\(check.criticality.rawValue)\""
            if details, let result = check.result {
                if let message = result.message { text += ",\"message\":\(quoted(message))" }
                for detail in result.details where detail.value.isFinite {
                    text += ",\(quoted(detail.name)):\(detail.value)"
                }
            }
            text += "}"
        }
        return Array((text + "}}").utf8)
    }

    /// The report as `application/health+json` has it (draft-inadarei-api-health-check-06).
    public func healthJSON(timestamp: String, version: String, details: Bool) -> [UInt8] {
        func word(_ status: HealthStatus) -> String {
            switch status {
            case .healthy: "pass"
            case .degraded, .unknown: "warn"
            case .unhealthy: "fail"
            }
        }
        var text = "{\"status\":\"\(word(status))\",\"version\":\(quoted(version)),\"checks\":{"
        for (index, check) in checks.enumerated() {
            text += index == 0 ? "" : ","
            text +=
                "\(quoted(check.name + ":status")):[{\"status\":\"\(word(check.status))\",\"time\":\(quoted(timestamp))"
            if details, let message = check.result?.message { text += ",\"output\":\(quoted(message))" }
            text += "}]"
        }
        return Array((text + "}}").utf8)
    }
}

private func seconds(_ duration: Duration) -> String {
    let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
}

/// A JSON string.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{0}"..."\u{1f}":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
