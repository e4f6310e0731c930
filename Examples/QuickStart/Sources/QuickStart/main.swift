import HealthChecks
import Hummingbird
import HummingbirdIntegration
import Logging
import SQLiteBackend
import ServiceIntegration
import ServiceLifecycle
import ServiceMetrics

let database = try SQLiteDatabase(SQLiteConfiguration(path: "visits.sqlite"))
try await database.write { try await $0.execute("CREATE TABLE IF NOT EXISTS visits (ward TEXT NOT NULL)") }

let registry = MetricRegistry()
let visits = try registry.counter("visits_total", help: "Visits recorded.", labels: "ward")
try PoolMetrics([(name: "sqlite", read: { database.statistics.writer })]).register(in: registry)

let health = HealthRegistry()
health.add(
    HealthCheck(name: "database") {
        try await database.read { _ = try await $0.query("SELECT 1") }; return .healthy
    })

let router = Router()
router.add(middleware: try RequestObservation(registry: registry))
router.addHealthRoutes(health, version: "1.0").addMetricsRoute(registry)
router.post("visits/{ward}") { _, context in
    let ward = try context.parameters.require("ward")
    try await database.write { try await $0.execute("INSERT INTO visits (ward) VALUES (\(ward))") }
    visits.with(ward).increment()
    return HTTPResponse.Status.created
}

let server = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 8080)))
let parts: [any Service] = [
    BackgroundService("database") { await database.run() }, BackgroundService("health") { await health.run() },
    server, DrainGate(health),
]
let logger = Logger(label: "visits")
try await ServiceGroup(services: parts, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
