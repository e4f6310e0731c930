import CVitalsLibPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Moves bytes between the buffers and the socket that libpq connected, in the clear or through OpenSSL.
struct Transport {
    enum Outcome {
        /// Bytes were moved, and more may be moved at once.
        case more
        /// Bytes were moved; ask the kernel before moving more.
        case drained
        /// Nothing could be moved until the socket is readable.
        case needsRead
        /// Nothing could be moved until the socket is writable.
        case needsWrite
        /// The server closed the connection, or it broke.
        case lost(String)
    }

    private let descriptor: Int32
    private let tls: UnsafeMutableRawPointer?
    private var calls = vitals_tls_calls()

    /// - Parameter descriptor: A duplicate of libpq's socket.
    init(_ connection: OpaquePointer, descriptor: Int32) throws(PostgresError) {
        self.descriptor = descriptor
        tls = vitals_tls(connection)
        guard PQsslInUse(connection) == 1 else { return }
        calls = vitals_tls_find()
        if tls == nil || calls.read == nil {
            throw PostgresError(
                .tlsFailed,
                "this libpq encrypts with a library other than OpenSSL, which the driver cannot use: install a libpq "
                    + "built with OpenSSL, or set sslmode to disable on a trusted network")
        }
    }

    var isEncrypted: Bool { tls != nil }

    /// Sends what is pending, as far as it goes.
    func write(_ output: OutputBuffer) -> Outcome {
        while output.count > 0 {
            let pending = output.pending
            if let tls {
                let count = withUnsafePointer(to: calls) {
                    vitals_tls_write($0, tls, pending.baseAddress, Int32(clamping: pending.count))
                }
                guard count > 0 else { return Self.outcome(tls: Int(count)) }
                output.removeSent(Int(count))
                continue
            }
            #if canImport(Darwin)
                let count = send(descriptor, pending.baseAddress, pending.count, 0)
            #else
                let count = send(descriptor, pending.baseAddress, pending.count, Int32(MSG_NOSIGNAL))
            #endif
            if count > 0 {
                output.removeSent(count)
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                return .needsWrite
            } else if errno != EINTR {
                return .lost(String(cString: strerror(errno)))
            }
        }
        return .more
    }

    /// Receives what has come, one read's worth.
    func read(_ input: InputBuffer) -> Outcome {
        let space = input.freeSpace()
        if let tls {
            let count = withUnsafePointer(to: calls) {
                vitals_tls_read($0, tls, space.baseAddress, Int32(clamping: space.count))
            }
            guard count > 0 else { return Self.outcome(tls: Int(count)) }
            input.received(Int(count))
            // A record may wait decrypted where no poll sees it.
            return .more
        }
        while true {
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            if count > 0 {
                input.received(count)
                return count < space.count ? .drained : .more
            }
            if count == 0 { return .lost("the server closed it") }
            if errno == EAGAIN || errno == EWOULDBLOCK { return .needsRead }
            if errno != EINTR { return .lost(String(cString: strerror(errno))) }
        }
    }

    /// Blocks until bytes have come, for a bounded moment. Returns whether they have.
    func waitForBytes(nanoseconds: Int) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        #if os(Linux)
            return vitals_poll(&entry, nanoseconds) == 1
        #else
            return poll(&entry, 1, 0) == 1
        #endif
    }

    /// Whether nothing has come on an idle connection: no end of the stream, no error, no unasked message.
    var isSilent: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    private static func outcome(tls code: Int) -> Outcome {
        switch code {
        case Int(VITALS_TLS_WANTS_READ): .needsRead
        case Int(VITALS_TLS_WANTS_WRITE): .needsWrite
        case Int(VITALS_TLS_CLOSED): .lost("the server closed it")
        default: .lost("TLS failed")
        }
    }
}
