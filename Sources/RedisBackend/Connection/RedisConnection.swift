#if Redis
    import CVitalsHiredis
    import DriverExecutors

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif

    /// A connection to Redis. Its calls run on the client's threads; calls from several tasks take turns.
    public final class RedisConnection: Sendable {
        let context: SystemLock<Context>
        private let threads: ThreadExecutor

        init(context: sending Context, threads: ThreadExecutor) {
            self.context = SystemLock(context)
            self.threads = threads
        }

        /// Sends a command and waits for its reply.
        /// - Throws: ``RedisError``; `CancellationError` when the task was cancelled before it was sent.
        @discardableResult
        public func send(_ command: RedisCommand) async throws -> RedisValue {
            let replies = try await pipeline([command])
            if case .error(let text)? = replies.first { throw RedisError.refusal(text) }
            return replies.first ?? .null
        }

        /// Sends commands in one go and waits for their replies, in order. A command that the server refuses gives a
        /// ``RedisValue/error(_:)`` in its place; the others are carried out.
        /// - Throws: ``RedisError`` when the connection fails; then nothing is known about what was carried out.
        ///   `CancellationError` when the task was cancelled before they were sent.
        public func pipeline(_ commands: [RedisCommand]) async throws -> [RedisValue] {
            try await threads.run { () throws in
                if Task.isCancelled { throw CancellationError() }
                // A lease has one holder, so nobody waits at this lock unless that holder calls twice at once.
                return try context.withLock { context throws(RedisError) in try context.exchange(commands) }
            }
        }

        /// Closes the connection; again is harmless.
        func close() async { await threads.run { context.withLock { $0.close() } } }
    }

    /// hiredis' handle. Used by one thread at a time.
    struct Context {
        private var handle: UnsafeMutablePointer<redisContext>?
        let address: String

        /// Connects, authenticates and selects the database. Blocks.
        init(_ configuration: RedisConfiguration) throws(RedisError) {
            address = configuration.address
            let patience = timeval(configuration.connectTimeout)
            if let path = configuration.unixSocket {
                handle = redisConnectUnixWithTimeout(path, patience)
            } else {
                handle = redisConnectWithTimeout(configuration.host, Int32(configuration.port), patience)
            }
            guard let handle else { throw RedisError(.cannotConnect, "no memory for a connection to \(address)") }
            do throws(RedisError) {
                guard handle.pointee.err == 0 else {
                    throw RedisError(
                        .cannotConnect,
                        "cannot connect to \(address): \(Self.reason(handle)); see that the server runs there")
                }
                guard redisSetTimeout(handle, timeval(configuration.commandTimeout)) == REDIS_OK else {
                    throw RedisError(.cannotConnect, "cannot set the timeout of the connection to \(address)")
                }
                redisEnableKeepAlive(handle)
                for command in Self.greeting(configuration) {
                    if case .error(let text)? = try exchange([command]).first { throw RedisError.refusal(text) }
                }
            } catch {
                close()
                throw error
            }
        }

        private static func greeting(_ configuration: RedisConfiguration) -> [RedisCommand] {
            var commands: [RedisCommand] = []
            if let password = configuration.password {
                commands.append(
                    configuration.username.map { RedisCommand("AUTH", $0, password) }
                        ?? RedisCommand("AUTH", password))
            }
            if configuration.database != 0 { commands.append(RedisCommand("SELECT", configuration.database)) }
            return commands
        }

        /// Sends commands and reads their replies. Any failure closes the handle: replies could come late.
        mutating func exchange(_ commands: [RedisCommand]) throws(RedisError) -> [RedisValue] {
            guard let handle else {
                throw RedisError(.connectionClosed, "the connection to \(address) is closed; acquire another")
            }
            for command in commands where !Self.append(command, to: handle) { throw failure(command) }
            var replies: [RedisValue] = []
            replies.reserveCapacity(commands.count)
            for command in commands {
                var raw: UnsafeMutableRawPointer?
                guard redisGetReply(handle, &raw) == REDIS_OK, let raw else { throw failure(command) }
                replies.append(RedisValue(raw.assumingMemoryBound(to: redisReply.self).pointee))
                freeReplyObject(raw)
            }
            return replies
        }

        private static func append(_ command: RedisCommand, to handle: UnsafeMutablePointer<redisContext>) -> Bool {
            // One block of bytes for all parts: no allocation a part.
            let lengths = command.parts.map(\.count)
            return command.parts.joined().withContiguousBytes { bytes in
                var offset = 0
                var pointers: [UnsafePointer<CChar>?] = lengths.map { length in
                    defer { offset += length }
                    return bytes + offset
                }
                return redisAppendCommandArgv(handle, Int32(lengths.count), &pointers, lengths) == REDIS_OK
            }
        }

        private mutating func failure(_ command: RedisCommand) -> RedisError {
            let number = errno
            defer { close() }
            guard let handle else { return RedisError(.connectionClosed, "the connection to \(address) is closed") }
            let reason = Self.reason(handle)
            switch handle.pointee.err {
            case REDIS_ERR_IO where number == EAGAIN || number == EWOULDBLOCK || number == ETIMEDOUT:
                return RedisError(
                    .timeout, "no reply from \(address) to \(command.name) in time; raise commandTimeout if it may")
            case REDIS_ERR_PROTOCOL:
                return RedisError(.protocolViolation, "\(address) does not speak Redis' protocol: \(reason)")
            default:
                return RedisError(
                    .connectionClosed, "the connection to \(address) broke during \(command.name): \(reason)")
            }
        }

        private static func reason(_ handle: UnsafeMutablePointer<redisContext>) -> String {
            withUnsafeBytes(of: handle.pointee.errstr) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
        }

        /// Whether the peer has neither closed the connection nor sent what nobody asked for; about a microsecond.
        var isOpen: Bool {
            guard let handle, handle.pointee.err == 0 else { return false }
            var descriptor = pollfd(fd: handle.pointee.fd, events: Int16(POLLIN), revents: 0)
            return poll(&descriptor, 1, 0) == 0
        }

        mutating func close() {
            if let handle { redisFree(handle) }
            handle = nil
        }
    }

    extension Sequence<UInt8> {
        fileprivate func withContiguousBytes<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
            // A byte more, so that even an empty command has an address.
            var bytes = Array(self)
            bytes.append(0)
            return bytes.withUnsafeBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) { chars in
                    chars.baseAddress.map(body) ?? withUnsafePointer(to: CChar(0), body)
                }
            }
        }
    }

    extension timeval {
        fileprivate init(_ duration: Duration) {
            let (seconds, attoseconds) = duration.components
            self.init(tv_sec: Int(seconds), tv_usec: .init(attoseconds / 1_000_000_000_000))
        }
    }

    extension RedisValue {
        fileprivate init(_ reply: redisReply) {
            func text() -> String {
                String(decoding: UnsafeRawBufferPointer(start: reply.str, count: reply.len), as: UTF8.self)
            }
            switch reply.type {
            case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
            case REDIS_REPLY_STRING: self = .bytes(Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len)))
            case REDIS_REPLY_STATUS: self = .status(text())
            case REDIS_REPLY_ERROR: self = .error(text())
            case REDIS_REPLY_ARRAY:
                self = .array(
                    (0..<reply.elements).map { index in
                        reply.element[index].map { RedisValue($0.pointee) } ?? .null
                    })
            default: self = .null
            }
        }
    }
#endif
