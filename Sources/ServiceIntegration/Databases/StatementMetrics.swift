public import SQLDatabase
public import ServiceMetrics

/// Turns what the drivers tell of statements into metrics.
///
/// ```swift
/// let statements = try StatementMetrics(registry: registry)
/// let database = try PostgresDatabase(
///     configuration: configuration, instrumentation: SQLInstrumentation(observer: statements.observer("main")))
/// ```
public struct StatementMetrics: Sendable {
    private let durations: HistogramFamily
    private let failures: CounterFamily
    private let slow: CounterFamily

    /// Registers `db_query_duration_seconds` by `database` and `operation`, `db_query_errors_total` by `database` and
    /// `error`, and `db_slow_queries_total` by `database`.
    /// - Parameter duration: The first one's name, where that is taken.
    /// - Throws: `MetricError` when one of the names is taken.
    public init(registry: MetricRegistry, duration: String = "db_query_duration_seconds") throws {
        durations = try registry.histogram(
            duration, help: "How long statements take, from the call to the result.", labels: "database", "operation")
        failures = try registry.counter(
            "db_query_errors_total", help: "Statements that failed, by cause.", labels: "database", "error")
        slow = try registry.counter(
            "db_slow_queries_total", help: "Statements slower than the threshold.", labels: "database")
    }

    /// The observer of one database.
    /// - Parameters:
    ///   - database: The label.
    ///   - next: Is told everything as well.
    public func observer(_ database: String, next: (any SQLObserver)? = nil) -> any SQLObserver {
        // A zero is there before the first one, or a rate would miss it.
        _ = slow.with(database)
        return Observer(metrics: self, database: database, next: next)
    }

    private struct Observer: SQLObserver {
        let metrics: StatementMetrics
        let database: String
        let next: (any SQLObserver)?

        func sql(didRun statement: SQLStatementReport) {
            // A label has few values whatever a program sends.
            let operation = Self.operations.contains(statement.operation) ? statement.operation : "other"
            metrics.durations.with(database, operation).observe(statement.duration)
            if let error = statement.errorType { metrics.failures.with(database, error).increment() }
            if statement.isSlow { metrics.slow.with(database).increment() }
            next?.sql(didRun: statement)
        }

        private static let operations: Set<String> = [
            "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "COPY", "BEGIN", "COMMIT", "ROLLBACK",
            "SAVEPOINT", "RELEASE", "CREATE", "ALTER", "DROP", "TRUNCATE", "SET", "PRAGMA", "CALL", "DO", "LISTEN",
            "NOTIFY", "VACUUM", "ANALYZE", "EXPLAIN", "VALUES",
        ]
    }
}
