import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase

// Two hundred users on one pool, alone in a process so that its descriptors, threads and memory are theirs.
// Usage: database-stress DSN APPLICATION USERS SECONDS. Prints figures as JSON.

struct Figures: Codable {
    var descriptors: Int
    var threads: Int
    var residentBytes: Int

    static func now() -> Figures {
        func count(_ folder: String) -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).count
        }
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return Figures(
            descriptors: count("/proc/self/fd"), threads: count("/proc/self/task"),
            residentBytes: (pages.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0) * 4096)
    }
}

struct Outcome: Codable {
    var before: Figures
    var after: Figures
    var statements = 0
    var cancelled = 0
    var failed = 0
    var unexpected: [String] = []
    var leases: UInt64 = 0
    var created: UInt64 = 0
}

/// What users did.
struct Tally: Sendable {
    var statements = 0
    var cancelled = 0
    var failed = 0
    var unexpected: [String] = []
}

struct Undo: Error {}

@Sendable func use(_ database: PostgresDatabase, until end: ContinuousClock.Instant) async -> Tally {
    var tally = Tally()
    while ContinuousClock.now < end {
        let kind = Int.random(in: 0..<12)
        do {
            switch kind {
            case 0:
                let slow = Task { try await database.query("SELECT pg_sleep(5)") }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...8)))
                slow.cancel()
                _ = try await slow.value
            case 1: _ = try await database.query("SELECT 1 / \(0)::int4")
            case 2:
                try await database.withTransaction { connection in
                    try await connection.execute("INSERT INTO stress VALUES (\(1))")
                    throw Undo()
                }
            case 3: try await database.withTransaction { try await $0.execute("INSERT INTO stress VALUES (\(1))") }
            case 4:
                _ = try await database.withConnection { try await $0.pipeline((0..<10).map { "SELECT \($0)::int4" }) }
            case 5:
                try await database.withConnection { connection in
                    try await connection.withRows(of: "SELECT i FROM generate_series(1, 500) i") {
                        for try await _ in $0 {}
                    }
                }
            default:
                let number = Int.random(in: 0..<1_000_000)
                let answer = try await database.query("SELECT \(number)::int8")[0].decode(0, as: Int.self)
                if answer != number { tally.unexpected.append("asked \(number), was told \(answer)") }
            }
            tally.statements += 1
        } catch is CancellationError {
            tally.cancelled += 1
        } catch is Undo {
            tally.statements += 1
        } catch let error as PostgresError where error.code == .dataError && kind == 1 {
            tally.failed += 1
        } catch {
            tally.unexpected.append("\(error)")
        }
    }
    return tally
}

func round(_ dsn: String, _ application: String, users: Int, _ length: Duration) async throws -> (Tally, PoolStatistics)
{
    var configuration = try PostgresConfiguration(dsn)
    configuration.applicationName = application
    let database = try PostgresDatabase(
        configuration: configuration, poolConfiguration: PoolConfiguration(size: 20, maxOverflow: 10), loops: 2)
    let house = Task { await database.run() }
    try await database.withConnection { try await $0.executeScript("CREATE TABLE IF NOT EXISTS stress (a int)") }
    let end = ContinuousClock.now + length
    let tally = await withTaskGroup(of: Tally.self) { group in
        for _ in 0..<users { group.addTask { await use(database, until: end) } }
        return await group.reduce(into: Tally()) {
            $0.statements += $1.statements
            $0.cancelled += $1.cancelled
            $0.failed += $1.failed
            $0.unexpected += $1.unexpected
        }
    }
    let statistics = database.pool.statistics
    house.cancel()
    await house.value
    return (tally, statistics)
}

/// Threads end a moment after they were told to.
func settled(_ baseline: Figures?) async throws -> Figures {
    var figures = Figures.now()
    for _ in 0..<200 {
        if let baseline, figures.threads <= baseline.threads, figures.descriptors <= baseline.descriptors { break }
        try await Task.sleep(for: .milliseconds(25))
        figures = .now()
        if baseline == nil, ContinuousClock.now > started + .seconds(3) { break }
    }
    return figures
}

let started = ContinuousClock.now
let arguments = CommandLine.arguments
guard arguments.count == 5, let users = Int(arguments[3]), let seconds = Double(arguments[4]) else {
    FileHandle.standardError.write(Data("usage: database-stress DSN APPLICATION USERS SECONDS\n".utf8))
    exit(64)
}
_ = try await round(arguments[1], arguments[2], users: users, .seconds(1))
var outcome = Outcome(before: try await settled(nil), after: .now())
let (tally, statistics) = try await round(arguments[1], arguments[2], users: users, .seconds(seconds))
outcome.after = try await settled(outcome.before)
outcome.statements = tally.statements
outcome.cancelled = tally.cancelled
outcome.failed = tally.failed
outcome.unexpected = Array(tally.unexpected.prefix(10))
outcome.leases = statistics.leases
outcome.created = statistics.created
print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
