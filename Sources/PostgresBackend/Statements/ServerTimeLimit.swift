/// A time limit of the server's for one request that differs from the session's.
///
/// The change travels with the request, before and after it, and costs no round trip. In a transaction that fails it is
/// undone with the transaction.
struct ServerTimeLimit {
    /// Milliseconds; 0 for no limit.
    let milliseconds: Int64
    /// What the session goes back to.
    let usualMilliseconds: Int64

    func begin(_ output: OutputBuffer) { _ = output.query("SET statement_timeout = \(milliseconds)") }

    func end(_ output: OutputBuffer) { _ = output.query("SET statement_timeout = \(usualMilliseconds)") }
}
