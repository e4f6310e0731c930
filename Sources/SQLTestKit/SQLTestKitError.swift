/// Why a test database could not be provided or removed.
public struct SQLTestKitError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public let code: Code
    /// One line that states what happened and what to do.
    public let message: String
    /// The error behind it, where there is one.
    public let underlying: (any Error)?

    init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// One line for a log.
    public var description: String {
        guard let underlying else { return "SQLTestKit: \(message)" }
        return "SQLTestKit: \(message): \(underlying)"
    }

    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// PostgreSQL's programs are not installed where the library looks for them.
        public static let programsNotFound = Code(description: "programsNotFound")
        /// The server could not be started.
        public static let startFailed = Code(description: "startFailed")
        /// The server that `VITALS_TEST_POSTGRES` names cannot be used, or its value is not a connection string.
        public static let serverUnusable = Code(description: "serverUnusable")
        /// The server has been stopped.
        public static let stopped = Code(description: "stopped")
        /// The closure of a template failed, so that no database can be cloned from it.
        public static let templateFailed = Code(description: "templateFailed")
        /// The body of `withRollback` ended the transaction itself, so that its changes may have been kept.
        public static let transactionEnded = Code(description: "transactionEnded")
        /// The operating system refused a file, a port or a process.
        public static let system = Code(description: "system")
    }
}
