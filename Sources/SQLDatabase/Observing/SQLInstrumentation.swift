public import Logging
public import Tracing

/// Is told of every statement that ended. Called on the statement's own task or thread; must not block.
public protocol SQLObserver: Sendable {
    /// A statement ended, well or badly.
    func sql(didRun statement: SQLStatementReport)
}

/// What is told of a database's statements, and to whom.
///
/// Each statement gets a span by the field's names (`db.system.name`, `db.namespace`, `db.operation.name`,
/// `db.query.summary`, `db.query.text` without values; OpenTelemetry's semantic conventions for databases 1.33) where a
/// tracing system is set up.
public struct SQLInstrumentation: Sendable {
    /// Is told of every statement.
    public var observer: (any SQLObserver)?
    /// Takes a warning for every slow statement, with its fingerprint, duration, wait and rows, the same at debug level for
    /// every other, and a server's notices.
    public var logger: Logger?
    /// From which duration on a statement is slow; `nil` for never. Default 1 s.
    public var slowStatement: Duration?
    /// Whether each statement gets a span of the tracing system, when one is set up before its connection is made.
    /// Default `true`.
    public var traces: Bool
    /// The tracing system; the one the process was bootstrapped with when `nil`.
    public var tracer: (any Tracer)?

    /// - Parameters:
    ///   - observer: Is told of every statement.
    ///   - logger: Takes slow statements and notices; at debug level all statements.
    ///   - slowStatement: From which duration on a statement is slow.
    ///   - traces: Whether each statement gets a span.
    ///   - tracer: The tracing system; the process's own when `nil`.
    public init(
        observer: (any SQLObserver)? = nil, logger: Logger? = nil, slowStatement: Duration? = .seconds(1),
        traces: Bool = true, tracer: (any Tracer)? = nil
    ) {
        self.observer = observer
        self.logger = logger
        self.slowStatement = slowStatement
        self.traces = traces
        self.tracer = tracer
    }

    /// Nothing is told to anybody.
    public static let none = SQLInstrumentation(slowStatement: nil, traces: false)

    /// Whether anybody wants to know how long a borrower waited for its connection.
    package var wantsPoolWait: Bool { observer != nil || logger != nil }

    /// With its tracing system, if there is one; `nil` when nobody looks. Asked once for a connection: to look for the
    /// process's tracing system takes longer than to send a statement.
    package var resolved: SQLInstrumentation? {
        var resolved = self
        let tracer = traces ? self.tracer ?? InstrumentationSystem.tracer : nil
        resolved.tracer = tracer is NoOpTracer ? nil : tracer
        return resolved.tracer != nil || wantsPoolWait ? resolved : nil
    }
}

/// One statement, or one batch, that ended. Never holds a parameter.
public struct SQLStatementReport: Sendable {
    private let sql: String
    /// Which engine ran it.
    public let dialect: SQLDialect
    /// From the call to the result, the wait for the connection's turn or for a lock included.
    public let duration: Duration
    /// How long its borrower waited for the connection.
    public let poolWait: Duration
    /// Rows returned or changed.
    public let rows: Int
    /// How many statements went in the same round trip.
    public let statements: Int
    /// Why it failed: a driver error's code, `cancelled`, or `other`; `nil` when it did not fail. Few enough to be a
    /// label.
    public let errorType: String?
    /// The server's code for the failure: `23505` of PostgreSQL, `2067` of SQLite.
    public let statusCode: String?
    /// Whether it took longer than ``SQLInstrumentation/slowStatement``.
    public let isSlow: Bool

    init(
        sql: String, dialect: SQLDialect, duration: Duration, poolWait: Duration, rows: Int, statements: Int,
        error: (any Error)?, isSlow: Bool
    ) {
        self.sql = sql
        self.dialect = dialect
        self.duration = duration
        self.poolWait = poolWait
        self.rows = rows
        self.statements = statements
        let known = error as? any SQLClassifiedError
        errorType = error.map { known?.errorType ?? ($0 is CancellationError ? "cancelled" : "other") }
        statusCode = known?.statusCode
        self.isSlow = isSlow
    }

    /// What the statement is, without its values; the first of a batch. Worked out when asked for.
    public var fingerprint: StatementFingerprint { StatementFingerprint(sql, dialect: dialect) }

    /// The first word in capitals: `SELECT`. Cheap.
    public var operation: String {
        let word = sql.utf8.drop { $0 <= 32 }.prefix { $0 > 64 }
        return String(decoding: word.prefix(16), as: UTF8.self).uppercased()
    }
}

/// An error that says in a word what it is, for spans and labels.
package protocol SQLClassifiedError: Error {
    /// One of a few words.
    var errorType: String { get }
    /// The engine's own code.
    var statusCode: String? { get }
    /// The position in the statement, in characters from 1, where the engine knows it.
    var position: Int? { get }
}

extension SQLClassifiedError {
    package var position: Int? { nil }
}
