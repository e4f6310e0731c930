import Foundation

/// The floor: `pgbench`, which is C on the same libpq.
struct PgBench {
    private let program: String
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
    }

    /// Makes pgbench's tables: a hundred thousand accounts.
    func prepare() throws { _ = try run(program, ["-i", "-q", "-s", "1", dsn]) }

    /// Selects by primary key, prepared: statements a second. By count, not by time: `pgbench -T` waits for a signal that
    /// is blocked in children of a thread of dispatch.
    func selects(clients: Int, transactions: Int = 24_000) throws -> Double {
        let threads = min(clients, ProcessInfo.processInfo.activeProcessorCount)
        let output = try run(
            program,
            [
                "-n", "-S", "-M", "prepared", "-c", "\(clients)", "-j", "\(threads)", "-t",
                "\(transactions / clients)", dsn,
            ])
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw Failure(description: "pgbench said no rate: \(output)") }
        return rate
    }
}

/// Runs a program to its end and returns its standard output.
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw PgBench.Failure(description: "\(program) ended with \(process.terminationStatus): \(complaint)")
    }
    return text
}
