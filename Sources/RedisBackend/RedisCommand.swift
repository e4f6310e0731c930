#if Redis
    /// A command's name and arguments, sent as they are: nothing in an argument is ever read as part of the command.
    ///
    /// ```swift
    /// let command: RedisCommand = ["SET", "ward:7", "full"]
    /// let other = RedisCommand("EXPIRE", "ward:7", 60)
    /// ```
    public struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
        /// Name and arguments.
        public let parts: [[UInt8]]

        /// A command of strings, numbers and bytes.
        public init(_ name: String, _ arguments: any RedisArgument...) {
            parts = [Array(name.utf8)] + arguments.map(\.redisBytes)
        }

        /// A command of strings, numbers and bytes.
        public init(_ name: String, arguments: [any RedisArgument]) {
            parts = [Array(name.utf8)] + arguments.map(\.redisBytes)
        }

        /// A command of strings: the name first.
        public init(arrayLiteral elements: String...) { parts = elements.map { Array($0.utf8) } }

        /// The command's name, for messages; the arguments stay private.
        var name: String { parts.first.map { String(decoding: $0.prefix(32), as: UTF8.self) } ?? "" }
    }

    /// What can be an argument.
    public protocol RedisArgument: Sendable {
        /// The bytes sent.
        var redisBytes: [UInt8] { get }
    }

    extension String: RedisArgument {
        /// The text in UTF-8.
        public var redisBytes: [UInt8] { Array(utf8) }
    }

    extension Int: RedisArgument {
        /// The number in decimal digits.
        public var redisBytes: [UInt8] { Array(String(self).utf8) }
    }

    extension Int64: RedisArgument {
        /// The number in decimal digits.
        public var redisBytes: [UInt8] { Array(String(self).utf8) }
    }

    extension [UInt8]: RedisArgument {
        /// The bytes themselves.
        public var redisBytes: [UInt8] { self }
    }
#endif
