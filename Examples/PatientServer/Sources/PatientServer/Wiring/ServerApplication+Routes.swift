import HealthChecks
import Hummingbird
import HummingbirdCore
import HummingbirdIntegration
import JobQueue
import NIOCore
import RateLimiting
import ServiceLifecycle
import ServiceMetrics

extension ServerApplication {
    /// All routes. Middleware from the outside in: observation, headers and errors, limits and keys.
    func router() throws -> Router<AppContext> {
        let table = RouteTable()
        let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: try RequestObservation(registry: registry))
        router.add(middleware: AnswerMiddleware(routes: table))
        router.add(middleware: Admission(ring: ring, store: shared.limits, perMinute: settings.requestsPerMinute))
        PageRoutes().add(to: router)
        addAPI(to: router.group("api/v1"))
        if settings.metrics.enabled, settings.metrics.port == nil {
            router.addMetricsRoute(registry, path: RouterPath(settings.metrics.path))
        }
        table.read(router)
        return router
    }

    /// The HTTP server.
    func server(host: String, ready: @escaping @Sendable (Int) -> Void) throws -> some Service {
        let seconds = settings.clientTimeout / .seconds(1)
        let patience = TimeAmount.milliseconds(Int64(seconds * 1000))
        return Application(
            router: try router(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        SlowClientGuard(head: patience, body: patience * 3, stall: patience * 6)
                    ])),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: settings.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.connections)),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    private func addAPI(to api: some RouterMethods<AppContext>) {
        let generations = Generations(
            client: JobClient(store: storage.jobs, observer: jobMetrics), chunkSize: settings.chunkSize, shared: shared)
        let configurations = ConfigurationStore(database: storage.database)
        let keys = keys
        let book: @Sendable (AppContext, Int) async throws -> Void = { context, patients in
            guard let key = context.key, try await !keys.book(patients, on: key) else { return }
            throw APIError(
                status: .tooManyRequests,
                detail: "the key “\(key.name)” may have \(key.patientsPerDay) patients a day, and these would be more",
                headers: [.retryAfter: "\(86_400 - milliseconds() / 1000 % 86_400)"])
        }
        GenerationRoutes(
            generations: generations, configurations: configurations, maximumPatients: settings.maximumPatients,
            book: book,
            audit: { try await keys.audit($0.key, $1, $2, requestID: requestID(of: $0)) }
        ).add(to: api)
        DownloadRoutes(generations: generations).add(to: api)
        StreamingRoutes(
            maximumPatients: settings.maximumPatients, streams: StreamSlots(limit: settings.streams),
            configurations: configurations, metrics: generationMetrics, book: book
        ).add(to: api)
        ConfigurationRoutes(store: configurations).add(to: api)
        ReferenceRoutes().add(to: api)
        HealthRoutes(
            health: health, storage: storage, detail: settings.hasOperatorListener ? .checks : .full
        ).add(to: api)
        WatchRoutes(dashboard: dashboard, alerts: alerts).add(to: api)
    }

    /// The page that Prometheus scrapes, on a port of its own.
    func metricsServer(port: Int) -> some Service {
        let router = Router()
        router.addMetricsRoute(registry, path: RouterPath(settings.metrics.path))
        // A worker has no other port to be asked on.
        router.group("api/v1").addHealthRoutes(health, version: serverVersion)
        return Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.metrics.host ?? settings.host, port: port), serverName: nil),
            logger: logger)
    }
}
