import CVitalsLibPQ
import DriverExecutors
import Logging

/// A message of the server that is no error: `NOTICE`, `WARNING` and their like.
public struct PostgresNotice: Sendable, Hashable {
    /// `NOTICE`, `WARNING`, `INFO`, `LOG`, `DEBUG`; `FATAL` from a session that the server ends.
    public let severity: String
    /// The server's code.
    public let sqlState: SQLState?
    /// One line.
    public let message: String
    /// The server's hint.
    public let hint: String?
}

/// Where libpq leaves notices. Lives as long as libpq's handle.
final class NoticeBox: Sendable {
    let handler: (@Sendable (PostgresNotice) -> Void)?
    private let last = SystemLock<PostgresError?>(nil)

    init(handler: (@Sendable (PostgresNotice) -> Void)?) { self.handler = handler }

    /// What the server said as it ended the session.
    var lastWords: PostgresError? { last.withLock { $0 } }

    func attach(to connection: OpaquePointer) {
        _ = PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            guard let byte = code.asciiValue, let text = PQresultErrorField(result, Int32(byte)) else { return nil }
            return String(cString: text)
        }
        report(severity: field("V") ?? "NOTICE", state: field("C"), message: field("M") ?? "", hint: field("H"))
    }

    /// Takes a notice, or the error with which the server ends the session.
    func receive(_ fields: ErrorFields) {
        if fields.isFatal { last.withLock { $0 = fields.error } }
        report(severity: fields.severity, state: fields["C"], message: fields["M"] ?? "", hint: fields["H"])
    }

    private func report(severity: String, state: String?, message: String, hint: String?) {
        handler?(
            PostgresNotice(
                severity: severity, sqlState: state.map { SQLState(rawValue: $0) }, message: message, hint: hint))
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
