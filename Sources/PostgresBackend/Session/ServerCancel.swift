import CVitalsLibPQ
import DriverExecutors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Asks the server to end what a connection is doing.
///
/// Over when the server has closed the cancel socket, which is after the signal has been sent. With libpq 17 the request
/// is encrypted like the connection and driven by the loop; older ones know only the blocking, unencrypted `PQcancel`,
/// which runs on a thread of its own.
enum ServerCancel {
    // The handle is made on the loop, used by one thread and freed there.
    private struct Handle: @unchecked Sendable { let pointer: OpaquePointer }

    /// Threads of their own, so that a frozen server's requests hold up no look-up of a name.
    private static let calls = BlockingCalls(limit: 8)

    /// Sends the request. Call it on the loop.
    /// - Parameters:
    ///   - limit: How long a request on the loop may take.
    ///   - unless: Asked when the request's turn has come: whether nobody needs it any more.
    ///   - over: Called when it is over, well or badly, from any thread.
    static func request(
        _ connection: OpaquePointer, on loop: any ReadinessLoop, within limit: Duration,
        unless: @escaping @Sendable () -> Bool, over: @escaping @Sendable () -> Void
    ) {
        if let request = vitals_cancel_start(connection) {
            CancelAttempt(request, loop: loop, over: over).start(within: limit)
            return
        }
        guard let pointer = PQgetCancel(connection) else {
            over()
            return
        }
        let handle = Handle(pointer: pointer)
        calls.run {
            if !unless() {
                var message = [CChar](repeating: 0, count: 256)
                _ = PQcancel(handle.pointer, &message, 256)
            }
            PQfreeCancel(handle.pointer)
            over()
        }
    }
}

/// One of libpq 17's cancel requests, driven by the loop.
// Everything happens on the loop.
private final class CancelAttempt: ReadinessHandler, @unchecked Sendable {
    private var request: UnsafeMutableRawPointer?
    private let loop: any ReadinessLoop
    private let over: @Sendable () -> Void
    private var source: (any ReadinessSource)?
    private var timer: LoopTimer?

    init(_ request: UnsafeMutableRawPointer, loop: any ReadinessLoop, over: @escaping @Sendable () -> Void) {
        self.request = request
        self.loop = loop
        self.over = over
    }

    func start(within limit: Duration) {
        // The timer keeps the attempt alive until it is over.
        timer = loop.schedule(after: limit) { self.finish() }
        watch(.write)
    }

    func ready(_ readiness: Readiness) {
        guard let request else { return }
        source?.cancel()
        source = nil
        switch vitals_cancel_poll(request) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        default: finish()
        }
    }

    /// The descriptor may change between steps: watched anew at each, as a duplicate.
    private func watch(_ interest: Readiness) {
        guard let request else { return }
        let descriptor = fcntl(vitals_cancel_socket(request), F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return finish() }
        source = loop.watch(descriptor, handler: self)
        source?.arm(interest)
    }

    private func finish() {
        guard let request else { return }
        self.request = nil
        timer?.cancel()
        timer = nil
        source?.cancel()
        source = nil
        vitals_cancel_finish(request)
        over()
    }
}
