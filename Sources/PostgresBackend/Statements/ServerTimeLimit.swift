/// A time limit of the server's for one request that differs from the session's.
///
/// The change travels with the request, before and after it, and costs no round trip. The limit that was in force before
/// is in force again after it, whoever set it. In a transaction the change is local, and undone with the transaction.
struct ServerTimeLimit {
    /// Milliseconds; 0 for no limit.
    let milliseconds: Int64

    func begin(_ output: OutputBuffer, _ session: SessionView) {
        _ = output.query(
            "SELECT \(Self.set)('vitals.statement_timeout', pg_catalog.current_setting('statement_timeout'), "
                + "\(session.isInTransaction)), \(Self.set)('statement_timeout', '\(milliseconds)', "
                + "\(session.isInTransaction))")
    }

    func end(_ output: OutputBuffer, _ session: SessionView) {
        _ = output.query(
            "SELECT \(Self.set)('statement_timeout', pg_catalog.current_setting('vitals.statement_timeout'), "
                + "\(session.isInTransaction))")
    }

    private static let set = "pg_catalog.set_config"
}
