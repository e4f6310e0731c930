import BenchHarness
import SQLDatabase
import SQLiteBackend

/// A row by its key: the driver against SQLite's own calls with a statement kept prepared.
func reads(_ bench: Bench, _ workbench: Workbench) async throws {
    let database = workbench.database
    let medians = try await bench.medians([
        { raw(workbench, count: 20_000) },
        { try await alone(database, count: 5_000, moves: false) },
        { try await alone(database, count: 5_000, moves: true) },
        { try await crowd(database, tasks: 200, each: 200, moves: false) },
        { try await crowd(database, tasks: 200, each: 200, moves: true) },
    ])
    let floor = "raw cached select"
    let names = [
        "read, alone, on the database's executor", "read, alone, from any other task",
        "read, 200 tasks, on the database's executor", "read, 200 tasks, from any other task",
    ]
    for (name, value) in zip(names, medians.dropFirst()) where bench.wants(name) {
        bench.record(name, value, "ns", floor: floor, floorValue: medians[0], target: .ratioAtMost(4))
    }
}

private func raw(_ workbench: Workbench, count: Int) -> Double {
    let connection = RawConnection(path: workbench.path)
    let statement = connection.prepare(point)
    blackHole(connection.read(statement, id: 1))
    var index = 0
    return nanoseconds(per: count) {
        blackHole(connection.read(statement, id: scattered(index)))
        index += 1
    }
}

func alone(_ database: SQLiteDatabase, count: Int, moves: Bool) async throws -> Double {
    func run() async throws -> Double {
        let start = now()
        for index in 0..<count { try await readOne(database, index) }
        return Double(now() - start) / Double(count)
    }
    if moves { return try await run() }
    return try await withTaskExecutorPreference(database.executor) { try await run() }
}

func crowd(_ database: SQLiteDatabase, tasks: Int, each: Int, moves: Bool) async throws -> Double {
    let start = now()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            group.addTask(executorPreference: moves ? nil : database.executor) {
                for index in 0..<each { try await readOne(database, task &* each &+ index) }
            }
        }
        try await group.waitForAll()
    }
    return Double(now() - start) / Double(tasks * each)
}

@inline(__always)
private func readOne(_ database: SQLiteDatabase, _ index: Int) async throws {
    let id = scattered(index)
    let rows = try await database.read { try await $0.query("SELECT id, name, beds FROM wards WHERE id = \(id)") }
    blackHole(rows)
}
