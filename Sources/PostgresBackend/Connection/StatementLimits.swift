import DriverExecutors
import SQLDatabase

/// How long statements may take, on the client's clock and on the server's.
struct StatementLimits: Sendable {
    private let configured: Duration?
    private let grace: Duration
    private let isPooled: Bool
    /// The configured limit as the client keeps it, in nanoseconds; 0 for none.
    private let usual: UInt64

    init(_ configuration: PostgresConfiguration, isPooled: Bool) {
        configured = configuration.statementTimeout
        grace = configuration.responseGrace
        self.isPooled = isPooled
        usual = configured.map { MonotonicTime.nanoseconds(isPooled ? $0 : $0 + configuration.responseGrace) } ?? 0
    }

    /// When a statement is interrupted, in monotonic nanoseconds; 0 for never.
    ///
    /// Under the configured limit the server itself ends the statement, and the client waits a grace longer for a server
    /// that does not answer at all.
    func deadline(_ timeout: Duration?) -> UInt64 {
        guard let timeout else { return usual > 0 ? MonotonicTime.now() &+ usual : 0 }
        return timeout >= .unlimited ? 0 : MonotonicTime.now() &+ MonotonicTime.nanoseconds(timeout)
    }

    /// The change of the server's limit that a statement needs: one that may run longer than the configured limit.
    func serverLimit(_ timeout: Duration?) -> ServerTimeLimit? {
        guard let timeout, let configured, !isPooled, timeout > configured else { return nil }
        let longest = Duration.milliseconds(Int64(Int32.max))
        return ServerTimeLimit(
            milliseconds: timeout + grace >= longest || timeout >= .unlimited ? 0 : Self.milliseconds(timeout + grace))
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        max(1, duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
