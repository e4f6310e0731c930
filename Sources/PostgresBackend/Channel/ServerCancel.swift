import CVitalsLibPQ
import DriverExecutors

/// Asks the server to end what a connection is doing.
///
/// libpq 15 knows only the blocking `PQcancel`, so the request runs on a thread of its own. It returns when the server
/// has closed the cancel socket, which is after the signal has been sent.
enum ServerCancel {
    // The handle is made here, used by one thread and freed there.
    private struct Handle: @unchecked Sendable { let pointer: OpaquePointer }

    /// Threads of their own, so that a frozen server's requests hold up no look-up of a name.
    private static let calls = BlockingCalls(limit: 8)

    /// Sends the request; calls back from another thread when it is over, well or badly.
    /// - Parameter unless: Asked when the request's turn has come: whether nobody needs it any more.
    static func request(
        _ wire: OpaquePointer, unless: @escaping @Sendable () -> Bool, over: @escaping @Sendable () -> Void
    ) {
        guard let pointer = PQgetCancel(wire) else {
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
