import Foundation

/// One measured case, as `Scripts/bench --json` writes it.
public struct BenchRow: Codable, Sendable {
    /// The suite, `pool` for one.
    public var suite: String
    /// What was measured.
    public var `case`: String
    /// The median over the rounds.
    public var value: Double
    /// Of what: `ns`, `1/s`, `MB/s`.
    public var unit: String
    /// What it is held against, measured in the same run.
    public var floor: String?
    /// The floor's median, in the same unit.
    public var floorValue: Double?
    /// Value over floor.
    public var ratio: Double?
    /// The rule, in words: `ratio ≤ 6`.
    public var target: String?
    /// Whether the rule holds; `nil` where there is none.
    public var holds: Bool?

    enum CodingKeys: String, CodingKey {
        case suite, `case`, value, unit, floor
        case floorValue = "floor_value"
        case ratio, target, holds
    }
}

/// A rule that a row must satisfy.
public enum Target: Sendable {
    case ratioAtMost(Double)
    case ratioAtLeast(Double)
    case valueAtMost(Double)
    case valueAtLeast(Double)

    func judge(value: Double, ratio: Double?) -> (text: String, holds: Bool) {
        switch self {
        case .ratioAtMost(let bound): ("ratio ≤ \(short(bound))", (ratio ?? .infinity) <= bound)
        case .ratioAtLeast(let bound): ("ratio ≥ \(short(bound))", (ratio ?? -.infinity) >= bound)
        case .valueAtMost(let bound): ("≤ \(short(bound))", value <= bound)
        case .valueAtLeast(let bound): ("≥ \(short(bound))", value >= bound)
        }
    }
}

/// A suite under measurement: reads `--json FILE`, `--rounds N` and `--filter TEXT` from the command line.
public final class Bench {
    /// The suite's name.
    public let suite: String
    /// How often each contender is measured; the median counts.
    public let rounds: Int
    /// Only cases whose name contains this are wanted.
    public let filter: String?
    private let jsonPath: String?
    private var rows: [BenchRow] = []

    /// Reads the command line.
    public init(suite: String, arguments: [String] = CommandLine.arguments) {
        func option(_ name: String) -> String? {
            guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
            return arguments[index + 1]
        }
        self.suite = suite
        rounds = option("--rounds").flatMap(Int.init) ?? 7
        filter = option("--filter")
        jsonPath = option("--json")
    }

    /// Whether the command line asks for this case.
    public func wants(_ name: String) -> Bool {
        filter.map { name.localizedCaseInsensitiveContains($0) } ?? true
    }

    /// Measures all contenders in turn, round after round, so that noise falls on all alike.
    /// Each closure returns its own figure; the medians come back in the order given.
    public func medians(_ contenders: [() async throws -> Double]) async throws -> [Double] {
        var samples = Array(repeating: [Double](), count: contenders.count)
        for _ in 0..<max(1, rounds) {
            for (index, contender) in contenders.enumerated() {
                samples[index].append(try await contender())
            }
        }
        return samples.map { $0.sorted()[$0.count / 2] }
    }

    /// Adds a row and prints it.
    public func record(
        _ name: String, _ value: Double, _ unit: String, floor: String? = nil, floorValue: Double? = nil,
        target: Target? = nil
    ) {
        let ratio = floorValue.flatMap { $0 > 0 ? value / $0 : nil }
        let verdict = target?.judge(value: value, ratio: ratio)
        let row = BenchRow(
            suite: suite, case: name, value: value, unit: unit, floor: floor, floorValue: floorValue, ratio: ratio,
            target: verdict?.text, holds: verdict?.holds)
        rows.append(row)
        print(line(row))
        fflush(nil)
    }

    /// Writes the JSON file where one was asked for.
    public func finish() throws {
        guard let jsonPath else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(rows).write(to: URL(fileURLWithPath: jsonPath))
    }

    private func line(_ row: BenchRow) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        var text = padded(row.case, 58) + padded("\(short(row.value)) \(row.unit)", 18)
        if let floor = row.floor, let floorValue = row.floorValue {
            text += padded("\(floor) \(short(floorValue))", 34)
        }
        if let ratio = row.ratio { text += padded("×\(short(ratio))", 9) }
        if let target = row.target, let holds = row.holds { text += "\(target) \(holds ? "holds" : "MISSES")" }
        return text
    }
}

func short(_ value: Double) -> String {
    if value != 0, abs(value) < 10 { return String(format: "%.3g", value) }
    if abs(value) < 1000 { return String(format: "%.1f", value) }
    return String(format: "%.0f", value)
}
