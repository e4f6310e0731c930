import SQLDatabase
import SQLiteBackend
import Testing

@Suite("SQLite transactions")
struct TransactionTests {
    struct Stop: Error {}

    @Test("what a body did is kept when it returns and undone when it throws", arguments: [false, true])
    func commitAndRollBack(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.run("INSERT INTO t VALUES (1)")
            await #expect(throws: Stop.self) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }
            let rows = try await database.rows("SELECT a FROM t")
            #expect(rows == [[.integer(1)]])
        }
    }

    @Test("a transaction within a transaction is undone by itself")
    func savepoints() async throws {
        try await withDatabase { database in
            try await database.write { connection in
                try await connection.execute("CREATE TABLE t (a)")
                try await connection.execute("INSERT INTO t VALUES (1)")
                await #expect(throws: Stop.self) {
                    try await connection.withTransaction { inner in
                        try await inner.execute("INSERT INTO t VALUES (2)")
                        try await inner.withTransaction { try await $0.execute("INSERT INTO t VALUES (3)") }
                        throw Stop()
                    }
                }
                try await connection.withTransaction { try await $0.execute("INSERT INTO t VALUES (4)") }
            }
            let rows = try await database.rows("SELECT a FROM t ORDER BY a")
            #expect(rows == [[.integer(1)], [.integer(4)]])
        }
    }

    @Test("a snapshot does not see what is written meanwhile")
    func snapshot() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            let counts = try await database.read { reader in
                try await reader.withSnapshot { reader in
                    let before = try await reader.query("SELECT a FROM t").count
                    try await database.run("INSERT INTO t VALUES (2)")
                    return [before, try await reader.query("SELECT a FROM t").count]
                }
            }
            #expect(counts == [1, 1])
            #expect(try await database.rows("SELECT a FROM t").count == 2)
        }
    }

    @Test("writers wait in line, and every one of them is kept")
    func manyWriters() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (n INTEGER)")
            try await database.run("INSERT INTO t VALUES (0)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await database.write { connection in
                            let n = try await connection.query("SELECT n FROM t")[0].decode(0, as: Int.self)
                            await Task.yield()
                            try await connection.execute("UPDATE t SET n = \(n + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.integer("SELECT n FROM t") == 200)
        }
    }

    @Test("a connection returned inside a transaction is rolled back for the next borrower")
    func leftOpen() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { connection in
                try await connection.executeScript("BEGIN; INSERT INTO t VALUES (1)")
            }
            try await database.run("INSERT INTO t VALUES (2)")
            let rows = try await database.rows("SELECT a FROM t")
            #expect(rows == [[.integer(2)]])
        }
    }
}
