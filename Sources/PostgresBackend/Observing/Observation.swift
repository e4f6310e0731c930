import DriverExecutors
import Logging
import Tracing

/// One statement under observation: from its call to its end.
struct Observation {
    private let instrumentation: PostgresInstrumentation
    private let sql: String
    private let statements: Int
    private let start: UInt64
    private let poolWait: Duration
    private let span: (any Span)?

    /// `nil` when nobody looks.
    init?(
        _ instrumentation: PostgresInstrumentation?, sql: @autoclosure () -> String, statements: Int = 1,
        connection: PostgresConnection
    ) {
        guard let instrumentation else { return nil }
        let tracer: (any Tracer)? = instrumentation.traces ? InstrumentationSystem.tracer : nil
        let traces = tracer.map { !($0 is NoOpTracer) } ?? false
        guard traces || instrumentation.observer != nil || instrumentation.logger != nil else { return nil }
        self.instrumentation = instrumentation
        self.sql = sql()
        self.statements = statements
        poolWait = connection.poolWait
        start = MonotonicTime.now()
        if traces {
            let fingerprint = StatementFingerprint(self.sql)
            let span = startSpan(fingerprint.summary, ofKind: .client)
            span.attributes["db.system.name"] = "postgresql"
            span.attributes["db.namespace"] = connection.target.database
            span.attributes["server.address"] = connection.target.host
            span.attributes["server.port"] = connection.target.port
            span.attributes["db.operation.name"] = fingerprint.operation
            span.attributes["db.query.summary"] = fingerprint.summary
            span.attributes["db.query.text"] = fingerprint.text
            if statements > 1 { span.attributes["db.operation.batch.size"] = statements }
            self.span = span
        } else {
            span = nil
        }
    }

    /// The statement has ended.
    func end(rows: Int, error: (any Error)? = nil) {
        let duration = Duration.nanoseconds(Int64(clamping: MonotonicTime.now() &- start))
        let isSlow = instrumentation.slowStatement.map { duration >= $0 } ?? false
        let report = PostgresStatementReport(
            sql: sql, duration: duration, poolWait: poolWait, rows: rows, statements: statements, error: error,
            isSlow: isSlow)
        if let span {
            span.attributes["db.response.returned_rows"] = rows
            if let code = report.errorCode {
                span.attributes["error.type"] = code.rawValue
                if let state = report.sqlState { span.attributes["db.response.status_code"] = state.rawValue }
                span.setStatus(SpanStatus(code: .error, message: code.rawValue))
            }
            span.end()
        }
        instrumentation.observer?.postgres(didRun: report)
        if isSlow, let logger = instrumentation.logger {
            let fingerprint = report.fingerprint
            logger.warning(
                "slow statement",
                metadata: [
                    "statement": "\(fingerprint.text)", "fingerprint": "\(fingerprint.digest)",
                    "duration_ms": "\(milliseconds(duration))", "pool_wait_ms": "\(milliseconds(poolWait))",
                    "rows": "\(rows)",
                ])
        }
    }

    private func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}

/// Passes on the server's notices: to a handler, to a logger, or to both.
func noticeHandler(
    _ handler: (@Sendable (PostgresNotice) -> Void)?, _ logger: Logger?
) -> (@Sendable (PostgresNotice) -> Void)? {
    guard let logger else { return handler }
    return { notice in
        handler?(notice)
        let level: Logger.Level =
            switch notice.severity {
            case "WARNING": .warning
            case "FATAL", "PANIC": .error
            case "NOTICE", "INFO", "LOG": .info
            default: .debug
            }
        logger.log(
            level: level, "\(notice.message)",
            metadata: ["severity": "\(notice.severity)", "sqlstate": "\(notice.sqlState?.rawValue ?? "")"])
    }
}
