import ConnectionPool
import Foundation
import JobQueue
import PostgresBackend
import SQLiteBackend

/// What the libraries' errors mean to a client.
enum ServiceErrors {
    static func translate(_ error: any Error) -> APIError? {
        switch error {
        case let error as PoolError where error.code != .invalidConfiguration:
            return .unavailable("the database cannot serve at the moment (\(error.code.rawValue)); try again")
        case let error as PostgresError where error.closesConnection || isUnreachable(error.code):
            return .unavailable("the database cannot be reached; try again")
        case let error as PostgresError where isBusy(error.code):
            return .unavailable("the database did not answer in time; try again")
        case let error as SQLiteError where error.code == .diskFull:
            return .unavailable("the server's disk is full", retryAfter: 60)
        case let error as SQLiteError where error.code == .locked || error.code == .timeout:
            return .unavailable("the database is busy; try again")
        case let error as JobError where error.code == .storeFailed:
            return .unavailable("the job store cannot be reached; try again")
        case let error as JobError where error.code == .payloadTooLarge:
            return .invalid("scenario", "is too large to be stored as a job")
        default:
            return nil
        }
    }

    private static func isUnreachable(_ code: PostgresError.Code) -> Bool {
        [.unreachable, .connectTimeout, .tooManyConnections, .serverNotReady].contains(code)
    }

    /// A statement that nobody but a limit of ours ended: its time was over, or a lock did not come free.
    private static func isBusy(_ code: PostgresError.Code) -> Bool {
        [.timeout, .cancelled, .lockNotAvailable, .outOfResources].contains(code)
    }

    /// One line about what keeps the server from starting, and the exit code for it.
    static func startup(_ error: any Error) -> (line: String, code: Int32) {
        var cause = error
        while let pool = cause as? PoolError, let underlying = pool.underlying { cause = underlying }
        switch cause {
        case let error as SettingsError: return ("\(error)", 78)
        case let error as PostgresError where error.code == .invalidConfiguration: return ("\(error)", 78)
        case let error as PoolError where error.code == .invalidConfiguration: return ("\(error)", 78)
        default: return ("\(cause)".split(separator: "\n").first.map(String.init) ?? "\(cause)", 69)
        }
    }
}
