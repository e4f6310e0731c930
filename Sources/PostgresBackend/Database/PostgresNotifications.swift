import DriverExecutors
import SQLDatabase

/// What another session said with `NOTIFY`.
public struct PostgresNotification: Sendable, Hashable {
    /// The channel.
    public let channel: String
    /// What was said; empty when nothing was.
    public let payload: String
    /// The process id of the session that said it.
    public let backendID: Int32
}

/// What is said on some channels, heard on a connection of its own that is made again when it breaks.
///
/// ```swift
/// for try await event in database.notifications(on: ["jobs"]) {
///     switch event {
///     case .listening: await lookForWork()       // also after each reconnection: something may have been missed
///     case .notification: await lookForWork()
///     case .interrupted(let error): logger.warning("…", metadata: ["error": "\(error)"])
///     }
/// }
/// ```
///
/// The sequence ends only when the task that reads it is cancelled, with a `CancellationError`. Nothing runs between
/// two calls of `next()`; what is said meanwhile waits on the server's side of the socket.
public struct PostgresNotifications: AsyncSequence, Sendable {
    /// What happens.
    public enum Element: Sendable {
        /// The channels are listened to from now on; what was said before is lost.
        case listening
        /// Somebody spoke.
        case notification(PostgresNotification)
        /// The connection was lost, or could not be made. It is tried again after a pause.
        case interrupted(any Error)
    }

    let channels: [String]
    let backend: PostgresConnectionBackend
    let checkInterval: Duration

    /// Listens.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Listens on a connection of its own.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let sequence: PostgresNotifications
        private var connection: PostgresConnection?
        private var pending: [PostgresNotification] = []
        private var position = 0
        private var failures = 0

        init(_ sequence: PostgresNotifications) { self.sequence = sequence }

        /// The next event.
        public mutating func next() async throws -> Element? {
            while true {
                if position < pending.count {
                    defer { position += 1 }
                    return .notification(pending[position])
                }
                do {
                    guard let connection else {
                        try await pauseAfterFailure()
                        self.connection = try await listen()
                        failures = 0
                        return .listening
                    }
                    pending = try await hear(connection)
                    position = 0
                } catch {
                    if Task.isCancelled || error is CancellationError {
                        connection?.session.closeLater()
                        connection = nil
                        throw CancellationError()
                    }
                    connection?.session.closeLater()
                    connection = nil
                    failures += 1
                    return .interrupted(error)
                }
            }
        }

        private func listen() async throws -> PostgresConnection {
            let connection = try await sequence.backend.connect()
            // Text rather than a parameter: LISTEN takes none.
            let names = sequence.channels.map { "LISTEN " + quoted($0) }
            try await connection.script(names.joined(separator: "; "))
            return connection
        }

        /// Waits; when nothing is said for a while, makes sure that the server is still there.
        private func hear(_ connection: PostgresConnection) async throws -> [PostgresNotification] {
            while true {
                let exchange = WaitExchange(connection.session)
                exchange.deadline = connection.limits.deadline(sequence.checkInterval)
                do {
                    try await connection.session.perform(exchange)
                    return exchange.notifications
                } catch let error as PostgresError where error.code == .timeout {
                    try await sequence.backend.validate(connection)
                }
            }
        }

        /// Full jitter below a bound that doubles from 100 ms to 5 s.
        private func pauseAfterFailure() async throws {
            guard failures > 0 else { return }
            let bound = Swift.min(5_000, 100 << Swift.min(failures - 1, 6))
            try await Task.sleep(for: .milliseconds(Int.random(in: bound / 4...bound)))
        }
    }
}

/// An identifier in double quotes.
func quoted(_ identifier: String) -> String {
    "\"" + identifier.replacing("\"", with: "\"\"") + "\""
}
