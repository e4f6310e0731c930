#if Redis
    /// Where a ``Cache`` keeps its values: in this process, or shared by many.
    public protocol CacheStore: Sendable {
        /// The value of a key that is neither expired nor removed.
        func value(_ key: String) async throws -> [UInt8]?

        /// Takes the right to make a key's value, for at most `lease`.
        /// - Returns: A token, or `nil` when somebody else makes it.
        func beginMaking(_ key: String, lease: Duration) async throws -> String?

        /// Keeps a value for `ttl`, if the token is still the right one, and gives the right back.
        /// - Returns: Whether it was kept.
        @discardableResult
        func finishMaking(_ key: String, token: String, value: [UInt8], ttl: Duration) async throws -> Bool

        /// Gives the right back without a value.
        func abandonMaking(_ key: String, token: String) async throws

        /// Forgets a value; one that is being made is not kept either.
        func remove(_ key: String) async throws
    }
#endif
