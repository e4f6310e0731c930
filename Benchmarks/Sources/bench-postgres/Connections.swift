import BenchHarness
import ConnectionPool
import PostgresBackend
import SQLDatabase

/// The same load with a pool and with a connection for each statement. The server counts the sessions.
struct Connections {
    let configuration: PostgresConfiguration
    static let users = 20
    static let statements = 2_400

    /// What a run came to.
    struct Outcome {
        var sessions = 0.0
        var rate = 0.0
    }

    /// Sessions that the server has begun for this database (`pg_stat_database`, PostgreSQL 14).
    private func begun(_ watcher: PostgresDatabase) async throws -> Int {
        // Sessions report their figures when they end, or after a second.
        try await watcher.withConnection { connection in
            try await connection.execute("SELECT pg_stat_clear_snapshot()")
            return try await connection.query(
                "SELECT sessions FROM pg_stat_database WHERE datname = current_database()")[0].decode(0, as: Int.self)
        }
    }

    private func measure(_ watcher: PostgresDatabase, _ body: @Sendable @escaping () async throws -> Void) async throws
        -> Outcome
    {
        let before = try await begun(watcher)
        let start = BenchHarness.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.users {
                group.addTask { for _ in 0..<Self.statements / Self.users { try await body() } }
            }
            try await group.waitForAll()
        }
        let rate = Double(Self.statements) / (Double(BenchHarness.now() - start) / 1e9)
        return Outcome(sessions: Double(try await begun(watcher) - before), rate: rate)
    }

    func pooled(_ watcher: PostgresDatabase) async throws -> Outcome {
        let database = try PostgresDatabase(
            configuration: configuration, poolConfiguration: PoolConfiguration(size: Self.users, maxOverflow: 0))
        let outcome = try await measure(watcher) { _ = try await database.query("SELECT 1") }
        await database.shutdown()
        return outcome
    }

    func unpooled(_ watcher: PostgresDatabase) async throws -> Outcome {
        try await measure(watcher) {
            let database = try PostgresDatabase(
                configuration: configuration, poolConfiguration: PoolConfiguration(size: 1, maxOverflow: 0))
            _ = try await database.query("SELECT 1")
            await database.shutdown()
        }
    }

    func record(_ bench: Bench, _ watcher: PostgresDatabase) async throws {
        let name = "connections made for \(Self.statements) statements of \(Self.users) users"
        guard bench.wants(name) else { return }
        let with = try await pooled(watcher)
        let without = try await unpooled(watcher)
        bench.record(
            name + ", pooled", with.sessions, "sessions", floor: "without the pool", floorValue: without.sessions,
            target: .ratioAtMost(0.01))
        bench.record(
            "statements a second of \(Self.users) users, pooled", with.rate, "1/s", floor: "without the pool",
            floorValue: without.rate, target: .ratioAtLeast(1))
    }
}
