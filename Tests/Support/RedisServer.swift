import Foundation

/// A Redis of the tests' own: nothing on disk, on a free loopback port, gone when the test process ends.
///
/// ```swift
/// @Test(.enabled(if: RedisServer.canStart, "needs redis-server")) func …() async throws {
///     let server = try await RedisServer.start()
///     … server.port …
///     await server.stop()
/// ```
public final class RedisServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    private let options: [String]
    private let process = Guarded<ChildProcess?>(nil)
    private let watchdog = Guarded<Int32>(-1)

    private init(port: Int, options: [String]) {
        self.port = port
        self.options = options
    }

    deinit { watchdog.with { if $0 >= 0 { close($0) } } }

    /// The installed program's path.
    public static let program: String? = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
        .map { $0 + "/redis-server" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whether tests can start a server.
    public static var canStart: Bool { program != nil }

    /// Starts a server and waits until it listens.
    /// - Parameter options: Settings as on its command line: `["--requirepass", "secret"]`.
    public static func start(_ options: [String] = []) async throws -> RedisServer {
        let server = RedisServer(port: try TestPort.free(), options: options)
        try await server.start()
        return server
    }

    /// Starts the server again after ``stop(_:)``, empty, on the same port.
    public func start() async throws {
        guard let program = Self.program else { throw ChildProcess.Failure(description: "no redis-server here") }
        let child = try ChildProcess.start(
            program,
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                FileManager.default.temporaryDirectory.path,
            ] + options)
        process.with { $0 = child }
        try watch(child)
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            if let descriptor = TestPort.connect(port: port) {
                close(descriptor)
                return
            }
            guard child.isRunning, ContinuousClock.now < deadline else {
                throw ChildProcess.Failure(description: "redis-server did not start on port \(port)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Stops the server, by SIGKILL unless told otherwise, and waits for its end.
    public func stop(_ signal: Int32 = 9) async {
        guard let child = process.with({ $0 }) else { return }
        child.signal(SIGCONT)
        child.signal(signal)
        await child.ended()
    }

    /// Freezes the server, so that it accepts connections and answers nothing.
    public func freeze() { process.with { $0 }?.signal(SIGSTOP) }

    /// Undoes ``freeze()``.
    public func thaw() { process.with { $0 }?.signal(SIGCONT) }

    /// A shell that waits for the end of this process (its end of a pipe closes), then kills the server.
    private func watch(_ child: ChildProcess) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChildProcess.Failure(description: "pipe: \(String(cString: strerror(errno)))")
        }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        _ = try ChildProcess.start(
            "/bin/sh", ["-c", "read -r line; kill -KILL \"$1\" 2>/dev/null", "watchdog", "\(child.id)"],
            input: ends[0])
        close(ends[0])
        watchdog.with {
            if $0 >= 0 { close($0) }
            $0 = ends[1]
        }
    }
}
