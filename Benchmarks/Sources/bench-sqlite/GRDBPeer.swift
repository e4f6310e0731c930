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
    let medians = try await bench.medians([
        { try await alone(pool, count: 2_000) },
        { try await SQLiteBench.alone(database, count: 5_000) },
        { try await crowd(pool, tasks: 200, each: 20) },
        { try await SQLiteBench.crowd(database, tasks: 200, each: 100) },
        { try await write(pool, transactions: 300) },
        { try await SQLiteBench.write(database, transactions: 300) },
    ])
    for (index, name) in ["read, alone, from any task", "read, 200 tasks", "write, one row a transaction"].enumerated()
    {
        bench.record(
            "\(name), beside GRDB", medians[2 * index + 1], "ns", floor: "GRDB", floorValue: medians[2 * index],
            target: .ratioAtMost(1))
    }
    try pool.close()
}

private func readOne(_ pool: DatabasePool, _ index: Int) async throws {
    let id = scattered(index)
    let row = try await pool.read { database -> (Int64, String, Int64)? in
        let statement = try database.cachedStatement(sql: "SELECT id, name, beds FROM wards WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map { ($0[0], $0[1], $0[2]) }
    }
    blackHole(row)
}

private func alone(_ pool: DatabasePool, count: Int) async throws -> Double {
    let start = now()
    for index in 0..<count { try await readOne(pool, index) }
    return Double(now() - start) / Double(count)
}

private func crowd(_ pool: DatabasePool, tasks: Int, each: Int) async throws -> Double {
    let start = now()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            group.addTask { for index in 0..<each { try await readOne(pool, task &* each &+ index) } }
        }
        try await group.waitForAll()
    }
    return Double(now() - start) / Double(tasks * each)
}

private func write(_ pool: DatabasePool, transactions: Int) async throws -> Double {
    let start = now()
    for _ in 0..<transactions {
        try await pool.write { database in
            try database.cachedStatement(sql: "INSERT INTO log (text) VALUES (?)")
                .execute(arguments: ["a line of some length for the log"])
        }
    }
    return Double(now() - start) / Double(transactions)
}

/// This driver's side.
private enum SQLiteBench {
    static func alone(_ database: SQLiteDatabase, count: Int) async throws -> Double {
        let start = now()
        for index in 0..<count { try await readOne(database, index) }
        return Double(now() - start) / Double(count)
    }

    static func crowd(_ database: SQLiteDatabase, tasks: Int, each: Int) async throws -> Double {
        let start = now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { for index in 0..<each { try await readOne(database, task &* each &+ index) } }
            }
            try await group.waitForAll()
        }
        return Double(now() - start) / Double(tasks * each)
    }

    static func write(_ database: SQLiteDatabase, transactions: Int) async throws -> Double {
        let start = now()
        for _ in 0..<transactions {
            try await database.write {
                try await $0.execute("INSERT INTO log (text) VALUES (\("a line of some length for the log"))")
            }
        }
        return Double(now() - start) / Double(transactions)
    }

    private static func readOne(_ database: SQLiteDatabase, _ index: Int) async throws {
        let id = scattered(index)
        let values = try await database.read { connection -> (Int64, String, Int64) in
            let row = try await connection.query("SELECT id, name, beds FROM wards WHERE id = \(id)")[0]
            return (
                try row.decode(0, as: Int64.self), try row.decode(1, as: String.self), try row.decode(2, as: Int64.self)
            )
        }
        blackHole(values)
    }
}
