/// The loan of a connection that a request belongs to.
struct Loan: Sendable {
    /// 0 for the requests of the pool itself, which belong to no loan.
    let number: UInt64
    /// Whether statements that write are refused.
    let isReadOnly: Bool

    static let none = Loan(number: 0, isReadOnly: false)

    static var hasEnded: PostgresError {
        PostgresError(
            .notSupported,
            "the connection was used after its loan had ended: use it only until the closure that lent it returns, and "
                + "let a task that goes on longer borrow a connection of its own",
            outcome: .notApplied)
    }
}
