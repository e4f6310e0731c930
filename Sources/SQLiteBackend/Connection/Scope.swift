/// A scope that the current task is in, linked to the scope around it.
///
/// A task that is in scopes of several connections has one chain for all of them.
final class Scope: Sendable {
    enum Kind: Sendable {
        /// A loan of the writing connection, without a transaction.
        case lease
        /// A loan on which statements that write are refused.
        case reading
        case transaction, savepoint, snapshot, rows
    }

    @TaskLocal static var current: Scope?

    let connection: SQLiteConnection
    let lease: UInt64
    /// The number on the connection's stack; 0 for a loan, which is not on it.
    let number: UInt64
    let kind: Kind
    let parent: Scope?

    convenience init(_ kind: Kind, on connection: SQLiteConnection, lease: UInt64, number: UInt64) {
        self.init(kind, connection, lease, number, parent: Self.living(Scope.current))
    }

    private init(_ kind: Kind, _ connection: SQLiteConnection, _ lease: UInt64, _ number: UInt64, parent: Scope?) {
        self.kind = kind
        self.connection = connection
        self.lease = lease
        self.number = number
        self.parent = parent
    }

    /// A chain without the scopes of loans that have ended, so that tasks that start each other within their scopes do not
    /// make it longer and longer.
    private static func living(_ scope: Scope?) -> Scope? {
        guard let scope else { return nil }
        let parent = living(scope.parent)
        guard scope.lease == scope.connection.handle.gate.lease else { return parent }
        if parent === scope.parent { return scope }
        return Scope(scope.kind, scope.connection, scope.lease, scope.number, parent: parent)
    }

    /// This scope and those around it that belong to a loan of a connection.
    func chain(on handle: Handle, lease: UInt64) -> some Sequence<Scope> {
        sequence(first: self, next: \.parent).lazy.filter { $0.connection.handle === handle && $0.lease == lease }
    }
}

/// The scope in whose name a call is made.
enum ScopeIdentity: Sendable {
    /// The innermost scope of the current task within a loan; 0 for the loan that the connection is in, whichever.
    case task(UInt64)
    /// A scope by its number, whichever task calls.
    case scope(UInt64)
    /// A synchronous session's scope: nobody else is admitted while it is the innermost one, so the gate is not asked.
    case session(UInt64)
    /// A scope, or one within it that the current task is in.
    case within(UInt64)

    func number(on handle: Handle, lease: UInt64, stack: ScopeStack) -> UInt64 {
        switch self {
        case .scope(let number), .session(let number): return number
        case .task: return Scope.current?.chain(on: handle, lease: lease).first { _ in true }?.number ?? 0
        case .within(let number):
            let innermost = stack.innermost
            guard innermost != number, let chain = Scope.current?.chain(on: handle, lease: lease) else { return number }
            let numbers = chain.map(\.number)
            return numbers.first == innermost && numbers.contains(number) ? innermost : number
        }
    }
}
