#if Redis
    /// A reply.
    public enum RedisValue: Sendable, Hashable {
        /// There is nothing: the key does not exist.
        case null
        /// A whole number.
        case integer(Int64)
        /// Bytes.
        case bytes([UInt8])
        /// A short word such as `OK`.
        case status(String)
        /// Replies in a row; a refusal among them is an ``error(_:)``.
        case array([RedisValue])
        /// A refusal within an array or a pipeline, as the server worded it.
        case error(String)

        /// Whether there is nothing.
        public var isNull: Bool { self == .null }

        /// The text of bytes (invalid UTF-8 repaired), a status or a number; `nil` for anything else.
        public var string: String? {
            switch self {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .status(let text): text
            case .integer(let value): String(value)
            case .null, .array, .error: nil
            }
        }

        /// The bytes; `nil` when it is not bytes.
        public var bytes: [UInt8]? {
            if case .bytes(let bytes) = self { bytes } else { nil }
        }

        /// The number, also when Redis sent it as text; `nil` when it is none.
        public var integer: Int64? {
            switch self {
            case .integer(let value): value
            case .bytes, .status: string.flatMap { Int64($0) }
            case .null, .array, .error: nil
            }
        }

        /// The elements; `nil` when it is not an array.
        public var array: [RedisValue]? {
            if case .array(let values) = self { values } else { nil }
        }
    }
#endif
