#if Sealing
    /// An error of a sealing. It contains no key, no sealed and no opened data, only names of keys.
    public struct SealingError: Error, Sendable, CustomStringConvertible {
        /// The kinds of trouble.
        public struct Code: Sendable, Hashable, CustomStringConvertible {
            /// The name, as in ``invalidKeys``.
            public let description: String

            private init(_ name: String) { description = name }

            /// The keys that were passed cannot be used.
            public static let invalidKeys = Code("invalidKeys")
            /// The data was sealed with a key of a name that is not among the keys.
            public static let unknownKey = Code("unknownKey")
            /// The data has not the form of sealed data: it was never sealed, or was cut off.
            public static let malformed = Code("malformed")
            /// The data was changed, sealed with another key of the same name, or sealed for another kind of job or another part.
            public static let notAuthentic = Code("notAuthentic")
            /// The data cannot be encrypted.
            public static let sealingFailed = Code("sealingFailed")
        }

        /// The kind of trouble.
        public let code: Code
        /// One sentence that says what happened and what helps.
        public let message: String

        init(_ code: Code, _ message: String) {
            self.code = code
            self.message = message
        }

        /// One line for a log.
        public var description: String { "\(code): \(message)" }
    }
#endif
