#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
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

/// A port of 127.0.0.1 that no other test process takes.
///
/// The port is below the range from which the kernel takes the ports of outgoing connections, and a lock on a file named
/// after it keeps other test processes away. So nothing takes it between the choice and the moment the server binds it.
final class ReservedPort: Sendable {
    /// The port.
    let number: Int
    private let lock: Int32

    private static let range = 15_000...31_999

    /// Reserves a port until the object is released or the process ends.
    init() throws(SQLTestKitError) {
        let folder = "/tmp/vitals-test-ports"
        if mkdir(folder, 0o777) == 0 { chmod(folder, 0o1777) }
        for _ in 0..<1000 {
            let port = Int.random(in: Self.range)
            let file = open("\(folder)/\(port)", O_CREAT | O_RDWR | O_CLOEXEC, 0o666)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0, Self.isFree(port) {
                number = port
                lock = file
                return
            }
            close(file)
        }
        throw SQLTestKitError(
            .system, "no port of \(Self.range) could be reserved in \(folder); see that the folder can be written")
    }

    deinit { close(lock) }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, streamSocket, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
