import DriverExecutors
import SQLDatabase

/// Finds out whether the settings of a new session have arrived.
///
/// They travel in the start-up parameter `options`, which a pooler may be configured to ignore. Among them is a setting of the
/// driver's own that nothing else sets: a session without it has none of them.
struct SettingsCheck {
    /// The part of `options` that marks them.
    static let mark = "-c vitals.settings=sent"
    private static let query: SQLQuery =
        "SELECT coalesce(pg_catalog.current_setting('vitals.settings', true), '') = 'sent'"

    let server: String
    /// How long the answer may take.
    let limit: Duration

    /// Asks the server, in one round trip.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration`` when the settings were dropped.
    func run(_ session: PostgresSession) async throws {
        let exchange = StatementExchange([Self.query], keeps: false)
        exchange.deadline = MonotonicTime.now() &+ MonotonicTime.nanoseconds(limit)
        try await session.perform(exchange)
        if exchange.interruption != nil {
            if Task.isCancelled { throw CancellationError() }
            throw PostgresError(
                .connectTimeout, "\(server) did not answer within \(limit): check the host, the network and firewalls")
        }
        guard try exchange.result(0).rows.first?.decode(0, as: Bool.self) != true else { return }
        throw PostgresError(
            .invalidConfiguration,
            "\(server) is a pooler that ignores the settings of the session, statement_timeout among them "
                + "(PgBouncer: ignore_startup_parameters holds options): set pooling to .transactionPooler, and give the "
                + "role its settings with ALTER ROLE … SET")
    }
}
