import ConnectionPool
import SQLDatabase
import SQLiteBackend
import Testing

/// What may be called inside what, the same for a file and in memory.
@Suite("SQLite loans inside loans")
struct NestingTests {
    @Test("a read inside a write sees what was written and cannot write", arguments: [false, true])
    func readInWrite(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.write { connection in
                try await connection.execute("INSERT INTO t VALUES (1)")
                #expect(try await database.integer("SELECT count(*) FROM t") == 1)
                await expect(.readOnly) { try await database.read { try await $0.execute("INSERT INTO t VALUES (2)") } }
                // In a child task, too.
                let child = Task { try await database.integer("SELECT count(*) FROM t") }
                #expect(try await child.value == 1)
                try await connection.execute("INSERT INTO t VALUES (3)")
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("a read inside a loan of the writer", arguments: [false, true])
    func readInWriter(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { connection in
                try await connection.execute("INSERT INTO t VALUES (1)")
                #expect(try await database.integer("SELECT count(*) FROM t") == 1)
                await expect(.readOnly) { try await database.read { try await $0.execute("INSERT INTO t VALUES (2)") } }
                try await connection.execute("INSERT INTO t VALUES (3)")
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("a read and a write inside a read", arguments: [false, true])
    func inRead(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.read { connection in
                #expect(try await database.integer("SELECT count(*) FROM t") == 0)
                try await database.write { try await $0.execute("INSERT INTO t VALUES (1)") }
                #expect(try await connection.query("SELECT a FROM t").count == 1)
                await expect(.readOnly) { try await connection.execute("INSERT INTO t VALUES (2)") }
                try await database.withWriter { try await $0.execute("INSERT INTO t VALUES (3)") }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("a read in a task that outlives the write that started it reads elsewhere", arguments: [false, true])
    func outlivingRead(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            for _ in 0..<50 {
                let task = try await database.write { _ in
                    Task { try await database.integer("SELECT count(*) FROM t") }
                }
                #expect(try await task.value == 1)
                let other = try await database.withWriter { _ in
                    Task { try await database.integer("SELECT count(*) FROM t") }
                }
                #expect(try await other.value == 1)
            }
        }
    }

    @Test("a write inside a write would wait for itself, and says so at once", arguments: [false, true])
    func writeInWrite(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.write { _ in
                let error = await #expect(throws: PoolError.self) {
                    try await database.write { try await $0.execute("INSERT INTO t VALUES (1)") }
                }
                #expect(error?.code == .nestedAcquire)
                #expect(error?.message.contains("NestingTests.swift") == true)
            }
        }
    }

    @Test("a database in memory refuses what only a second connection could do")
    func snapshotInMemory() async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.run("CREATE TABLE t (a)")
            _ = try await database.read { connection in
                try await connection.withSnapshot { _ in
                    await expect(.misuse) {
                        try await database.write { try await $0.execute("INSERT INTO t VALUES (1)") }
                    }
                }
            }
        }
    }
}
