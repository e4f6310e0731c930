/// A transaction or savepoint that a task opened on a session.
///
/// While one is open, only statements from within it run on the session: those of the task that opened it and of its
/// child tasks. A rollback therefore undoes what its own body did and nothing else.
final class TransactionScope: Sendable {
    /// The innermost scope that encloses the current task, over all sessions.
    @TaskLocal static var current: TransactionScope?

    private let session: ObjectIdentifier
    private let parent: TransactionScope?
    /// Whether it, or a scope around it, was asked to refuse writing.
    let isReadOnly: Bool

    /// The level that the outermost transaction was begun with, if it was named.
    let isolation: IsolationLevel?

    convenience init(
        session: PostgresSession, parent: TransactionScope?, isolation: IsolationLevel? = nil, isReadOnly: Bool = false
    ) {
        self.init(session: ObjectIdentifier(session), parent: parent, isolation: isolation, isReadOnly: isReadOnly)
    }

    init(
        session: ObjectIdentifier, parent: TransactionScope?, isolation: IsolationLevel? = nil, isReadOnly: Bool = false
    ) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly || parent?.isReadOnly == true
        self.session = session
        self.parent = parent
    }

    /// The innermost scope of a session that encloses the current task.
    static func innermost(of session: PostgresSession) -> TransactionScope? {
        var scope = current
        while let candidate = scope, candidate.session != ObjectIdentifier(session) { scope = candidate.parent }
        return scope
    }
}
