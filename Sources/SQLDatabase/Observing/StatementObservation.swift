import Logging
import Tracing

/// One statement under observation: from its call to its end.
///
/// A class, so that a statement that nobody observes carries a null reference and no more.
package final class StatementObservation {
    /// Where the statement runs, for spans.
    package struct Target: Sendable {
        let dialect: SQLDialect
        let namespace: String
        let host: String?
        let port: Int?

        /// A database, and its server where there is one.
        package init(dialect: SQLDialect, namespace: String, host: String? = nil, port: Int? = nil) {
            self.dialect = dialect
            self.namespace = namespace
            self.host = host
            self.port = port
        }
    }

    private let instrumentation: SQLInstrumentation
    private let target: Target
    private let sql: String
    private let statements: Int
    private let start: ContinuousClock.Instant
    private let poolWait: Duration
    private let span: (any Span)?

    /// `nil` when nobody looks.
    /// - Parameter instrumentation: As ``SQLInstrumentation/resolved`` gives it.
    package init?(
        _ instrumentation: SQLInstrumentation?, sql: @autoclosure () -> String, statements: Int = 1,
        poolWait: @autoclosure () -> Duration, target: @autoclosure () -> Target
    ) {
        guard let instrumentation else { return nil }
        self.instrumentation = instrumentation
        let text = sql()
        let place = target()
        self.sql = text
        self.statements = statements
        self.poolWait = poolWait()
        self.target = place
        start = .now
        span = instrumentation.tracer.map { Self.span(of: text, statements, place, $0) }
    }

    private static func span(of sql: String, _ statements: Int, _ target: Target, _ tracer: any Tracer) -> any Span {
        let fingerprint = StatementFingerprint(sql, dialect: target.dialect)
        let span = tracer.startSpan(fingerprint.summary, context: .current ?? .topLevel, ofKind: .client)
        span.attributes["db.system.name"] = target.dialect == .postgres ? "postgresql" : "sqlite"
        span.attributes["db.namespace"] = target.namespace
        if let host = target.host { span.attributes["server.address"] = host }
        if let port = target.port { span.attributes["server.port"] = port }
        span.attributes["db.operation.name"] = fingerprint.operation
        span.attributes["db.query.summary"] = fingerprint.summary
        span.attributes["db.query.text"] = fingerprint.text
        if statements > 1 { span.attributes["db.operation.batch.size"] = statements }
        return span
    }

    /// The statement has ended.
    package func end(rows: Int, error: (any Error)? = nil) {
        let duration = ContinuousClock.now - start
        let isSlow = instrumentation.slowStatement.map { duration >= $0 } ?? false
        let report = SQLStatementReport(
            sql: sql, dialect: target.dialect, duration: duration, poolWait: poolWait, rows: rows,
            statements: statements, error: error, isSlow: isSlow)
        if let span {
            span.attributes["db.response.returned_rows"] = rows
            if let type = report.errorType {
                span.attributes["error.type"] = type
                if let code = report.statusCode { span.attributes["db.response.status_code"] = code }
                span.setStatus(SpanStatus(code: .error, message: type))
            }
            span.end()
        }
        instrumentation.observer?.sql(didRun: report)
        log(report)
    }

    private func log(_ report: SQLStatementReport) {
        let level: Logger.Level = report.isSlow ? .warning : .debug
        guard let logger = instrumentation.logger, logger.logLevel <= level else { return }
        let fingerprint = report.fingerprint
        var metadata: Logger.Metadata = [
            "statement": "\(fingerprint.text)", "fingerprint": "\(fingerprint.digest)",
            "duration_ms": "\(milliseconds(report.duration))", "pool_wait_ms": "\(milliseconds(report.poolWait))",
            "rows": "\(report.rows)",
        ]
        if let type = report.errorType { metadata["error_type"] = "\(type)" }
        logger.log(level: level, report.isSlow ? "slow statement" : "statement", metadata: metadata)
    }

    /// Runs the statement and ends the observation with it.
    package func around<Value>(_ body: () throws -> (Value, rows: Int)) rethrows -> Value {
        do {
            let (value, rows) = try body()
            end(rows: rows)
            return value
        } catch {
            end(rows: 0, error: error)
            throw error
        }
    }

    /// With microseconds behind the point.
    private func milliseconds(_ duration: Duration) -> Double {
        (duration / .microseconds(1)).rounded() / 1000
    }
}
