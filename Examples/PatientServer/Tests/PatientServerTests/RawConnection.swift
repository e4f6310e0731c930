import Foundation
import ServerTestSupport

/// A TCP connection that says exactly what a test wants, also what no HTTP library would.
final class RawConnection {
    private let descriptor: Int32

    init(port: Int) throws {
        guard let descriptor = TestPort.connect(port: port) else {
            throw ChildProcess.Failure(description: "no connection to \(port)")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// - Returns: Whether the other side still takes it.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Reads until the other side closes, or for so long, or so much.
    func read(upTo limit: Int = 1 << 20, within seconds: Double = 20) -> (text: String, isClosed: Bool) {
        var all: [UInt8] = []
        let end = Date().addingTimeInterval(seconds)
        while all.count < limit {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end.timeIntervalSinceNow
            guard left > 0, poll(&entry, 1, Int32(left * 1000) + 1) > 0 else {
                return (String(decoding: all, as: UTF8.self), false)
            }
            var part = [UInt8](repeating: 0, count: 65_536)
            let count = Foundation.read(descriptor, &part, part.count)
            guard count > 0 else { return (String(decoding: all, as: UTF8.self), true) }
            all += part.prefix(count)
        }
        return (String(decoding: all, as: UTF8.self), false)
    }
}
