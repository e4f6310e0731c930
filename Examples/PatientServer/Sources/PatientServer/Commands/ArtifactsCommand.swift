import ArgumentParser
import Foundation
import ServiceMetrics

struct ArtifactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts",
        abstract: "Writes rules.yml, rules_test.yml, dashboard.json and metrics.md, made from the metrics themselves.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The folder to write them into; it is made when it is not there.")
    var folder: String = "."

    func run() async throws {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let settings = try common.load([
            "log_level": common.logLevel ?? "warning", "database": "sqlite://\(scratch)/none.sqlite",
        ])
        let application = try ServerApplication(settings: settings, logger: makeLogger(settings))
        // The routes register their metrics as well.
        _ = try application.router()
        let artifacts = try MonitoringArtifacts(
            title: "Patient server", metrics: application.registry.metrics, rules: settings.alerts.thresholds.rules)
        await application.close()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in artifacts.files.sorted(by: { $0.key < $1.key }) {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            print("\(folder)/\(name)")
        }
    }
}

extension Settings.AlertSettings {
    /// The same figures, as rules are made from them.
    var thresholds: AlertThresholds {
        var thresholds = AlertThresholds()
        func threshold(_ rule: Rule) -> AlertThresholds.Threshold {
            let seconds = rule.duration.components.seconds
            return .init(rule.threshold, for: seconds % 60 == 0 && seconds > 0 ? "\(seconds / 60)m" : "\(seconds)s")
        }
        thresholds.highResponseTime = threshold(highResponseTime)
        thresholds.connectionPoolExhausted = threshold(connectionPoolExhausted)
        thresholds.connectionPoolOverloaded = threshold(connectionPoolOverloaded)
        thresholds.memoryUsageHigh = threshold(memoryUsageHigh)
        return thresholds
    }
}
