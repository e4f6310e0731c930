import Synchronization

/// A transaction or savepoint that a task opened on a session.
///
/// While one is open, only statements from within it run on the session: those of the task that opened it and of its
/// child tasks. A rollback therefore undoes what its own body did and nothing else. Once it has ended, statements from
/// within it, of tasks that outlive the body, are refused.
final class TransactionScope: Sendable {
    /// The innermost scope that encloses the current task, over all sessions.
    @TaskLocal static var current: TransactionScope?

    /// The session's number. A session's memory may be another's later, its number never.
    private let session: UInt64
    /// The number of the loan in which it was opened.
    private let loan: UInt64
    private let parent: TransactionScope?
    private let ended = Atomic<Bool>(false)
    /// Whether it, or a scope around it, was asked to refuse writing.
    let isReadOnly: Bool

    /// The level that the outermost transaction was begun with, if it was named.
    let isolation: IsolationLevel?

    /// - Parameter session: A session's ``PostgresSession/number``.
    init(
        session: UInt64, loan: Loan = .none, parent: TransactionScope?, isolation: IsolationLevel? = nil,
        isReadOnly: Bool = false
    ) {
        self.loan = loan.number
        self.isolation = isolation
        self.isReadOnly = isReadOnly || parent?.isReadOnly == true
        self.session = session
        self.parent = parent
    }

    /// Whether its body has returned.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    func end() { ended.store(true, ordering: .releasing) }

    /// The innermost scope of a session, within one loan, that encloses the current task. A task that outlives the body
    /// and borrows the same session anew is in none.
    static func innermost(of session: PostgresSession, _ loan: Loan) -> TransactionScope? {
        var scope = current
        while let candidate = scope, !candidate.belongs(to: session, loan) { scope = candidate.parent }
        return scope
    }

    private func belongs(to session: PostgresSession, _ loan: Loan) -> Bool {
        self.session == session.number && self.loan == loan.number && !(loan.number == 0 && hasEnded)
    }

    static var hasEnded: PostgresError {
        PostgresError(
            .notSupported,
            "the transaction that the statement's task began in has ended: wait for such tasks before its body returns, or "
                + "let them borrow a connection of their own",
            outcome: .notApplied)
    }
}
