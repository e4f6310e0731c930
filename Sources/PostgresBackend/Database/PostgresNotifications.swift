import SQLDatabase

/// A message that a session sent with `NOTIFY`.
public struct PostgresNotification: Sendable, Hashable {
    /// The channel.
    public let channel: String
    /// The payload; empty when there was none.
    public let payload: String
    /// The process id of the session that sent it.
    public let backendID: Int32
}

/// The notifications of some channels.
///
/// ```swift
/// for try await event in database.notifications(on: ["jobs"]) {
///     switch event {
///     case .listening, .overflowed: await lookForWork()    // something may have been missed
///     case .notification: await lookForWork()
///     case .interrupted(let error): logger.warning("…", metadata: ["error": "\(error)"])
///     }
/// }
/// ```
///
/// All sequences of a database share one connection outside the pool. It is opened for the first of them, reopened when
/// it breaks, and closed a moment after the last one has ended. Each sequence has a buffer of its own: one that is read
/// slowly, or is cancelled, does not affect the others.
///
/// A sequence begins with the first call of `next()`. It ends when the database is shut down, and throws
/// `CancellationError` when the task that reads it is cancelled.
public struct PostgresNotifications: AsyncSequence, Sendable {
    /// An event of the sequence.
    public enum Element: Sendable {
        /// Every notification sent from now on is received. Those sent before, or while the connection was interrupted, may
        /// have been missed. Comes first, and again after every interruption.
        case listening
        /// A notification.
        case notification(PostgresNotification)
        /// The connection was lost or could not be made, or the server refused to listen. It is tried again after a pause.
        case interrupted(any Error)
        /// The buffer was full: so many notifications were discarded at this place of the sequence.
        case overflowed(Int)
    }

    let channels: Set<ExactText>
    let checkInterval: Duration
    let bufferSize: Int
    let listener: NotificationListener
    /// Why the channels cannot be listened to.
    let refusal: PostgresError?

    /// Returns an iterator. Listening begins with the first call of its `next()`.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Receives the events of one sequence.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let sequence: PostgresNotifications
        private var subscription: NotificationSubscription?

        init(_ sequence: PostgresNotifications) { self.sequence = sequence }

        /// Returns the next event; `nil` when the database has been shut down.
        /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration`` when a channel's name is not
        ///   valid, or `CancellationError`.
        public mutating func next() async throws -> Element? {
            if let refusal = sequence.refusal { throw refusal }
            let subscription = subscription ?? sequence.listener.subscribe(sequence)
            self.subscription = subscription
            do {
                return try await subscription.buffer.next()
            } catch {
                // Another call listens anew.
                self.subscription = nil
                throw error
            }
        }
    }

    // MARK: Limits

    /// The longest name of a channel in bytes. The server cuts longer names without an error.
    static let longestName = 63
    /// The longest payload in bytes.
    static let longestPayload = 7_999

    /// Why channels with these names cannot be listened to.
    static func refusal(of channels: [String], bufferSize: Int) -> PostgresError? {
        if channels.isEmpty { return PostgresError(.invalidConfiguration, "no channel to listen to is named") }
        if bufferSize < 1 { return PostgresError(.invalidConfiguration, "bufferSize must be 1 or more") }
        for (index, name) in channels.enumerated() {
            if let error = refusal(of: name, "channel \(index + 1)") { return error }
        }
        return nil
    }

    /// Why a name cannot be a channel's.
    static func refusal(of name: String, _ place: String) -> PostgresError? {
        let text: String? =
            if name.isEmpty {
                "has an empty name"
            } else if name.utf8.contains(0) {
                "has a NUL character in its name"
            } else if name.utf8.count > longestName {
                "has a name of \(name.utf8.count) bytes: at most \(longestName) are allowed"
            } else {
                nil
            }
        return text.map { PostgresError(.invalidConfiguration, "\(place) \($0)") }
    }

    /// Checks a notification before it is sent.
    static func check(_ channel: String, payload: String) throws(PostgresError) {
        if let error = refusal(of: channel, "the channel") { throw error }
        if payload.utf8.contains(0) {
            throw PostgresError(.invalidConfiguration, "the payload contains a NUL character")
        }
        if payload.utf8.count > longestPayload {
            throw PostgresError(
                .invalidConfiguration,
                "the payload has \(payload.utf8.count) bytes, at most \(longestPayload) are allowed: store the data in a "
                    + "table and send its key")
        }
    }
}

/// An identifier in double quotes.
func quoted(_ identifier: String) -> String {
    "\"" + identifier.replacing("\"", with: "\"\"") + "\""
}
