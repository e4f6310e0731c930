#if Redis
    /// Why Redis did not do what it was asked.
    ///
    /// Never holds a password or a command's arguments.
    public struct RedisError: Error, Sendable, CustomStringConvertible {
        /// The kinds of failure.
        public enum Code: String, Sendable, Hashable, CaseIterable {
            /// A setting is out of its range.
            case invalidConfiguration
            /// No connection could be made.
            case cannotConnect
            /// The password or the user is wrong or missing, or the user may not do this.
            case notPermitted
            /// No reply came in time.
            case timeout
            /// The connection broke, or had broken before.
            case connectionClosed
            /// The server has no memory left and evicts nothing.
            case outOfMemory
            /// The server is a replica or lost its disk and takes no writes.
            case readOnly
            /// The server still loads its data, or runs a script that takes long.
            case busy
            /// The server does not know the script.
            case unknownScript
            /// A key holds a value of another type.
            case wrongType
            /// What came is not Redis' protocol.
            case protocolViolation
            /// A reply is not of the type that was asked for.
            case unexpectedReply
            /// The server refused; the message says why.
            case refused
        }

        /// The kind of failure.
        public let code: Code
        /// What happened and what to do about it.
        public let message: String
        /// What lies beneath.
        public let underlying: (any Error)?

        init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
            self.code = code
            self.message = message
            self.underlying = underlying
        }

        /// One line for a log.
        public var description: String {
            underlying.map { "Redis: \(message) (\($0))" } ?? "Redis: \(message)"
        }

        /// Whether the connection is of no more use.
        public var closesConnection: Bool {
            switch code {
            case .cannotConnect, .timeout, .connectionClosed, .protocolViolation: true
            default: false
            }
        }

        /// The error a server sent: its first word says what it is.
        static func refusal(_ text: String) -> RedisError {
            switch text.prefix(while: { $0 != " " }) {
            case "NOAUTH", "WRONGPASS", "NOPERM":
                RedisError(.notPermitted, "\(text); check username, password and the user's rules in the server's ACL")
            case "OOM":
                RedisError(
                    .outOfMemory, "\(text); raise maxmemory or set a maxmemory-policy that evicts, such as allkeys-lru")
            case "READONLY", "MISCONF":
                RedisError(.readOnly, "\(text); use the primary's address and see that the server can save to its disk")
            case "LOADING", "BUSY": RedisError(.busy, "\(text); try again in a moment")
            case "NOSCRIPT": RedisError(.unknownScript, "\(text); send the script with EVAL")
            case "WRONGTYPE": RedisError(.wrongType, "\(text); use a key, or a key prefix, of its own for each type")
            default:
                text.contains("invalid password") || text.contains("without any password")
                    ? RedisError(.notPermitted, "\(text); check username and password")
                    : RedisError(.refused, text)
            }
        }
    }
#endif
