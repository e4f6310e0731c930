import ConnectionPool
import Foundation
import HealthChecks
import Hummingbird
import HummingbirdIntegration
import JobQueue
import Logging
import NIOCore
import NIOPosix
import SQLDatabase
import ServiceIntegration
import ServiceLifecycle
import ServiceMetrics

/// The parts of a process, put together.
struct ServerApplication: Sendable {
    let settings: Settings
    let logger: Logger
    let storage: Storage
    let registry: MetricRegistry
    let health: HealthRegistry
    let watchdog = ExecutorLagWatchdog()
    let loops: EventLoopLag
    let jobMetrics: JobMetrics
    let keys: KeyStore
    let ring: KeyRing
    let dashboard: Dashboard
    let alerts: AlertEvaluator
    let shared: SharedState
    let generationMetrics: GenerationMetrics
    /// The kinds of jobs that this process runs.
    var jobs = JobRegistry()

    init(settings: Settings, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        registry = MetricRegistry()
        let statements = try StatementMetrics(registry: registry)
        storage = try Storage.open(settings, observer: statements.observer("main"), logger: logger)
        shared = try SharedState(settings, registry: registry, logger: logger)
        alerts = AlertEvaluator(settings, registry: registry, logger: logger)
        keys = KeyStore(database: storage.database)
        ring = KeyRing(store: keys, logger: logger)
        dashboard = Dashboard(registry: registry)
        health = HealthRegistry(showsErrors: settings.hasOperatorListener)
        jobMetrics = try JobMetrics(registry: registry)
        generationMetrics = try GenerationMetrics(registry: registry)
        jobs.register(ManifestBuilder())
        jobs.register(ChunkGenerator(metrics: generationMetrics))
        jobMetrics.expect(queues: ["generation"], kinds: jobs.kindNames)
        try registry.registerProcessMetrics()
        loops = EventLoopLag(
            factory: RegistryMetricsFactory(
                registry: registry,
                help: ["nio.event_loop.lag": "How long an event loop takes to come to a new task."], logger: logger))
        let storage = storage
        try PoolMetrics([(name: "main", read: storage.statistics)]).register(in: registry)
        try HealthMetrics(health, registry: registry)
        watchdog.start(reportingTo: health)
        addChecks()
    }

    /// Lets go of the database and of Redis.
    func close() async {
        await shared.close()
        await storage.close()
    }

    /// Makes the schema and proves the database, so that a start that cannot be ends at once.
    func prepare() async throws {
        try await storage.migrate()
        _ = try await storage.database.rows("SELECT 1")
        await health.refresh()
        health.started()
    }

    /// Where to listen: while no API key exists, on the loopback address alone, whatever was asked for.
    func safeHost() async -> String {
        guard await ring.isEmpty else { return settings.host }
        guard !["127.0.0.1", "::1", "localhost"].contains(settings.host) else { return settings.host }
        logger.warning(
            "no API key exists: only the loopback address is served; make a key with `patient-server keys create` and start again",
            metadata: ["asked_for": "\(settings.host)"])
        return "127.0.0.1"
    }

    /// The job worker of this process.
    func worker(slots: Int) throws -> JobWorker {
        try JobWorker(
            store: storage.jobs,
            configuration: JobWorkerConfiguration(
                queues: ["generation": slots], lease: settings.jobLease,
                heartbeatInterval: min(.seconds(5), settings.jobLease / 5),
                drainTimeout: min(.seconds(2), settings.shutdownBudget / 10),
                cancelTimeout: min(.seconds(5), settings.shutdownBudget / 10)),
            observer: jobMetrics, logger: logger
        ) { $0 = jobs }
    }

    /// Services in the order of their start; they stop in reverse, the drain gate first.
    func services(serving isServing: Bool, host: String, slots: Int, ready: @escaping @Sendable (Int) -> Void) throws
        -> [any Service]
    {
        let storage = storage
        let health = health
        var services: [any Service] = [BackgroundService("database") { await storage.run() }]
        if slots > 0 { services.append(JobWorkerService(try worker(slots: slots))) }
        services.append(BackgroundService("health") { await health.run() })
        let loops = loops
        services.append(BackgroundService("event loops") { await loops.follow(MultiThreadedEventLoopGroup.singleton) })
        if let port = settings.metrics.port, settings.metrics.enabled {
            services.append(metricsServer(port: port))
        }
        let jobMetrics = jobMetrics
        services.append(
            BackgroundService("job statistics") {
                await jobMetrics.follow(storage.jobs, queues: ["generation"])
            })
        if isServing {
            let dashboard = dashboard
            services.append(BackgroundService("dashboard") { await dashboard.run() })
        }
        let alerts = alerts
        services.append(BackgroundService("alerts") { await alerts.run() })
        if isServing {
            // Half of the budget for what is under way; the workers need the rest.
            services.append(
                TimeBoxedService(try server(host: host, ready: ready), limit: settings.shutdownBudget / 2))
        }
        services.append(DrainGate(health, grace: settings.drainGrace))
        return services
    }
}
