import BenchHarness
import SQLDatabase
import SQLiteBackend

/// One row a transaction, and a hundred: the driver against SQLite's own calls.
func writes(_ bench: Bench, _ workbench: Workbench) async throws {
    let database = workbench.database
    for (name, size, count) in [("one row", 1, 500), ("100 rows", 100, 50)] {
        let label = "write, \(name) a transaction"
        guard bench.wants(label) else { continue }
        let medians = try await bench.medians([
            { raw(workbench, transactions: count, rows: size) },
            { try await driver(database, transactions: count, rows: size) },
        ])
        bench.record(label, medians[1], "ns", floor: "raw transaction", floorValue: medians[0])
    }
}

private func raw(_ workbench: Workbench, transactions: Int, rows: Int) -> Double {
    let connection = RawConnection(path: workbench.path)
    let insert = connection.prepare("INSERT INTO log (text) VALUES ('a line of some length for the log')")
    return nanoseconds(per: transactions) {
        connection.run("BEGIN IMMEDIATE")
        for _ in 0..<rows { connection.step(insert) }
        connection.run("COMMIT")
    }
}

private func driver(_ database: SQLiteDatabase, transactions: Int, rows: Int) async throws -> Double {
    let start = now()
    for _ in 0..<transactions {
        try await database.write { connection in
            try await connection.withSession { session in
                for _ in 0..<rows {
                    try session.execute("INSERT INTO log (text) VALUES (\("a line of some length for the log"))")
                }
            }
        }
    }
    return Double(now() - start) / Double(transactions)
}
