import Foundation

/// A PostgreSQL of the tests' own: a fresh cluster in a temporary folder on a free loopback port.
///
/// The superuser is `postgres` and needs no password; the role `guarded` has the password `secret` and needs it.
/// A watchdog stops the server and removes the folder when the test process ends, however it ends.
///
/// ```swift
/// @Test(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation")) func …() async throws {
///     let server = try await PostgresServer.shared()
///     let dsn = try await server.makeDatabase()
/// ```
public final class PostgresServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    /// The cluster's folder; `nil` for a server that the environment named.
    public let directory: String?
    private let base: URLComponents
    private let settings: [String: String]
    private let namespace: NetworkNamespace?
    private let environment: [String: String]
    private let process = Guarded<ChildProcess?>(nil)
    private let watchdog = Guarded<Int32>(-1)

    private init(
        port: Int, directory: String?, base: URLComponents, settings: [String: String],
        namespace: NetworkNamespace? = nil, environment: [String: String] = [:]
    ) {
        self.namespace = namespace
        self.environment = environment
        self.port = port
        self.directory = directory
        self.base = base
        self.settings = settings
    }

    deinit {
        watchdog.with { if $0 >= 0 { close($0) } }
    }

    // MARK: Finding one

    /// Whether tests have a server to talk to: one that the environment names, or binaries to start one from.
    public static var isAvailable: Bool { environmentDSN != nil || binaries != nil }

    /// Whether tests can start, stop and freeze a server of their own.
    public static var canStart: Bool { binaries != nil }

    /// The DSN of a server, with superuser rights, that `VITALS_TEST_POSTGRES` names.
    public static var environmentDSN: String? { ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] }

    /// The folder of the newest installed server's programs.
    public static let binaries: String? = {
        let roots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"]
        for root in roots {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
            let newest = names.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
            for name in newest where FileManager.default.isExecutableFile(atPath: "\(root)/\(name)/bin/initdb") {
                return "\(root)/\(name)/bin"
            }
        }
        return nil
    }()

    private static let one = Guarded<Task<PostgresServer, any Error>?>(nil)

    /// The one server that all tests of this process share.
    public static func shared() async throws -> PostgresServer {
        let task = one.with { task in
            if let task { return task }
            let started = Task {
                if let dsn = environmentDSN, let base = URLComponents(string: dsn) {
                    return PostgresServer(port: base.port ?? 5432, directory: nil, base: base, settings: [:])
                }
                return try await start()
            }
            task = started
            return started
        }
        return try await task.value
    }

    // MARK: Starting one

    /// Makes a cluster and starts it.
    /// - Parameter settings: Added to `postgresql.conf`. By default nothing is synced to disk, as tests like it;
    ///   `["fsync": "on", "synchronous_commit": "on"]` for those that measure.
    /// - Parameter namespace: The network it lives in; the tests' own when `nil`.
    /// - Parameter environment: Added to the environment of the server's processes.
    public static func start(
        settings: [String: String] = [:], in namespace: NetworkNamespace? = nil, environment: [String: String] = [:]
    ) async throws -> PostgresServer {
        guard let binaries else { throw ChildProcess.Failure(description: "no PostgreSQL programs are installed here") }
        let directory = FileManager.default.temporaryDirectory.path + "/pgtest-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if getuid() == 0, let user = getpwnam("postgres") {
            chown(directory, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        try await ChildProcess.run(
            unprivileged[0],
            Array(unprivileged.dropFirst()) + [
                "\(binaries)/initdb", "-D", "\(directory)/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C", "--no-sync",
            ])
        let port = try TestPort.free()
        var base = URLComponents()
        base.scheme = "postgresql"
        base.user = "postgres"
        base.host = namespace?.address ?? "127.0.0.1"
        base.port = port
        base.path = "/postgres"
        let defaults = [
            "listen_addresses": namespace == nil ? "127.0.0.1" : "*", "unix_socket_directories": directory,
            "max_connections": "400",
            "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB",
            "logging_collector": "off", "log_min_messages": "warning",
        ]
        let server = PostgresServer(
            port: port, directory: directory, base: base, settings: defaults.merging(settings) { $1 },
            namespace: namespace, environment: environment)
        if let namespace {
            let rules = FileHandle(forUpdatingAtPath: "\(directory)/data/pg_hba.conf")
            try rules?.seekToEnd()
            try rules?.write(contentsOf: Data("host all all \(namespace.address)/30 trust\n".utf8))
            try rules?.close()
        }
        try server.watch()
        try await server.start()
        try await server.run(sql: "CREATE ROLE guarded LOGIN PASSWORD 'secret'")
        let rules = """
            host all guarded 127.0.0.1/32 scram-sha-256
            host all all 127.0.0.1/32 trust
            local all all trust
            \(namespace.map { "host all all \($0.address)/30 trust" } ?? "")
            """
        try await server.run(
            sql: "COPY (SELECT unnest(string_to_array('\(rules)', chr(10)))) TO '\(directory)/data/pg_hba.conf'")
        try await server.run(sql: "SELECT pg_reload_conf()")
        return server
    }

    /// Starts the server again after ``stop(_:)``, on the same port, and waits until it answers.
    public func start() async throws {
        guard let directory, let binaries = Self.binaries else { return }
        let options = settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        var command =
            Self.unprivileged + ["\(binaries)/postgres", "-D", "\(directory)/data", "-p", "\(port)"] + options
        if let namespace, let ip = NetworkNamespace.program {
            command = [ip, "netns", "exec", namespace.name] + command
        }
        let child = try ChildProcess.start(
            command[0], Array(command.dropFirst()), environment: environment, output: "\(directory)/log")
        process.with { $0 = child }
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                try await run(sql: "SELECT 1")
                return
            } catch {
                guard child.isRunning, ContinuousClock.now < deadline else {
                    let log = (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? ""
                    throw ChildProcess.Failure(description: "PostgreSQL did not start: \(log.suffix(2000))")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    // MARK: Trouble

    /// How a server is stopped.
    public enum StopMode: Sendable {
        /// Clients are disconnected, open transactions rolled back.
        case fast
        /// As in a crash: the next start recovers.
        case immediate
    }

    /// Stops the server and waits for its end; ``start()`` brings it back.
    public func stop(_ mode: StopMode = .fast) async {
        guard let child = process.with({ $0 }) else { return }
        child.signal(SIGCONT)
        child.signal(mode == .fast ? SIGINT : SIGQUIT)
        await child.ended()
    }

    /// Freezes the postmaster and every server process, so that nothing answers any more.
    public func freeze() { signalAll(SIGSTOP) }

    /// Undoes ``freeze()``.
    public func thaw() { signalAll(SIGCONT) }

    private func signalAll(_ number: Int32) {
        guard let child = process.with({ $0 }) else { return }
        child.signal(number)
        let path = "/proc/\(child.id)/task/\(child.id)/children"
        let children = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        for id in children.split(separator: " ").compactMap({ pid_t($0) }) { kill(id, number) }
    }

    // MARK: Using one

    /// The DSN of a database of this server.
    public func dsn(
        database: String? = nil, user: String? = nil, password: String? = nil, host: String? = nil, port: Int? = nil,
        parameters: [String: String] = [:]
    ) -> String {
        var parts = base
        if let database { parts.path = "/" + database }
        if let user { parts.user = user }
        if let password { parts.password = password }
        if let host { parts.host = host }
        if let port { parts.port = port }
        let all =
            (base.queryItems ?? []) + parameters.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0, value: $1) }
        parts.queryItems = all.isEmpty ? nil : all
        return parts.string ?? ""
    }

    /// Makes an empty database with a name of its own and returns its DSN.
    public func makeDatabase() async throws -> String {
        let name = "test_\(UUID().uuidString.prefix(8).lowercased())"
        try await run(sql: "CREATE DATABASE \(name)")
        return dsn(database: name)
    }

    /// Runs a statement as the superuser through `psql` and returns what it printed, unadorned.
    @discardableResult
    public func run(sql: String, database: String? = nil) async throws -> String {
        let psql = Self.binaries.map { "\($0)/psql" } ?? "/usr/bin/psql"
        return try await ChildProcess.run(
            psql, ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", dsn(database: database), "-c", sql],
            environment: ["PGCONNECT_TIMEOUT": "10"]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: Support

    /// The server refuses to run as root; these words in front of a command drop the rights.
    private static let unprivileged: [String] =
        getuid() == 0
        ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["/usr/bin/env"]

    /// A shell that waits for the end of this process (its end of a pipe closes), then cleans up.
    private func watch() throws {
        guard let directory else { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChildProcess.Failure(description: "pipe: \(String(cString: strerror(errno)))")
        }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let script = """
            read -r line
            id=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
            if [ -n "$id" ]; then
                kill -CONT "$id"; kill -QUIT "$id"
                for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$id" 2>/dev/null || break; sleep 0.2; done
                kill -KILL "$id" 2>/dev/null
            fi
            rm -rf "$1"
            """
        _ = try ChildProcess.start("/bin/sh", ["-c", script, "watchdog", directory], input: ends[0])
        close(ends[0])
        watchdog.with { $0 = ends[1] }
    }

    /// Stops the server for good and removes its folder.
    public func remove() async {
        await stop(.immediate)
        watchdog.with {
            if $0 >= 0 { close($0) }
            $0 = -1
        }
    }
}
