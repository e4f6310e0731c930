/// The rule by which a transaction that lost to another one runs again.
///
/// On PostgreSQL that is SQLSTATE 40001 and 40P01, and a statement whose preparation was stale; on SQLite a lock that
/// another process held.
public struct TransactionRetry: Sendable, Hashable {
    /// The number of times the body may run in all, 1 or more.
    public var attempts: Int
    /// The pause before the second run. It doubles with each further one, and is drawn at random from zero up to that.
    public var pause: Duration
    /// The longest pause.
    public var longestPause: Duration

    /// Creates a rule.
    /// - Parameters:
    ///   - attempts: The number of times the body may run in all.
    ///   - pause: The pause before the second run.
    ///   - longestPause: The longest pause.
    public init(attempts: Int, pause: Duration = .milliseconds(10), longestPause: Duration = .seconds(1)) {
        self.attempts = max(1, attempts)
        self.pause = pause
        self.longestPause = longestPause
    }

    /// Once, and no more.
    public static let never = TransactionRetry(attempts: 1)
    /// Five runs, pauses from 10 ms.
    public static let standard = TransactionRetry(attempts: 5)

    /// The pause after a number of failed runs, with full jitter.
    package func pause(after runs: Int) -> Duration {
        let century = Duration.seconds(100 * 365 * 86_400)
        let bound = min(longestPause, century, min(pause, century) * (1 << min(runs - 1, 16)))
        return bound * Double.random(in: 0...1)
    }
}
