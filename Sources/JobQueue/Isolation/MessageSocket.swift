#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

import VitalsSupport

/// The worker's end of the line to a process: a thread that reads and writes, so that nobody else ever blocks.
final class MessageSocket: Sendable {
    private struct State {
        var outgoing: [UInt8] = []
        var isClosing = false
    }

    private let socket: Int32
    private let wakeup: (read: Int32, write: Int32)
    private let state = Lock(State())

    /// Starts the thread.
    /// - Parameters:
    ///   - socket: Is closed with the line.
    ///   - received: Gets every message, on the thread.
    ///   - ended: Is called on the thread, once, when the line is closed from either side.
    init(
        _ socket: Int32, received: @escaping @Sendable (ProcessMessage) -> Void, ended: @escaping @Sendable () -> Void
    ) throws(JobError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            close(socket)
            throw JobError(.processDied, "no process for the job could be started: no descriptors are left")
        }
        for descriptor in ends + [socket] {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
        self.socket = socket
        wakeup = (ends[0], ends[1])
        let error = NamedThread.start("job-process") { [self] in
            serve(received)
            ended()
        }
        guard error == 0 else {
            throw JobError(.processDied, "no process for the job could be started: no thread is left")
        }
    }

    deinit {
        close(socket)
        close(wakeup.read)
        close(wakeup.write)
    }

    /// Sends a message, some time soon.
    func send(_ message: ProcessMessage) {
        let bytes = message.encoded
        state.with { $0.outgoing += bytes }
        wake()
    }

    /// Closes the line.
    func end() {
        state.with { $0.isClosing = true }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(wakeup.write, &byte, 1)
    }

    private func serve(_ received: (ProcessMessage) -> Void) {
        var stream = MessageStream()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        defer { shutdown(socket, Int32(SHUT_RDWR)) }
        while true {
            let (isWriting, isClosing) = state.with { (!$0.outgoing.isEmpty, $0.isClosing) }
            if isClosing { return }
            var wanted = [
                pollfd(fd: socket, events: Int16(POLLIN) | (isWriting ? Int16(POLLOUT) : 0), revents: 0),
                pollfd(fd: wakeup.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&wanted, 2, -1) > 0 || errno == EINTR else { return }
            if wanted[1].revents != 0 { while read(wakeup.read, &buffer, buffer.count) > 0 {} }
            if wanted[0].revents & Int16(POLLOUT) != 0, !flush() { return }
            guard wanted[0].revents & ~Int16(POLLOUT) != 0 else { continue }
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { return }
            stream.append(buffer[0..<count])
            do {
                while let message = try stream.next() { received(message) }
            } catch {
                return
            }
        }
    }

    /// Writes what the socket takes. Returns `false` when nobody reads any more.
    private func flush() -> Bool {
        state.with { state in
            #if canImport(Darwin)
                let count = write(socket, state.outgoing, state.outgoing.count)
            #else
                let count = Glibc.send(socket, state.outgoing, state.outgoing.count, Int32(MSG_NOSIGNAL))
            #endif
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            state.outgoing.removeFirst(count)
            return true
        }
    }
}
