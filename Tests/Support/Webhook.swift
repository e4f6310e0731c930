import Foundation

/// A loopback HTTP server that gives everything the same answer and keeps what was asked.
public final class Webhook: Sendable {
    /// Where it listens.
    public let port: Int
    private let descriptor: Int32
    private let kept = Guarded<[(line: String, body: String)]>([])

    /// Starts listening; one thread serves one connection after the other.
    public init(status: Int = 200) throws {
        let (descriptor, port) = try TestPort.listen(backlog: 16)
        self.descriptor = descriptor
        self.port = port
        Thread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                if let request = Self.serve(client, status) { self?.kept.with { $0.append(request) } }
                close(client)
            }
        }.start()
    }

    /// The bodies received so far.
    public var received: [String] { kept.with { $0.map(\.body) } }

    /// The first lines of the requests so far: `GET /path HTTP/1.1`.
    public var requests: [String] { kept.with { $0.map(\.line) } }

    /// Stops listening.
    public func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func serve(_ client: Int32, _ status: Int) -> (line: String, body: String)? {
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
        let answer = Array("HTTP/1.1 \(status) Told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        _ = send(client, answer, answer.count, 0)
        let line = String(decoding: bytes.prefix { $0 != 13 }, as: UTF8.self)
        return head.map { (line, String(decoding: bytes[$0...], as: UTF8.self)) }
    }
}
