import BenchHarness
import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase

/// Single-row selects by primary key, as `pgbench -S` does them.
struct Selects {
    let database: PostgresDatabase
    static let rows = 100_000

    /// One after the other on a connection, until a moment. Returns how many.
    static func until(_ end: UInt64, _ connection: PostgresConnection) async throws -> Int {
        var count = 0
        var accounts = Accounts()
        while BenchHarness.now() < end {
            for _ in 0..<20 {
                let account = accounts.next()
                let result = try await connection.query("SELECT abalance FROM pgbench_accounts WHERE aid = \(account)")
                blackHole(try result[0].decode(0, as: Int.self))
            }
            count += 20
        }
        return count
    }

    /// Statements a second on so many connections, each with a task of its own, on the loops or off them.
    func rate(connections: Int, onLoop: Bool, seconds: Double) async throws -> Double {
        let start = BenchHarness.now()
        let end = start + UInt64(seconds * 1e9)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    try await database.withConnection { connection in
                        guard onLoop else { return try await Self.until(end, connection) }
                        return try await withTaskExecutorPreference(connection.executor) {
                            try await Self.until(end, connection)
                        }
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (Double(BenchHarness.now() - start) / 1e9)
    }

    /// Statements a second of so many tasks, each of which borrows a connection for every statement.
    func pooledRate(tasks: Int, seconds: Double) async throws -> Double {
        let start = BenchHarness.now()
        let end = start + UInt64(seconds * 1e9)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    var accounts = Accounts()
                    while BenchHarness.now() < end {
                        let account = accounts.next()
                        let result = try await database.query(
                            "SELECT abalance FROM pgbench_accounts WHERE aid = \(account)")
                        blackHole(try result[0].decode(0, as: Int.self))
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (Double(BenchHarness.now() - start) / 1e9)
    }

    /// Statements a second in batches of a hundred on one connection.
    func pipelinedRate(seconds: Double) async throws -> Double {
        try await database.withConnection { connection in
            let start = BenchHarness.now()
            let end = start + UInt64(seconds * 1e9)
            var count = 0
            var accounts = Accounts()
            while BenchHarness.now() < end {
                let queries = (0..<100).map { _ -> SQLQuery in
                    "SELECT abalance FROM pgbench_accounts WHERE aid = \(accounts.next())"
                }
                count += try await connection.pipeline(queries).count
            }
            return Double(count) / (Double(BenchHarness.now() - start) / 1e9)
        }
    }
}

/// Numbers of accounts by chance, without a system call for each, as pgbench and the peers have them: xorshift64*.
private struct Accounts {
    private var state = UInt64.random(in: 1 ... .max)

    mutating func next() -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_f491_4f6c_dd1d).multipliedFullWidth(by: UInt64(Selects.rows)).high) + 1
    }
}
