import SQLTestKit
import Synchronization
import Testing

let needsPostgres: ConditionTrait = .enabled(
    if: PostgresTestServer.isAvailable, "needs a PostgreSQL server or its programs")

/// How often the closure of ``clinic`` has run.
private let preparations = Atomic<Int>(0)

private let clinic = PostgresTemplate { database in
    preparations.add(1, ordering: .relaxed)
    try await database.withConnection {
        try await $0.executeScript(
            "CREATE TABLE wards (id serial PRIMARY KEY, name text); INSERT INTO wards (name) VALUES ('North')")
    }
}

/// The databases that the library created on a server, by name.
func testDatabases(_ server: PostgresTestServer) async throws -> [String] {
    let database = try PostgresDatabase(
        configuration: server.configuration, poolConfiguration: PoolConfiguration(size: 1, timeout: .seconds(5)))
    let rows = try await database.query(
        "SELECT datname::text FROM pg_database WHERE datname LIKE 'vitals\\_test\\_%' ORDER BY 1")
    await database.shutdown()
    return try rows.map { try $0.decode(String.self) }
}

@Suite("A PostgreSQL database for each test", needsPostgres, .serialized)
struct PostgresIsolationTests {
    private struct Failure: Error {}

    @Test func `fifty tests at the same time see nothing of each other and leave nothing behind`() async throws {
        let server = try await PostgresTestServer.shared()
        // The first use creates the template, which stays.
        try await server.withDatabase(template: clinic) { _ in }
        let before = try await testDatabases(server)
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await server.withDatabase(template: clinic) { database in
                        try await database.execute("INSERT INTO wards (name) VALUES (\("ward \(number)"))")
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...50)))
                        let found = try await database.query("SELECT name FROM wards ORDER BY id").map {
                            try $0.decode(String.self)
                        }
                        #expect(found == ["North", "ward \(number)"])
                        return try await database.query("SELECT current_database()::text")[0].decode(String.self)
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(names.count == 50)
        #expect(preparations.load(ordering: .relaxed) == 1)
        let after = try await testDatabases(server)
        #expect(after == before)
    }

    @Test func `a body that throws or is canceled leaves no database`() async throws {
        let server = try await PostgresTestServer.shared()
        try await server.withDatabase(template: clinic) { _ in }
        let before = try await testDatabases(server)
        await #expect(throws: Failure.self) {
            try await server.withDatabase(template: clinic) { _ in throw Failure() }
        }
        for _ in 0..<20 {
            let task = Task {
                try await server.withDatabase(template: clinic) { database in
                    _ = try await database.query("SELECT pg_sleep(10)")
                }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...100)))
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
        let after = try await testDatabases(server)
        #expect(after == before)
    }

    @Test func `a body that leaves a connection in use does not keep the database`() async throws {
        let server = try await PostgresTestServer.shared()
        let before = try await testDatabases(server)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let stray = try await server.withDatabase { database in
            let stray = Task {
                try await database.withConnection { connection in
                    start.finish()
                    _ = try await connection.query("SELECT pg_sleep(60)")
                }
            }
            for await _ in started {}
            return stray
        }
        await #expect(throws: (any Error).self) { try await stray.value }
        let after = try await testDatabases(server)
        #expect(after == before)
    }

    @Test func `a template whose closure fails fails every test that uses it, and leaves nothing`() async throws {
        let server = try await PostgresTestServer.shared()
        let before = try await testDatabases(server)
        let broken = PostgresTemplate { try await $0.execute("CREATE TABLE nothing (of missing_type)") }
        for _ in 0..<2 {
            let error = await #expect(throws: SQLTestKitError.self) {
                try await server.withDatabase(template: broken) { _ in }
            }
            #expect(error?.code == .templateFailed)
            #expect((error?.underlying as? PostgresError)?.code == .undefinedObject)
        }
        let after = try await testDatabases(server)
        #expect(after == before)
    }

    @Test func `a server of its own has the settings asked for, and is gone when it is stopped`() async throws {
        guard environmentNamesNoServer else { return }
        let server = try await PostgresTestServer.start(settings: ["wal_level": "logical", "max_connections": "20"])
        let level = try await server.withDatabase { try await $0.query("SHOW wal_level")[0].decode(String.self) }
        #expect(level == "logical")
        await server.stop()
        await #expect(throws: (any Error).self) { try await testDatabases(server) }
        let error = await #expect(throws: SQLTestKitError.self) { try await server.withDatabase { _ in } }
        #expect(error?.code == .stopped)
    }

    @Test func `a server that does not start reports what it printed`() async throws {
        guard environmentNamesNoServer else { return }
        let error = await #expect(throws: SQLTestKitError.self) {
            _ = try await PostgresTestServer.start(settings: ["no_such_setting": "1"])
        }
        #expect(error?.code == .startFailed)
        #expect(error?.message.contains("no_such_setting") == true)
    }
}
