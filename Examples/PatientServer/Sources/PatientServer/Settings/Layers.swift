import Configuration
import Foundation

/// The layers a setting is looked up in: command line over environment over files. The first that has it counts.
struct Layers {
    private let providers: [(provider: any ConfigProvider, place: @Sendable (String) -> String)]

    /// - Parameter commandLine: option names without dashes to their values.
    /// - Parameter environment: the process's environment.
    /// - Parameter files: keys with underscores to the entry that sets them.
    init(commandLine: [String: String], environment: [String: String], files: [String: StrictYAML.Entry]) {
        func key(_ name: String) -> AbsoluteConfigKey { AbsoluteConfigKey([name]) }
        let fromFiles = files.mapValues(\.place)
        providers = [
            (
                InMemoryProvider(
                    name: "command line",
                    values: Dictionary(
                        uniqueKeysWithValues: commandLine.map { (key($0), ConfigValue(.string($1), isSecret: false)) })),
                { @Sendable in "command line --\($0.replacingOccurrences(of: "_", with: "-"))" }
            ),
            (
                EnvironmentVariablesProvider(environmentVariables: environment),
                { @Sendable in "environment variable \($0.uppercased())" }
            ),
            (
                InMemoryProvider(
                    name: "files",
                    values: Dictionary(
                        uniqueKeysWithValues: files.map { (key($0), ConfigValue(.string($1.text), isSecret: false)) })),
                { @Sendable in fromFiles[$0] ?? "configuration file" }
            ),
        ]
    }

    /// The text of a setting and where it stands, or `nil` where no layer has it.
    func text(_ name: String) -> (text: String, place: String)? {
        for (provider, place) in providers {
            guard let found = try? provider.value(forKey: AbsoluteConfigKey([name]), type: .string).value,
                case .string(let text) = found.content, !text.isEmpty
            else { continue }
            return (text, place(name))
        }
        return nil
    }

    /// Reads a setting with a parser that answers `nil` for what it does not take.
    func value<Value>(_ name: String, default fallback: Value, allowed: String, _ parse: (String) -> Value?) throws
        -> Value
    {
        guard let (text, place) = text(name) else { return fallback }
        guard let value = parse(text) else {
            // An address may hold a password: it is not shown.
            let shown = text.contains("://") ? "what stands there" : "“\(text)”"
            throw SettingsError(place: place, key: name, rule: "\(shown) is not allowed; it takes \(allowed)")
        }
        return value
    }

    /// A whole number in a range.
    func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        try value(name, default: fallback, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `true` or `false`.
    func boolean(_ name: String, default fallback: Bool) throws -> Bool {
        try value(name, default: fallback, allowed: "true or false") {
            switch $0.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }

    /// A duration: seconds, or a number with `ms`, `s`, `m`, `h`.
    func duration(_ name: String, default fallback: Duration, in range: ClosedRange<Double>) throws -> Duration {
        try value(
            name, default: fallback,
            allowed: "a duration such as 500ms, 30s or 5m, from \(range.lowerBound) s to \(range.upperBound) s"
        ) {
            parseSeconds($0).flatMap { range.contains($0) ? .milliseconds(Int64(($0 * 1000).rounded())) : nil }
        }
    }
}

/// Seconds of `30`, `30s`, `500ms`, `5m`, `1h`; `nil` for anything else.
func parseSeconds(_ text: String) -> Double? {
    for (suffix, factor) in [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)] where text.hasSuffix(suffix) {
        return Double(text.dropLast(suffix.count)).map { $0 * factor }
    }
    return Double(text)
}

/// The share of `90%` or `0.9`, as a fraction; `nil` for anything else.
func parseShare(_ text: String) -> Double? {
    text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
}
