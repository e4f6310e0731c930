import ConnectionPool
import Foundation
import HTTPTypes
import HealthChecks
import Hummingbird
import HummingbirdIntegration
import ServiceIntegration

/// Health and the connection pool.
struct HealthRoutes: Sendable {
    let health: HealthRegistry
    let storage: Storage
    /// Strangers are not told what checks say where operators have a listener of their own.
    let detail: HealthDetail

    func add(to router: some RouterMethods<AppContext>) {
        router.addHealthRoutes(health, version: serverVersion, options: HealthRouteOptions(detail: detail))
        router.get("health/database") { _, _ in
            let statistics = storage.statistics()
            let check = health.report().checks.first { $0.name == "database" }
            let status = check?.status ?? .unknown
            return try jsonResponse(
                PoolAnswer(
                    status: status.rawValue, pool_size: statistics.size, checked_out_connections: statistics.inUse,
                    overflow: statistics.overflow, total: statistics.total),
                status: status == .unhealthy ? .serviceUnavailable : .ok)
        }
    }
}

/// The dashboard's figures and the alerts.
struct WatchRoutes: Sendable {
    let dashboard: Dashboard
    let alerts: AlertEvaluator

    private struct Watch: Encodable {
        var samples: [Dashboard.Sample]?
        var alerts: [AlertEvaluator.Alert]
    }

    func add(to router: some RouterMethods<AppContext>) {
        router.get("dashboard") { _, _ in
            try jsonResponse(
                Watch(samples: dashboard.recent, alerts: alerts.alerts), headers: [.cacheControl: "no-store"])
        }
        router.get("alerts") { _, _ in
            try jsonResponse(Watch(alerts: alerts.alerts), headers: [.cacheControl: "no-store"])
        }
    }
}

/// The connection pool, in the words of the original.
private struct PoolAnswer: Encodable {
    var status: String
    var pool_size: Int
    var checked_out_connections: Int
    var overflow: Int
    var total: Int
}

/// The server's version, as health answers and the OpenAPI document say it.
let serverVersion = "0.1.0"
