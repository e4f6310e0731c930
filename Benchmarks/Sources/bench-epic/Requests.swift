import BenchHarness
import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase

/// The epic's request: a user asks for one row. Before, every request connects; after, it borrows from the pool.
struct Requests {
    let database: PostgresDatabase
    let users: Int
    let count: Int

    struct Figures {
        /// Connections the server saw being made.
        var connections = 0.0
        /// Milliseconds a request, 95th percentile.
        var p95 = 0.0
        /// Requests a second.
        var rate = 0.0
        /// Milliseconds of processor time all requests took: ours and the database server's.
        var processor = 0.0
    }

    /// The epic's “current state”: connect, ask, close.
    func connectionPerRequest() async throws -> Figures {
        let backend = database.pool.backend
        return try await measure {
            let connection = try await backend.connect()
            let answer = await Result { try await Self.ask(connection) }
            await backend.close(connection)
            try answer.get()
        }
    }

    /// The epic's target: a pool of 20 and 10 more.
    func pooled() async throws -> Figures {
        try await measure { try await database.withConnection { try await Self.ask($0) } }
    }

    private static func ask(_ connection: PostgresConnection) async throws {
        let id = Int.random(in: 1...1000)
        let rows = try await connection.query("SELECT name FROM epic_wards WHERE id = \(id)")
        blackHole(try rows[0].decode(0, as: String.self))
    }

    func prepare() async throws {
        try await database.withConnection {
            try await $0.executeScript(
                """
                DROP TABLE IF EXISTS epic_wards;
                CREATE TABLE epic_wards (id int8 PRIMARY KEY, name text NOT NULL);
                INSERT INTO epic_wards SELECT i, 'ward ' || i FROM generate_series(1, 1000) i;
                """)
        }
    }

    private func measure(_ request: @Sendable @escaping () async throws -> Void) async throws -> Figures {
        let before = try await sessions()
        let server = try await ProcessorTime.postmaster(of: database)
        let spent = ProcessorTime.own + ProcessorTime.family(of: server)
        let start = BenchHarness.now()
        let each = count / users
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<users {
                group.addTask {
                    var times: [Double] = []
                    for _ in 0..<each {
                        let start = BenchHarness.now()
                        try await request()
                        times.append(Double(BenchHarness.now() - start) / 1e6)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = Double(BenchHarness.now() - start) / 1e9
        let ours = ProcessorTime.own
        let sorted = times.sorted()
        // Sessions that are counted have ended, and what they took is their parent's.
        let made = try await sessions() - before
        return Figures(
            connections: Double(made), p95: sorted[sorted.count * 95 / 100], rate: Double(sorted.count) / seconds,
            processor: ours + ProcessorTime.family(of: server) - spent)
    }

    /// Sessions this database's server has seen since it was made, once they are all counted.
    private func sessions() async throws -> Int {
        var last = -1
        while true {
            let rows = try await database.query(
                "SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
            let count = try rows[0].decode(0, as: Int.self)
            if count == last { return count }
            last = count
            // A session reports within a second.
            try await Task.sleep(for: .milliseconds(1100))
        }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
