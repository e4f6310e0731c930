import CVitalsLibPQ
import DriverExecutors

/// Asks the server to end what a connection is doing.
///
/// libpq 15 knows only the blocking `PQcancel`, so the request runs on a thread of its own. It returns when the server
/// has closed the cancel socket, which is after the signal has been sent.
enum ServerCancel {
    // The handle is made here, used by one thread and freed there.
    private struct Handle: @unchecked Sendable { let pointer: OpaquePointer }

    /// Sends the request; calls back from another thread when it is over, well or badly.
    static func request(_ wire: OpaquePointer, over: @escaping @Sendable () -> Void) {
        guard let pointer = PQgetCancel(wire) else {
            over()
            return
        }
        let handle = Handle(pointer: pointer)
        BlockingCalls.shared.run {
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(handle.pointer, &message, 256)
            PQfreeCancel(handle.pointer)
            over()
        }
    }
}
