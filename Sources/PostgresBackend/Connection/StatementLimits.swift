import DriverExecutors
import SQLDatabase

/// How long statements may take, on the client's clock and on the server's.
struct StatementLimits: Sendable {
    private let configured: Duration?
    private let grace: Duration
    private let isPooled: Bool
    /// The configured limit as the client keeps it, in nanoseconds; 0 for none.
    private let usual: UInt64
    /// The configured limit as the server keeps it, in nanoseconds; 0 for none.
    private let usualOfServer: UInt64

    init(_ configuration: PostgresConfiguration, isPooled: Bool) {
        configured = configuration.statementTimeout
        grace = configuration.responseGrace
        self.isPooled = isPooled
        usual = configured.map { MonotonicTime.nanoseconds(isPooled ? $0 : $0 + configuration.responseGrace) } ?? 0
        usualOfServer = configuration.statementTimeout.map { MonotonicTime.nanoseconds($0) } ?? 0
    }

    /// When a statement is interrupted, in monotonic nanoseconds; 0 for never.
    ///
    /// Under the configured limit the server itself ends the statement, and the client waits a grace longer for a server
    /// that does not answer at all.
    func deadline(_ timeout: Duration?) -> UInt64 {
        guard let timeout else { return usual > 0 ? MonotonicTime.now() &+ usual : 0 }
        return timeout >= .unlimited ? 0 : MonotonicTime.now() &+ MonotonicTime.nanoseconds(timeout)
    }

    /// The server's limit that a request needs in place of the session's, in milliseconds: one for a request that may run
    /// longer than the configured limit.
    func serverLimit(_ timeout: Duration?) -> Int64? {
        guard let timeout, let configured, !isPooled, timeout > configured else { return nil }
        return ServerTimeLimit.milliseconds(timeout >= .unlimited ? timeout : timeout + grace)
    }

    /// Gives an exchange its limits.
    /// - Parameters:
    ///   - exchange: The request, which is about to be sent.
    ///   - sql: Its text, where it is one text. A `BEGIN` by itself takes no time and needs no limit of its own: the next
    ///     statement may have to be the first of the transaction that runs a query.
    ///   - timeout: The limit that the caller asked for.
    ///   - deadline: The request's end, where an earlier attempt has begun it.
    func apply(_ timeout: Duration?, to exchange: Exchange, sql: String? = nil, deadline: UInt64? = nil) {
        exchange.deadline = deadline ?? self.deadline(timeout)
        if let limit = serverLimit(timeout) {
            if let sql, StatementTraits(sql).onlyBegins { return }
            exchange.serverLimit = limit
            return
        }
        guard usual > 0, !isPooled else { return }
        exchange.usualLimit = usualOfServer
        exchange.begun = timeout == nil && deadline == nil ? exchange.deadline &- usual : MonotonicTime.now()
    }
}

extension StatementTraits {
    /// Whether it is `BEGIN` or `START TRANSACTION` and nothing else.
    fileprivate var onlyBegins: Bool { controlsTransaction && !mayWrite && commits.count == 1 }
}
