import DriverExecutors
import Synchronization

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
    /// The addresses of a name, in the system's order; `[nil]` for a Unix socket, which has none.
    static func addresses(of name: String, within limit: Duration) async throws -> [String?] {
        if name.hasPrefix("/") { return [nil] }
        if isAddress(name) { return [name] }
        let outcome = await withDeadline(limit) { lookUp(name) }
        switch outcome {
        case .success(let addresses): return addresses
        case .failure(let error): throw error
        case nil:
            throw PostgresError(
                .connectTimeout, "the host name \"\(name)\" could not be looked up in time: check the DNS")
        }
    }

    private static func isAddress(_ name: String) -> Bool {
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

    /// The result of a blocking call, or `nil` when it takes too long; then the call goes on by itself.
    private static func withDeadline<Output: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () -> Output
    ) async -> Output? {
        let once = Once()
        return await Handoff<Output?>.wait { handoff in
            let clock = Task {
                try? await Task.sleep(for: limit)
                if once.isFirst() { handoff.resume(nil) }
            }
            BlockingCalls.shared.run {
                let output = body()
                if once.isFirst() {
                    clock.cancel()
                    handoff.resume(output)
                }
            }
        }
    }
}

/// Tells the first of several from the others.
final class Once: Sendable {
    private let done = Atomic<Bool>(false)
    func isFirst() -> Bool { !done.exchange(true, ordering: .acquiringAndReleasing) }
}
