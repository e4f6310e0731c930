import Foundation

/// A network of its own behind a virtual cable, which can swallow every answer: Linux, as root, with `ip`.
public struct NetworkNamespace: Sendable {
    /// The name for `ip netns`.
    public let name: String
    /// The address of the far end, inside the namespace.
    public let address: String
    /// The address of the near end: where what is inside finds what is outside.
    public let hostAddress: String

    /// Whether this machine lets the tests make one.
    public static func isAvailable() async -> Bool {
        guard getuid() == 0, program != nil, let one = try? await NetworkNamespace() else { return false }
        await one.remove()
        return true
    }

    static let program = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Makes one, with addresses of the range for benchmarks (RFC 2544), which nobody routes.
    public init() async throws {
        let number = Int.random(in: 0..<0x7FFF)
        name = "pgtest-\(String(number, radix: 16))"
        let near = "pga\(String(number, radix: 16))"
        let far = "pgb\(String(number, radix: 16))"
        let base = number * 4
        func text(_ offset: Int) -> String {
            let value = base + offset
            return "198.\(18 + (value >> 16 & 1)).\(value >> 8 & 255).\(value & 255)"
        }
        (hostAddress, address) = (text(1), text(2))
        try await Self.ip(["netns", "add", name])
        do {
            try await Self.ip(["link", "add", near, "type", "veth", "peer", "name", far, "netns", name])
            try await Self.ip(["address", "add", "\(hostAddress)/30", "dev", near])
            try await Self.ip(["link", "set", near, "up"])
            try await Self.ip(["-n", name, "address", "add", "\(address)/30", "dev", far])
            try await Self.ip(["-n", name, "link", "set", far, "up"])
            try await Self.ip(["-n", name, "link", "set", "lo", "up"])
        } catch {
            await remove()
            throw error
        }
    }

    /// From now on nothing comes out: what is sent in is neither answered nor acknowledged nor refused.
    public func blackHole() async throws {
        try await Self.ip(["-n", name, "route", "add", "blackhole", "\(hostAddress)/32"])
    }

    /// Undoes ``blackHole()``.
    public func heal() async throws {
        try await Self.ip(["-n", name, "route", "del", "blackhole", "\(hostAddress)/32"])
    }

    /// Removes it and the cable.
    public func remove() async { _ = try? await Self.ip(["netns", "delete", name]) }

    private static func ip(_ arguments: [String]) async throws {
        guard let program else { throw ChildProcess.Failure(description: "the program ip is not installed") }
        try await ChildProcess.run(program, arguments)
    }
}
