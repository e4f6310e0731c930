/// Stands for no exchange: nothing has been asked, so nothing may be answered.
// Accessed by one thread at a time, like its superclass.
final class IdleExchange: Exchange, @unchecked Sendable {
    private(set) var error: PostgresError?

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        .broken(
            PostgresError(
                .protocolViolation, "the server sent an answer that nothing asked for (\(UnicodeScalar(message.type)))")
        )
    }

    override func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress {
        self.error = error
        return .broken(error)
    }
}
