import Foundation

extension Settings {
    /// Reads the files of the folder, then lets the environment and the command line override them.
    /// - Parameter commandLine: option names, with underscores, to their values.
    /// - Parameter folder: where `database.yml` and `monitoring.yml` are; a file that is not there is not read.
    static func load(
        commandLine: [String: String], environment: [String: String], folder: String?
    ) throws -> Settings {
        let name = environment["APP_ENV"] ?? "production"
        guard environments.contains(name) else {
            throw SettingsError(
                place: "environment variable APP_ENV", key: "APP_ENV",
                rule: "“\(name)” is not an environment; there are \(environments.joined(separator: ", "))")
        }
        let layers = Layers(
            commandLine: commandLine, environment: environment, files: try files(in: folder, environment: name))
        let address = try layers.value(
            "database", default: try databaseURL(layers),
            allowed: "postgresql://user:password@host/name or sqlite:///path/to/file", DatabaseAddress.init)
        return Settings(
            environment: name,
            host: layers.text("host")?.text ?? "127.0.0.1",
            port: try layers.integer("port", default: 8000, in: 0...65535),
            database: address,
            pool: try pool(layers),
            metrics: try metrics(layers),
            alerts: try alerts(layers),
            redis: layers.text("redis_url")?.text,
            alertmanager: layers.text("alertmanager_url")?.text,
            slowStatement: try layers.duration("slow_statement", default: .seconds(1), in: 0.001...3600),
            certificate: try layers.value(
                "tls_certificate", default: nil, allowed: "the path of a PEM file that can be read"
            ) { FileManager.default.isReadableFile(atPath: $0) ? .some(.some($0)) : nil },
            endpoints: try layers.value(
                "health_urls", default: [], allowed: "name=http://host/path, several with commas, each name once"
            ) { text in
                let all = text.split(separator: ",").compactMap(Settings.Endpoint.init)
                let isWhole = all.count == text.split(separator: ",").count && Set(all.map(\.name)).count == all.count
                return isWhole ? all : nil
            },
            workers: try layers.integer("workers", default: 2, in: 0...64),
            jobLease: try layers.duration("job_lease", default: .seconds(30), in: 2...3600),
            maximumPatients: try layers.integer("max_patients", default: 1_000_000, in: 1...1_000_000_000),
            chunkSize: try layers.integer("chunk_size", default: 5_000, in: 1...1_000_000),
            streams: try layers.integer("max_streams", default: 8, in: 1...1000),
            requestsPerMinute: try layers.integer("requests_per_minute", default: 60_000, in: 1...10_000_000),
            connections: try layers.integer("max_connections", default: 4096, in: 1...1_000_000),
            clientTimeout: try layers.duration("client_timeout", default: .seconds(10), in: 0.1...3600),
            shutdownBudget: try layers.duration("shutdown_budget", default: .seconds(30), in: 1...3600),
            drainGrace: try layers.duration("drain_grace", default: .milliseconds(100), in: 0...600),
            logLevel: try layers.value(
                "log_level", default: "info", allowed: "trace, debug, info, notice, warning, error or critical"
            ) {
                ["trace", "debug", "info", "notice", "warning", "error", "critical"].contains($0) ? $0 : nil
            },
            logFormat: try layers.value("log_format", default: "json", allowed: "json or text") {
                ["json", "text"].contains($0) ? $0 : nil
            })
    }

    private static func databaseURL(_ layers: Layers) throws -> DatabaseAddress {
        let fallback = DatabaseAddress.sqlite(path: "vitals.sqlite")
        guard let (text, place) = layers.text("database_url") else { return fallback }
        guard let address = DatabaseAddress(text) else {
            // The text may hold a password: it is not shown.
            throw SettingsError(
                place: place, key: "database_url",
                rule: "takes postgresql://user:password@host/name or sqlite:///path/to/file")
        }
        return address
    }

    private static func files(in folder: String?, environment: String) throws -> [String: StrictYAML.Entry] {
        guard let folder else { return [:] }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw SettingsError(place: "command line --config", key: "config", rule: "there is no folder \(folder)")
        }
        var found: [String: StrictYAML.Entry] = [:]
        let database = "\(folder)/database.yml"
        if FileManager.default.fileExists(atPath: database) {
            let yaml = try StrictYAML(
                file: database,
                isKnown: { key in
                    let parts = key.split(separator: ".").map(String.init)
                    return parts.count == 2 && environments.contains(parts[0]) && databaseKeys.contains(parts[1])
                },
                allowed: "\(databaseKeys.joined(separator: ", ")), each under \(environments.joined(separator: ", "))")
            for key in databaseKeys {
                found[key == "url" ? "database_url" : key] = yaml.entries["\(environment).\(key)"]
            }
        }
        let monitoring = "\(folder)/monitoring.yml"
        if FileManager.default.fileExists(atPath: monitoring) {
            let yaml = try StrictYAML(
                file: monitoring, isKnown: monitoringKeys.contains, allowed: monitoringKeys.joined(separator: ", "))
            for (key, entry) in yaml.entries { found[key.replacingOccurrences(of: ".", with: "_")] = entry }
        }
        return found
    }

    private static func pool(_ layers: Layers) throws -> PoolSettings {
        let plain = PoolSettings()
        return PoolSettings(
            size: try layers.integer("pool_size", default: plain.size, in: 1...1024),
            maxOverflow: try layers.integer("max_overflow", default: plain.maxOverflow, in: 0...1024),
            timeout: try layers.duration("pool_timeout", default: plain.timeout, in: 0.001...3600),
            recycle: try layers.duration("pool_recycle", default: plain.recycle, in: 1...604_800),
            prePing: try layers.boolean("pool_pre_ping", default: plain.prePing),
            echo: try layers.boolean("echo_pool", default: plain.echo))
    }

    private static func metrics(_ layers: Layers) throws -> MetricsSettings {
        MetricsSettings(
            enabled: try layers.boolean("metrics_enabled", default: true),
            port: try layers.value("metrics_port", default: nil, allowed: "a port from 0 to 65535") {
                Int($0).flatMap { (0...65535).contains($0) ? .some(.some($0)) : nil }
            },
            host: layers.text("metrics_host")?.text,
            path: try layers.value("metrics_path", default: "/metrics", allowed: "a path that begins with /") {
                $0.hasPrefix("/") && !$0.contains(" ") ? $0 : nil
            })
    }

    private static func alerts(_ layers: Layers) throws -> AlertSettings {
        let plain = AlertSettings()
        func rule(
            _ name: String, _ fallback: AlertSettings.Rule, allowed: String, _ parse: (String) -> Double?
        ) throws -> AlertSettings.Rule {
            AlertSettings.Rule(
                threshold: try layers.value(
                    "alerts_\(name)_threshold", default: fallback.threshold, allowed: allowed, parse),
                duration: try layers.duration("alerts_\(name)_duration", default: fallback.duration, in: 0...86_400))
        }
        func share(_ text: String) -> Double? { parseShare(text).flatMap { $0 > 0 && $0 <= 1 ? $0 : nil } }
        return AlertSettings(
            highResponseTime: try rule(
                "high_response_time", plain.highResponseTime, allowed: "a duration above 0 such as 1000ms"
            ) { parseSeconds($0).flatMap { $0 > 0 ? $0 : nil } },
            connectionPoolExhausted: try rule(
                "connection_pool_exhausted", plain.connectionPoolExhausted, allowed: "a share such as 90%", share),
            connectionPoolOverloaded: try rule(
                "connection_pool_overloaded", plain.connectionPoolOverloaded, allowed: "a number a second above 0"
            ) { Double($0).flatMap { $0 > 0 && $0.isFinite ? $0 : nil } },
            memoryUsageHigh: try rule("memory_usage_high", plain.memoryUsageHigh, allowed: "a share such as 80%", share)
        )
    }
}
