/// Why a pool could not lend a connection.
public struct PoolError: Error, Sendable, CustomStringConvertible {
    /// The kinds of trouble.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A setting is out of its range.
        case invalidConfiguration
        /// No connection came free in time.
        case timeout
        /// More callers came than can be served, and this one was refused early; ``PoolError/retryAfter`` says when it is
        /// worth to try again.
        case overloaded
        /// Connections cannot be made; ``PoolError/underlying`` says why.
        case connectFailed
        /// The pool has been shut down, or is about to.
        case shutdown
        /// The closure around the caller holds a connection of this pool, and no further one can come free before it ends.
        case nestedAcquire
    }

    /// The kind of trouble.
    public let code: Code
    /// One sentence that says what happened and what helps.
    public let message: String
    /// The last error of a connection attempt, where there was one.
    public let underlying: (any Error)?
    /// The pool at that moment.
    public let snapshot: PoolStatistics?
    /// After which time it is worth to try again, where the pool knows.
    public let retryAfter: Duration?

    /// An error.
    public init(
        _ code: Code, _ message: String, underlying: (any Error)? = nil, snapshot: PoolStatistics? = nil,
        retryAfter: Duration? = nil
    ) {
        self.retryAfter = retryAfter
        self.code = code
        self.message = message
        self.underlying = underlying
        self.snapshot = snapshot
    }

    /// The same error with a further remark.
    func adding(_ remark: String) -> PoolError {
        PoolError(
            code, "\(message); \(remark)", underlying: underlying, snapshot: snapshot, retryAfter: retryAfter)
    }

    /// One line for a log.
    public var description: String {
        var text = "\(code.rawValue): \(message)"
        if let underlying { text += " (\(underlying))" }
        if let snapshot {
            text += " [in use \(snapshot.inUse), idle \(snapshot.idle), connecting \(snapshot.connecting), "
            text += "checking \(snapshot.checking), closing \(snapshot.closing), "
            text += "waiting \(snapshot.waiting), limit \(snapshot.limit)"
            if let site = snapshot.longestHeldSite { text += ", longest held by \(site)" }
            text += "]"
        }
        return text
    }
}
