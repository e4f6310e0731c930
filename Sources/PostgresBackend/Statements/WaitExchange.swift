/// Waits for notifications; sends nothing.
// Accessed by one thread at a time, like its superclass.
final class WaitExchange: Exchange, @unchecked Sendable {
    private(set) var notifications: [PostgresNotification] = []
    private let pending: PostgresSession

    /// - Parameter session: Where notifications may have come with the answers to earlier statements.
    init(_ session: PostgresSession) { pending = session }

    override func encode(_ output: OutputBuffer, _ session: SessionView) throws(PostgresError) {
        take(&pending.notifications)
    }

    override var mayHaveTakenEffect: Bool { false }

    override var isRequest: Bool { false }

    override var isSettled: Bool { !notifications.isEmpty }

    /// Takes what the session has received.
    func take(_ received: inout [PostgresNotification]) {
        notifications += received
        received = []
    }

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        .broken(PostgresError(.protocolViolation, "the server sent a message that nothing asked for"))
    }

    override func abandon(_ output: OutputBuffer) -> Abandonment { .drop }
}
