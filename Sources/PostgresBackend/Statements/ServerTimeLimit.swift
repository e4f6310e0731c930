/// The server's time limit (`statement_timeout`) of one session, where requests have limits of their own.
///
/// The change travels in front of the request that needs it, and the return to the limit before it in front of the next
/// request, so neither costs a round trip. Inside a transaction the change is local, and undone with the transaction.
///
/// The limit before is restored only where the limit in force is still the request's: what a statement of the request
/// has set stays. A request's limit is a value that other code is unlikely to set (``milliseconds(_:)``).
struct ServerTimeLimit {
    /// Whether the session's limit may be a request's. While a transaction is open it cannot be changed back for good,
    /// and each transaction that begins has it in force.
    private var isInSession = false
    /// Whether the open transaction's limit may be a request's.
    private var isInTransaction = false

    /// A request's limit as the server takes it: a millisecond more than asked for, and 24 days for no limit.
    static func milliseconds(_ limit: Duration) -> Int64 {
        let longest = Int64(Int32.max)
        guard limit < .milliseconds(longest) else { return longest }
        let (seconds, attoseconds) = limit.components
        return min(longest, max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000) + 1)
    }

    /// Appends what has to come before a request.
    /// - Parameters:
    ///   - limit: The request's own limit in milliseconds, if it has one.
    ///   - status: The state of the transaction before the request.
    /// - Returns: The number of queries appended, each of which the server answers before the request.
    mutating func encode(
        _ limit: Int64?, _ status: PostgresConnection.TransactionStatus, _ output: OutputBuffer
    ) -> Int {
        guard isInTransaction || isInSession || limit != nil else { return 0 }
        let isLocal = status == .inTransaction
        // In a failed transaction nothing can be set, and nothing that takes long runs.
        guard isLocal || status == .idle else { return 0 }
        var count = 0
        if isInTransaction || isInSession {
            _ = output.query(
                "SELECT \(Self.set)('statement_timeout', \(Self.get)('vitals.usual_timeout', true), \(isLocal)) "
                    + "WHERE \(Self.get)('statement_timeout') = \(Self.get)('vitals.request_timeout', true)")
            isInTransaction = false
            if !isLocal { isInSession = false }
            count += 1
        }
        if let limit {
            _ = output.query(
                "SELECT \(Self.set)('vitals.usual_timeout', \(Self.get)('statement_timeout'), \(isLocal)), "
                    + "\(Self.set)('vitals.request_timeout', "
                    + "\(Self.set)('statement_timeout', '\(limit)', \(isLocal)), \(isLocal))")
            if isLocal { isInTransaction = true } else { isInSession = true }
            count += 1
        }
        return count
    }

    private static let set = "pg_catalog.set_config"
    private static let get = "pg_catalog.current_setting"
}
