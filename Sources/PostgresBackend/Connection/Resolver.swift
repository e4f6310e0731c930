import DriverExecutors

#if canImport(Glibc)
    import Glibc
    private let streamSocket = Int32(SOCK_STREAM.rawValue)
#elseif canImport(Musl)
    import Musl
    private let streamSocket = SOCK_STREAM
#else
    import Darwin
    private let streamSocket = SOCK_STREAM
#endif

/// Looks up names on a thread of its own; libpq would block the loop.
enum Resolver {
    /// The addresses of a host, in the system's order; `[nil]` for a Unix socket, which has none.
    /// - Throws: ``PostgresError``, or `CancellationError` at once when the task is cancelled.
    static func addresses(
        of host: PostgresConfiguration.Host, within limit: Duration, on loop: any ReadinessLoop
    ) async throws -> [String?] {
        if let address = host.address { return [address] }
        if host.isUnixSocket { return [nil] }
        if isAddress(host.name) { return [host.name] }
        let name = host.name
        let outcome: Result<[String?], PostgresError>? = try await TimeLimit.wait(limit, on: loop) { call in
            // A look-up whose turn comes after its caller has gone is not begun.
            BlockingCalls.shared.run { if !call.isLeft { call.finish(lookUp(name)) } }
        }
        switch outcome {
        case .success(let addresses): return addresses
        case .failure(let error): throw error
        case nil:
            throw PostgresError(
                .connectTimeout, "the host name \"\(name)\" could not be looked up in time: check the DNS")
        }
    }

    /// Whether a name is a numeric address.
    static func isAddress(_ name: String) -> Bool {
        var buffer = in6_addr()
        return inet_pton(AF_INET, name, &buffer) == 1 || inet_pton(AF_INET6, name, &buffer) == 1
    }

    private static func lookUp(_ name: String) -> Result<[String?], PostgresError> {
        var hints = addrinfo()
        hints.ai_socktype = streamSocket
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        guard code == 0, let list else {
            let reason = String(cString: gai_strerror(code))
            return .failure(PostgresError(.unreachable, "the host name \"\(name)\" is not known: \(reason)"))
        }
        defer { freeaddrinfo(list) }
        var addresses: [String?] = []
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let entry = next {
            var text = [CChar](repeating: 0, count: 64)
            if getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                == 0
            {
                let address = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
                if !addresses.contains(address) { addresses.append(address) }
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}
