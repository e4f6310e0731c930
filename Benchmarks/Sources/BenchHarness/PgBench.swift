import Foundation

/// The floor of what a PostgreSQL server does: `pgbench`, which is C on the same libpq.
///
/// By count, not by time: `pgbench -T` waits for a signal that is blocked in children of a thread of dispatch.
public struct PgBench {
    private let folder: String
    private let dsn: String

    /// The newest that is installed.
    /// - Throws: ``ProgramFailure`` when none is.
    public init(dsn: String) throws {
        self.dsn = dsn
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
        let folders = newest.map { "/usr/lib/postgresql/\($0)/bin" } + ["/usr/bin", "/opt/homebrew/bin"]
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/pgbench") })
        else { throw ProgramFailure(description: "pgbench is not installed (Debian: postgresql-contrib)") }
        self.folder = folder
    }

    /// Makes pgbench's tables: a hundred thousand accounts.
    public func makeAccounts() throws { _ = try run("\(folder)/pgbench", ["-i", "-q", "-s", "1", dsn]) }

    /// Selects of an account by its key, prepared: statements a second.
    public func selects(clients: Int, transactions: Int = 24_000) throws -> Double {
        try rate(["-S"], clients: clients, transactions: transactions / clients)
    }

    /// Transactions a second of a script, prepared, so many for each client.
    public func rate(script: String, clients: Int, transactions: Int) throws -> Double {
        try rate(["-f", script], clients: clients, transactions: transactions)
    }

    /// Runs a file of statements, with variables for them.
    public func execute(_ file: String, _ variables: [String: String]) throws {
        let settings = variables.flatMap { ["-v", "\($0.key)=\($0.value)"] }
        _ = try run(
            "\(folder)/psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1"] + settings + ["-d", dsn, "-f", file])
    }

    private func rate(_ what: [String], clients: Int, transactions: Int) throws -> Double {
        let threads = min(clients, ProcessInfo.processInfo.activeProcessorCount)
        let output = try run(
            "\(folder)/pgbench",
            ["-n", "-M", "prepared"] + what + ["-c", "\(clients)", "-j", "\(threads)", "-t", "\(transactions)", dsn])
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw ProgramFailure(description: "pgbench said no rate: \(output)") }
        return rate
    }
}
