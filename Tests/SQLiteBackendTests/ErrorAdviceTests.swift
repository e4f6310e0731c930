import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// Errors name the thing that failed, and advise what helps.
@Suite("What SQLite errors advise")
struct ErrorAdviceTests {
    @Test("an error within many lists names the list, and whether those before it are kept")
    func lists() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a UNIQUE)")
            let lists: [[SQLValue]] = [[.integer(1)], [.integer(2)], [.integer(1)], [.integer(3)]]
            let outside = await expect(.uniqueViolation) {
                try await database.withWriter {
                    try await $0.withSession { try $0.execute("INSERT INTO t VALUES ($1)", each: lists) }
                }
            }
            #expect(outside?.message.contains("index 2") == true)
            #expect(outside?.message.contains("kept") == true)
            #expect(outside?.constraint == "t.a")
            #expect(try await database.integer("SELECT count(*) FROM t") == 2)
            let inside = await expect(.misuse) {
                try await database.write {
                    try await $0.withSession { try $0.execute("INSERT INTO t VALUES ($1)", each: [[.integer(4)], []]) }
                }
            }
            #expect(inside?.message.contains("index 1") == true)
            #expect(inside?.message.contains("kept") == false)
            #expect(try await database.integer("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("a transaction that read before another one wrote is advised to begin otherwise, not to wait")
    func staleSnapshot() async throws {
        try await withFolder { folder in
            let path = folder + "/a.db"
            let one = try SQLiteDatabase(SQLiteConfiguration(path: path))
            let other = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await one.run("CREATE TABLE t (a)")
            let error = await expect(.locked) {
                try await one.withWriter { connection in
                    try await connection.executeScript("BEGIN; SELECT count(*) FROM t")
                    try await other.run("INSERT INTO t VALUES (1)")
                    try await connection.execute("INSERT INTO t VALUES (2)")
                }
            }
            #expect(error?.resultCode == 517)
            #expect(error?.message.contains("BEGIN IMMEDIATE") == true)
            #expect(error?.message.contains("busyTimeout") == false)
            await one.shutdown()
            await other.shutdown()
        }
    }

    @Test("an ATTACH that fails is not blamed on the database's own file", arguments: [false, true])
    func attaching(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            let error = await expect(.cannotOpen) {
                try await database.withWriter { try await $0.executeScript("ATTACH '/nowhere/at/all.db' AS x") }
            }
            #expect(error?.message.contains(database.configuration.path) == false)
            #expect(error?.message.contains("ATTACH") == true)
        }
    }

    @Test("after shutdown neither a checkpoint nor a backup opens the file again")
    func afterShutdown() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/a.db"))
            try await database.run("CREATE TABLE t (a)")
            await database.shutdown()
            await expect(.connectionClosed) { try await database.checkpoint() }
            await expect(.connectionClosed) { try await database.backup(to: folder + "/b.db") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.db"])
        }
    }

    @Test("rows that a rollback to a savepoint ended are advised to be read before")
    func rolledBackCursor() async throws {
        try await withDatabase { database in
            try await database.run(
                "CREATE TABLE t (a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
                    + "INSERT INTO t SELECT i FROM n")
            let error = await expect(.other) {
                try await database.withWriter { connection in
                    try await connection.executeScript("BEGIN; SAVEPOINT s; CREATE TABLE u (a)")
                    try await connection.withRows(of: "SELECT a FROM t") { rows in
                        var isFirst = true
                        for try await _ in rows where isFirst {
                            isFirst = false
                            try await connection.executeScript("ROLLBACK TO s")
                        }
                    }
                }
            }
            #expect(error?.resultCode == 516)
            #expect(error?.message.contains("read them to the end before") == true)
        }
    }

    @Test("a value that is too big is advised to be divided")
    func tooBig() async throws {
        try await withDatabase { database in
            let error = await expect(.tooBig) { try await database.rows("SELECT zeroblob(1000000001)") }
            #expect(error?.message.contains("store large contents in parts") == true)
        }
    }
}
