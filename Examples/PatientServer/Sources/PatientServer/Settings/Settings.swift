import Foundation

/// Everything the server is told from outside, checked.
struct Settings: Sendable {
    var environment: String
    var host: String
    var port: Int
    var database: DatabaseAddress
    var pool: PoolSettings
    var metrics: MetricsSettings
    var alerts: AlertSettings
    var redis: String?
    var alertmanager: String?
    /// From which duration on a statement is written to the log.
    var slowStatement: Duration
    /// The PEM file of the certificate that clients are shown, here or by the proxy in front.
    var certificate: String?
    /// What else the service leans on: a name and an address that answers when it is well.
    var endpoints: [Endpoint]
    var workers: Int
    /// How long a job stays with a process that no longer says that it lives.
    var jobLease: Duration
    var maximumPatients: Int
    var chunkSize: Int
    /// Streams that may run at a time.
    var streams: Int
    /// Requests a minute from one address that shows no key.
    var requestsPerMinute: Int
    /// Connections of clients at a time; more wait to be accepted.
    var connections: Int
    /// How long a client may take to send the head of a request; its body may take three times as long.
    var clientTimeout: Duration
    /// From SIGTERM to the end of the process.
    var shutdownBudget: Duration
    /// How long new requests are still taken after `health/ready` says no.
    var drainGrace: Duration
    var logLevel: String
    var logFormat: String

    /// Something over HTTP whose health is looked at.
    struct Endpoint: Sendable, Equatable {
        var name: String
        var url: String

        /// `name=http://host/path`.
        init?(_ text: Substring) {
            guard let sign = text.firstIndex(of: "=") else { return nil }
            name = String(text[..<sign])
            url = String(text[text.index(after: sign)...])
            let isPlain = name.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "_")
            }
            guard isPlain, !name.isEmpty, let parts = URLComponents(string: url), parts.host?.isEmpty == false,
                parts.scheme == "http" || parts.scheme == "https"
            else { return nil }
        }
    }

    /// The connection pool, in the words of `config/database.yml`.
    struct PoolSettings: Sendable, Equatable {
        var size = 20
        var maxOverflow = 10
        var timeout: Duration = .seconds(30)
        var recycle: Duration = .seconds(3600)
        var prePing = true
        var echo = false
    }

    /// Where metrics are served. Without a port of their own they are on the main one.
    struct MetricsSettings: Sendable, Equatable {
        var enabled = true
        var port: Int?
        /// Where that port listens; the main address by default.
        var host: String?
        var path = "/metrics"
    }

    /// Threshold (seconds, a fraction, or a number a second) and duration of each alert.
    struct AlertSettings: Sendable, Equatable {
        struct Rule: Sendable, Equatable {
            var threshold: Double
            var duration: Duration
        }
        var highResponseTime = Rule(threshold: 1, duration: .seconds(300))
        var connectionPoolExhausted = Rule(threshold: 0.9, duration: .seconds(120))
        var connectionPoolOverloaded = Rule(threshold: 1, duration: .seconds(120))
        var memoryUsageHigh = Rule(threshold: 0.8, duration: .seconds(600))
    }

    /// Whether operators have a listener of their own, so that strangers are told less and they are told all.
    var hasOperatorListener: Bool { metrics.port != nil }

    /// Names of the settings that each file may hold.
    static let databaseKeys = [
        "url", "pool_size", "max_overflow", "pool_timeout", "pool_recycle", "pool_pre_ping", "echo_pool",
    ]
    static let monitoringKeys =
        ["metrics.enabled", "metrics.port", "metrics.path"]
        + ["high_response_time", "connection_pool_exhausted", "connection_pool_overloaded", "memory_usage_high"].flatMap
    {
        ["alerts.\($0).threshold", "alerts.\($0).duration"]
    }
    static let environments = ["production", "staging", "development", "test"]
}

/// A database's address: PostgreSQL's own form, or `sqlite://` and a path.
enum DatabaseAddress: Sendable, Equatable {
    case sqlite(path: String)
    case postgres(String)

    init?(_ text: String) {
        if text.hasPrefix("sqlite://") {
            let path = String(text.dropFirst("sqlite://".count))
            guard !path.isEmpty else { return nil }
            self = .sqlite(path: path)
        } else if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            self = .postgres(text)
        } else {
            return nil
        }
    }
}
