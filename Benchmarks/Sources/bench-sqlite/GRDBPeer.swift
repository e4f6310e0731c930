import BenchHarness
import GRDB
import SQLDatabase
import SQLiteBackend

/// The same work through GRDB's `DatabasePool` in the same process, in turn with this driver's. Both read by a statement
/// that is kept prepared and decode into Swift values; both write through WAL with `synchronous = NORMAL`.
func grdb(_ bench: Bench, _ workbench: Workbench) async throws {
    guard bench.wants("GRDB") else { return }
    var configuration = Configuration()
    configuration.maximumReaderCount = 5
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
    let pool = try DatabasePool(path: workbench.path, configuration: configuration)
    let database = workbench.database
    @Sendable func readThere(_ index: Int) async throws { try await readOne(pool, index) }
    @Sendable func readHere(_ index: Int) async throws { try await readOne(database, index) }
    let medians = try await bench.medians([
        { try await alone(count: 2_000, readThere) },
        { try await alone(count: 5_000, readHere) },
        { try await crowd(tasks: 200, each: 20, readThere) },
        { try await crowd(tasks: 200, each: 100, readHere) },
        { try await alone(count: 300) { _ in try await write(pool) } },
        { try await alone(count: 300) { _ in try await write(database) } },
    ])
    for (index, name) in ["read, alone, from any task", "read, 200 tasks", "write, one row a transaction"].enumerated()
    {
        bench.record(
            "\(name), beside GRDB", medians[2 * index + 1], "ns", floor: "GRDB", floorValue: medians[2 * index],
            target: .ratioAtMost(1))
    }
    try pool.close()
}

/// Nanoseconds an operation of one task.
private func alone(count: Int, _ body: (Int) async throws -> Void) async throws -> Double {
    let start = now()
    for index in 0..<count { try await body(index) }
    return Double(now() - start) / Double(count)
}

/// Nanoseconds an operation of many tasks at the same time.
private func crowd(tasks: Int, each: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws -> Double
{
    let start = now()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            group.addTask { for index in 0..<each { try await body(task &* each &+ index) } }
        }
        try await group.waitForAll()
    }
    return Double(now() - start) / Double(tasks * each)
}

private func readOne(_ pool: DatabasePool, _ index: Int) async throws {
    let id = scattered(index)
    let row = try await pool.read { database -> (Int64, String, Int64)? in
        let statement = try database.cachedStatement(sql: "SELECT id, name, beds FROM wards WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map { ($0[0], $0[1], $0[2]) }
    }
    blackHole(row)
}

private func readOne(_ database: SQLiteDatabase, _ index: Int) async throws {
    let id = scattered(index)
    let values = try await database.read { connection -> (Int64, String, Int64) in
        let row = try await connection.query("SELECT id, name, beds FROM wards WHERE id = \(id)")[0]
        return (
            try row.decode(0, as: Int64.self), try row.decode(1, as: String.self), try row.decode(2, as: Int64.self)
        )
    }
    blackHole(values)
}

private func write(_ pool: DatabasePool) async throws {
    try await pool.write { database in
        try database.cachedStatement(sql: "INSERT INTO log (text) VALUES (?)")
            .execute(arguments: ["a line of some length for the log"])
    }
}

private func write(_ database: SQLiteDatabase) async throws {
    try await database.write {
        try await $0.execute("INSERT INTO log (text) VALUES (\("a line of some length for the log"))")
    }
}
