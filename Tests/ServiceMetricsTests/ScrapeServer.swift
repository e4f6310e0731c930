import Foundation
import ServiceMetrics

/// A page of metrics on a port of the loopback, one request a connection.
final class ScrapeServer: Sendable {
    let port: Int
    private let descriptor: Int32

    struct Failure: Error { let what: String }

    init(_ registry: MetricRegistry, contentTypes: @escaping @Sendable (String) -> Void) throws {
        let descriptor = Self.makeSocket()
        guard descriptor >= 0 else { throw Failure(what: "socket") }
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw Failure(what: "bind") }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread {
            var buffer: [UInt8] = []
            while true {
                let client = accept(descriptor, nil, nil)
                if client < 0 { return }
                let request = Self.read(client)
                let accept = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("accept:") }
                let format = ExpositionFormat.negotiate(accept: accept.map { String($0.dropFirst(7)) })
                contentTypes(format.contentType)
                buffer.removeAll(keepingCapacity: true)
                registry.write(format, into: &buffer)
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: \(format.contentType)\r\n"
                    + "Content-Length: \(buffer.count)\r\nConnection: close\r\n\r\n"
                Self.send(client, Array(head.utf8) + buffer)
                close(client)
            }
        }.start()
    }

    func stop() { shutdown(descriptor, Int32(2)) }

    /// Asks a server of the loopback; the whole answer.
    static func get(port: Int, _ path: String) -> String? {
        let descriptor = makeSocket()
        defer { close(descriptor) }
        var address = loopback(port: port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return nil }
        send(descriptor, Array("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8))
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count <= 0 { break }
            all += chunk[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }

    private static func read(_ descriptor: Int32) -> String {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while all.suffix(4) != [13, 10, 13, 10] {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count <= 0 { break }
            all += chunk[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }

    private static func send(_ descriptor: Int32, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            sent += count
        }
    }

    private static func makeSocket() -> Int32 {
        #if canImport(Glibc)
            socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            socket(AF_INET, SOCK_STREAM, 0)
        #endif
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
