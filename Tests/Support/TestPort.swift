import Foundation

#if canImport(Glibc)
    private let streamSocket = Int32(SOCK_STREAM.rawValue)
#else
    private let streamSocket = SOCK_STREAM
#endif

/// Ports of the loopback for servers under test.
public enum TestPort {
    /// Returns a port of 127.0.0.1 that stays this process's own until it ends.
    ///
    /// The port lies below the range from which the kernel takes the ports of outgoing connections, and a lock on a file
    /// named after it keeps other test processes away. So nothing takes it between this call and the moment a server
    /// that cannot bind port 0 binds it.
    public static func free() throws -> Int {
        let folder = FileManager.default.temporaryDirectory.path + "/vitals-test-ports"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for _ in 0..<1000 {
            let port = Int.random(in: reservable)
            let lock = open("\(folder)/\(port)", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            guard lock >= 0 else {
                throw ChildProcess.Failure(description: "\(folder): \(String(cString: strerror(errno)))")
            }
            // The descriptor stays open on purpose: the lock ends with the process.
            if flock(lock, LOCK_EX | LOCK_NB) == 0, let (descriptor, _) = try? listen(backlog: nil, port: port) {
                close(descriptor)
                return port
            }
            close(lock)
        }
        throw ChildProcess.Failure(description: "no port is free in \(reservable)")
    }

    private static let reservable = 15_000...31_999

    /// A socket bound to a port of 127.0.0.1, by default any free one; listening when a backlog is given.
    static func listen(backlog: Int32?, port: Int = 0) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, streamSocket, 0)
        guard descriptor >= 0 else {
            throw ChildProcess.Failure(description: "socket: \(String(cString: strerror(errno)))")
        }
        var address = loopback(port: port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0
                    && (backlog.map { Foundation.listen(descriptor, $0) == 0 } ?? true)
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw ChildProcess.Failure(description: "bind 127.0.0.1: \(reason)")
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Connects to a port of 127.0.0.1; `nil` when nobody listens.
    public static func connect(port: Int) -> Int32? {
        let descriptor = socket(AF_INET, streamSocket, 0)
        guard descriptor >= 0 else { return nil }
        var address = loopback(port: port)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
