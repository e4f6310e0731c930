public import Logging

/// Is told of every statement that ended. Called on the statement's task; must not block.
public protocol PostgresObserver: Sendable {
    /// A statement ended, well or badly.
    func postgres(didRun statement: PostgresStatementReport)
}

/// One statement, or one batch, that ended. Never holds a parameter.
public struct PostgresStatementReport: Sendable {
    private let sql: String
    /// From the call to the result, the wait for the connection's turn included.
    public let duration: Duration
    /// How long its borrower waited for the connection.
    public let poolWait: Duration
    /// Rows returned or changed.
    public let rows: Int
    /// How many statements went in the same round trip.
    public let statements: Int
    /// Why it failed; `nil` when it did not.
    public let errorCode: PostgresError.Code?
    /// The server's code for the failure.
    public let sqlState: SQLState?
    /// Whether it took longer than ``PostgresInstrumentation/slowStatement``.
    public let isSlow: Bool

    init(
        sql: String, duration: Duration, poolWait: Duration, rows: Int, statements: Int, error: (any Error)?,
        isSlow: Bool
    ) {
        self.sql = sql
        self.duration = duration
        self.poolWait = poolWait
        self.rows = rows
        self.statements = statements
        let known = error as? PostgresError
        errorCode = error == nil ? nil : known?.code ?? .cancelled
        sqlState = known?.sqlState
        self.isSlow = isSlow
    }

    /// What the statement is, without its values; the first of a batch. Worked out when asked for.
    public var fingerprint: StatementFingerprint { StatementFingerprint(sql) }

    /// The first word in capitals: `SELECT`. Cheap.
    public var operation: String {
        let word = sql.utf8.drop { $0 <= 32 }.prefix { $0 > 64 }
        return String(decoding: word.prefix(16), as: UTF8.self).uppercased()
    }
}

/// What is told of statements, and to whom.
public struct PostgresInstrumentation: Sendable {
    /// Is told of every statement.
    public var observer: (any PostgresObserver)?
    /// Takes a warning for every slow statement, with its fingerprint, duration, wait and rows, and the server's notices.
    public var logger: Logger?
    /// From which duration on a statement is slow; `nil` for never. Default 1 s.
    public var slowStatement: Duration?
    /// Whether each statement gets a span of the tracing system, when one is set up. Default `true`.
    public var traces: Bool

    /// - Parameters:
    ///   - observer: Is told of every statement.
    ///   - logger: Takes slow statements and notices.
    ///   - slowStatement: From which duration on a statement is slow.
    ///   - traces: Whether each statement gets a span.
    public init(
        observer: (any PostgresObserver)? = nil, logger: Logger? = nil, slowStatement: Duration? = .seconds(1),
        traces: Bool = true
    ) {
        self.observer = observer
        self.logger = logger
        self.slowStatement = slowStatement
        self.traces = traces
    }

    /// Nothing is told to anybody.
    public static let none = PostgresInstrumentation(slowStatement: nil, traces: false)
}
