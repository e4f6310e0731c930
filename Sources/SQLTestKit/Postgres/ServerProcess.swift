import PostgresBackend

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A PostgreSQL server that this process started, in a folder that is removed with it.
final class ServerProcess: Sendable {
    private let folder: ScratchFolder
    private let port: ReservedPort

    /// Settings for speed: nothing is synced to disk, no maintenance runs beside the tests. No Unix socket, whose path is
    /// too long for the system in some temporary folders.
    private static let defaults = [
        "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "400",
        "shared_buffers": "64MB", "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "logging_collector": "off",
        "log_min_messages": "warning",
    ]

    /// Creates a cluster and starts its server; it accepts connections when this returns.
    init(_ programs: PostgresPrograms, settings: [String: String]) async throws {
        let port = try ReservedPort()
        folder = try ScratchFolder("vitals-postgres") { folder in
            let options = Self.defaults.merging(settings) { $1 }
            let words = options.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
            return try PostgresPrograms.unprivileged(folder) + [
                "/bin/sh", "-c", Self.script, programs.folder, folder, "-p", "\(port.number)",
            ] + words
        }
        self.port = port
        let deadline = ContinuousClock.now + .seconds(60)
        while !isReady {
            guard !folder.serverHasEnded, ContinuousClock.now < deadline, !Task.isCancelled else {
                let log = folder.log
                await folder.remove()
                try Task.checkCancellation()
                throw SQLTestKitError(
                    .startFailed,
                    "the PostgreSQL server of \(programs.folder) did not start; its output ends with: \(log)")
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// How to reach the database `postgres`.
    var configuration: PostgresConfiguration {
        var configuration = PostgresConfiguration()
        configuration.hosts = [.init("127.0.0.1", port: port.number)]
        configuration.user = "postgres"
        configuration.database = "postgres"
        configuration.tls = .disable
        return configuration
    }

    /// Stops the server, removes its folder and waits until both are done.
    func stop() async { await folder.remove() }

    /// The eighth line of the server's own file of its state says when it is ready (`miscadmin.h`, `PM_STATUS_READY`).
    private var isReady: Bool {
        guard let text = try? String(contentsOfFile: "\(folder.path)/data/postmaster.pid", encoding: .utf8) else {
            return false
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count > 7 && lines[7].hasPrefix("ready")
    }

    /// Arguments: the folder of the programs as `$0`, the server's folder, then the server's options. The shell becomes the
    /// server, so that its process id is the server's.
    private static let script = """
        data=$1/data
        shift
        "$0/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C --no-sync || exit
        exec "$0/postgres" -D "$data" "$@"
        """
}
