import Foundation

/// A PgBouncer of the tests' own in front of a server, with the defaults of its package and no password, on a free
/// loopback port. Ends with the test process.
///
/// ```swift
/// @Test(.enabled(if: PgBouncerServer.canStart, "needs pgbouncer")) func …() async throws {
///     let pooler = try await PgBouncerServer.start(for: server, mode: .transaction)
///     … try PostgresConfiguration(pooler.dsn(of: server)) …
///     await pooler.remove()
/// ```
public final class PgBouncerServer: Sendable {
    /// PgBouncer's `pool_mode`.
    public enum PoolMode: String, Sendable, CaseIterable {
        case session, transaction, statement
    }

    /// The port on 127.0.0.1.
    public let port: Int
    /// The folder of its files, its log among them.
    public let directory: String
    private let process: ChildProcess
    private let watchdog: Guarded<Int32>

    private init(port: Int, directory: String, process: ChildProcess, watchdog: Int32) {
        self.port = port
        self.directory = directory
        self.process = process
        self.watchdog = Guarded(watchdog)
    }

    deinit { endWatch() }

    /// The installed program's path.
    public static let program: String? = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
        .map { $0 + "/pgbouncer" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whether tests can start one.
    public static var canStart: Bool { program != nil && PostgresServer.canStart }

    /// Starts one and waits until it listens.
    /// - Parameters:
    ///   - server: The server behind it.
    ///   - mode: When a server's session is given to another client.
    ///   - settings: Added to its section `[pgbouncer]`: `["default_pool_size": "1"]`.
    public static func start(
        for server: PostgresServer, mode: PoolMode, settings: [String: String] = [:]
    ) async throws -> PgBouncerServer {
        guard let program else { throw ChildProcess.Failure(description: "pgbouncer is not installed here") }
        let port = try TestPort.free()
        let directory = FileManager.default.temporaryDirectory.path + "/pgbouncer-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let all = [
            "listen_addr": "127.0.0.1", "listen_port": "\(port)", "unix_socket_dir": "", "auth_type": "trust",
            "auth_file": "\(directory)/users", "pool_mode": mode.rawValue,
        ].merging(settings) { $1 }
        let lines = all.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        let sections = ["[databases]", "* = host=127.0.0.1 port=\(server.port)", "[pgbouncer]"]
        let text = (sections + lines + [""]).joined(separator: "\n")
        let file = directory + "/pgbouncer.ini"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let users = "\"postgres\" \"\"\n\"guarded\" \"secret\"\n"
        try Data(users.utf8).write(to: URL(fileURLWithPath: directory + "/users"))
        var command = [program, file]
        if getuid() == 0, let user = getpwnam("postgres") {
            for path in [directory, file, directory + "/users"] {
                chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
            }
            // It refuses to run as root.
            command = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
        }
        let child = try ChildProcess.start(command[0], Array(command.dropFirst()), output: directory + "/log")
        let pooler = PgBouncerServer(
            port: port, directory: directory, process: child, watchdog: try watch(child))
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            if let descriptor = TestPort.connect(port: port) {
                close(descriptor)
                return pooler
            }
            guard child.isRunning, ContinuousClock.now < deadline else {
                let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
                throw ChildProcess.Failure(description: "PgBouncer did not start: \(log.suffix(2000))")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The DSN of a database of the server behind it.
    public func dsn(
        of server: PostgresServer, database: String? = nil, user: String? = nil, parameters: [String: String] = [:]
    ) -> String {
        server.dsn(database: database, user: user, host: "127.0.0.1", port: port, parameters: parameters)
    }

    /// Freezes it, so that it accepts connections and answers nothing.
    public func freeze() { process.signal(SIGSTOP) }

    /// Undoes ``freeze()``.
    public func thaw() { process.signal(SIGCONT) }

    /// Stops it for good, waits for its end and removes its folder.
    public func remove() async {
        process.signal(SIGCONT)
        process.signal(SIGKILL)
        await process.ended()
        endWatch()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func endWatch() {
        watchdog.with {
            if $0 >= 0 { close($0) }
            $0 = -1
        }
    }

    /// Starts a shell that waits until the other end of its pipe is closed, at the latest when this process ends, and then
    /// kills the program.
    private static func watch(_ child: ChildProcess) throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChildProcess.Failure(description: "pipe: \(String(cString: strerror(errno)))")
        }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        _ = try ChildProcess.start(
            "/bin/sh", ["-c", "read -r line; kill -KILL \"$1\" 2>/dev/null", "watchdog", "\(child.id)"],
            input: ends[0])
        close(ends[0])
        return ends[1]
    }
}
