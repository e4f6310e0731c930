import Foundation

/// A loopback HTTP server that answers 200 to everything and keeps the bodies.
public final class Webhook: Sendable {
    /// Where it listens.
    public let port: Int
    private let descriptor: Int32
    private let bodies = Guarded<[String]>([])

    /// Starts listening; one thread serves one connection after the other.
    public init() throws {
        let (descriptor, port) = try TestPort.listen(backlog: 16)
        self.descriptor = descriptor
        self.port = port
        Thread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                if let body = Self.serve(client) { self?.bodies.with { $0.append(body) } }
                close(client)
            }
        }.start()
    }

    /// The bodies received so far.
    public var received: [String] { bodies.with { $0 } }

    /// Stops listening.
    public func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func serve(_ client: Int32) -> String? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let separator: [UInt8] = [13, 10, 13, 10]
        var head: Int?
        var length = 0
        while head.map({ bytes.count < $0 + length }) ?? true {
            let count = recv(client, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
            guard head == nil, bytes.count >= 4 else { continue }
            for end in 4...bytes.count where Array(bytes[end - 4..<end]) == separator {
                head = end
                let text = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
                let line = text.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                length = line.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
                break
            }
        }
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        _ = send(client, answer, answer.count, 0)
        return head.map { String(decoding: bytes[$0...], as: UTF8.self) }
    }
}
