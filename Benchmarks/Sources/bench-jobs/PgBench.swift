import Foundation

/// The floor: scripts of `pgbench`, which is C on the same libpq.
struct PgBench {
    private let program: String
    private let folder: String
    private let dsn: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(dsn: String) throws {
        self.dsn = dsn
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
        let paths =
            newest.map { "/usr/lib/postgresql/\($0)/bin/pgbench" } + ["/usr/bin/pgbench", "/opt/homebrew/bin/pgbench"]
        guard let found = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw Failure(description: "pgbench is not installed (Debian: postgresql-contrib)")
        }
        program = found
        guard let folder = peerFolder("jobs") else {
            throw Failure(description: "Benchmarks/Peers/jobs is not below the current folder")
        }
        self.folder = folder
    }

    /// Makes the tables again, with more rows than the measurement can use up.
    func prepare(rows: Int) throws {
        let psql = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("psql").path
        _ = try run(
            psql, ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "rows=\(rows)", "-d", dsn, "-f", "\(folder)/schema.sql"])
    }

    /// Transactions a second of one of the scripts. By count, not by time: `pgbench -T` waits for a signal that is blocked
    /// in children of a thread of dispatch.
    func rate(_ script: String, clients: Int, transactions: Int) throws -> Double {
        let threads = min(clients, ProcessInfo.processInfo.activeProcessorCount)
        let output = try run(
            program,
            [
                "-n", "-M", "prepared", "-f", "\(folder)/\(script).sql", "-c", "\(clients)", "-j", "\(threads)", "-t",
                "\(transactions)", dsn,
            ])
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw Failure(description: "pgbench said no rate: \(output)") }
        return rate
    }
}

/// Where a suite's peers are; `nil` where the current folder is elsewhere.
func peerFolder(_ suite: String) -> String? {
    let here = FileManager.default.currentDirectoryPath
    return ["\(here)/Benchmarks/Peers/\(suite)", "\(here)/Peers/\(suite)"]
        .first { FileManager.default.fileExists(atPath: $0) }
}

/// Runs a program to its end and returns its standard output.
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    let errors = FileManager.default.temporaryDirectory.appendingPathComponent("errors-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        let complaint = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
        throw PgBench.Failure(
            description: "\(program) ended with \(process.terminationStatus): \(complaint.suffix(2000))")
    }
    return text
}
