import ConnectionPool
import Foundation
import HealthChecks
import JobQueue
import JobQueueSQL
import Logging
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import ServiceIntegration

/// The database and the job store on it.
struct Storage: Sendable {
    let database: any SQLClient
    let jobs: any JobStore
    /// Brings the schema up to date, under a lock.
    let migrate: @Sendable () async throws -> Void
    /// A round trip through the application's own pool.
    let check: HealthCheck
    let statistics: @Sendable () -> PoolStatistics
    let run: @Sendable () async -> Void
    let close: @Sendable () async -> Void

    /// - Parameter observer: Is told of every statement. Slow ones are logged as well.
    static func open(_ settings: Settings, observer: (any SQLObserver)? = nil, logger: Logger) throws -> Storage {
        let log = PoolLog(logger: logger)
        let instrumentation = SQLInstrumentation(
            observer: observer, logger: logger, slowStatement: settings.slowStatement)
        switch settings.database {
        case .sqlite(let path):
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: path, synchronous: .full, acquireTimeout: settings.pool.timeout),
                observer: log, instrumentation: instrumentation)
            let store = SQLiteJobStore(database: database)
            return Storage(
                database: database, jobs: store,
                migrate: {
                    try await store.migrate()
                    try await Schema.migrate(database)
                },
                check: .pool(
                    "database", database.readers ?? database.writer, interval: .seconds(2),
                    showsErrors: settings.hasOperatorListener),
                statistics: {
                    let statistics = database.statistics
                    return statistics.readers ?? statistics.writer
                },
                run: { await database.run() }, close: { await database.shutdown() })
        case .postgres(let dsn):
            var configuration = try PostgresConfiguration(dsn)
            configuration.applicationName = "patient_server"
            let database = try PostgresDatabase(
                configuration: configuration,
                poolConfiguration: PoolConfiguration(
                    size: settings.pool.size, maxOverflow: settings.pool.maxOverflow, timeout: settings.pool.timeout,
                    maxLifetime: settings.pool.recycle,
                    validation: settings.pool.prePing ? .always : .whenIdle(longerThan: .milliseconds(500)),
                    echo: settings.pool.echo),
                poolObserver: log, instrumentation: instrumentation)
            let store = try PostgresJobStore(database: database)
            return Storage(
                database: database, jobs: store,
                migrate: {
                    try await store.migrate()
                    try await Schema.migrate(database)
                },
                check: .pool(
                    "database", database.pool, interval: .seconds(2), showsErrors: settings.hasOperatorListener),
                statistics: { database.pool.statistics }, run: { await database.run() },
                close: { await database.shutdown() })
        }
    }
}

/// Pool events as log lines: the `echo_pool` of the configuration.
struct PoolLog: PoolObserver {
    let logger: Logger

    func pool(did event: PoolEvent) {
        switch event {
        case .connectFailed(let error, let pause):
            logger.warning("connection failed", metadata: ["error": "\(error)", "retry_in": "\(pause)"])
        case .suspectedLeak(let held, let site):
            logger.warning("connection held", metadata: ["held": "\(held)", "site": "\(site)"])
        case .leakReturned(let held, let site):
            logger.notice("held connection returned", metadata: ["held": "\(held)", "site": "\(site)"])
        case .timedOut(let waited, let site):
            logger.warning("no connection in time", metadata: ["waited": "\(waited)", "site": "\(site)"])
        case .shed(let waited, let priority, let site):
            logger.debug(
                "refused early", metadata: ["waited": "\(waited)", "priority": "\(priority)", "site": "\(site)"])
        case .abandoned(let call, let after):
            logger.warning("call given up", metadata: ["call": "\(call)", "after": "\(after)"])
        case .connected(let took): logger.debug("connected", metadata: ["took": "\(took)"])
        case .closed(let reason): logger.debug("connection closed", metadata: ["reason": "\(reason)"])
        case .acquired(let waited, let site):
            logger.info("connection acquired", metadata: ["waited": "\(waited)", "site": "\(site)"])
        case .released(let held, let site):
            logger.info("connection released", metadata: ["held": "\(held)", "site": "\(site)"])
        @unknown default: break
        }
    }
}
