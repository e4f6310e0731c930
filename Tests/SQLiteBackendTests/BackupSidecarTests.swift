import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// A backup never comes to lie beside another database's log or journal, which SQLite would play into it.
@Suite("SQLite backups and the files beside their target", .enabled(if: Python.isAvailable, "no python3"))
struct BackupSidecarTests {
    @Test(
        "a target that a killed program left is refused, untouched, until the program's work is recovered",
        arguments: ["WAL", "DELETE"], [false, true])
    func leftovers(mode: String, inMemory: Bool) async throws {
        try await withFolder { folder in
            try await withDatabase(inMemory: inMemory) { database in
                try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
                let target = folder + "/b.db"
                try Python.run(
                    """
                    c = sqlite3.connect(a[0], isolation_level = None)
                    c.execute("PRAGMA journal_mode = " + a[1])
                    c.execute("CREATE TABLE theirs (a)")
                    c.execute("BEGIN"); c.execute("PRAGMA cache_size = 1"); c.execute("PRAGMA cache_spill = 1")
                    for n in range(500): c.execute("INSERT INTO theirs VALUES (randomblob(900))")
                    if a[1] == "WAL": c.execute("COMMIT")
                    os._exit(0)
                    """, target, mode)
                let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                #expect(names.count > 1)
                let error = await expect(.misuse) { try await database.backup(to: target) }
                #expect(error?.message.contains(target + "-") == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names)
                #expect(try Python.tables(target) == "theirs=\(mode == "WAL" ? 500 : 0)\nok")
                try await database.backup(to: target)
                #expect(try Python.tables(target) == "t=1\nok")
            }
        }
    }

    @Test("each of the three files is refused by name", arguments: ["-wal", "-shm", "-journal"])
    func each(suffix: String) async throws {
        try await withFolder { folder in
            try await withDatabase { database in
                try await database.run("CREATE TABLE t (a)")
                try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/b.db" + suffix))
                let error = await expect(.misuse) { try await database.backup(to: folder + "/b.db") }
                #expect(error?.message.contains(folder + "/b.db" + suffix) == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b.db" + suffix])
            }
        }
    }

    @Test("the backup before, while another database has it open, is refused and stays")
    func open() async throws {
        try await withFolder { folder in
            try await withDatabase { database in
                try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
                let target = folder + "/b.db"
                try await database.backup(to: target)
                let other = try SQLiteDatabase(SQLiteConfiguration(path: target))
                try await other.run("CREATE TABLE other (a)")
                try await database.run("INSERT INTO t VALUES (2)")
                await expect(.misuse) { try await database.backup(to: target) }
                #expect(try await other.integer("SELECT count(*) FROM t") == 1)
                await other.shutdown()
                try await database.backup(to: target)
                #expect(try Python.tables(target) == "t=2\nok")
            }
        }
    }

    @Test("a target that is opened while the copy is written is refused at the end")
    func meanwhile() async throws {
        try await withFolder { folder in
            let target = folder + "/b.db"
            try await withDatabase(
                prepare: { setup in
                    // Runs on the copy's connection too, before the copy takes its place.
                    if setup.purpose == .maintenance { try Data().write(to: URL(fileURLWithPath: target + "-wal")) }
                }
            ) { database in
                try await database.run("CREATE TABLE t (a)")
                await expect(.misuse) { try await database.backup(to: target) }
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b.db-wal"])
            }
        }
    }

    @Test("what an interrupted backup left beside its own file does not come into the next one")
    func interrupted() async throws {
        try await withFolder { folder in
            try await withDatabase { database in
                try await database.run("CREATE TABLE t (a)")
                try Python.make(folder + "/b.db.part", table: "stale", inLog: true)
                try await database.backup(to: folder + "/b.db")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b.db"])
                #expect(try Python.tables(folder + "/b.db") == "t=0\nok")
            }
        }
    }

    @Test("the log of a database that was opened through a link is its own as well")
    func linked() async throws {
        try await withFolder { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link.db", withDestinationPath: folder + "/real.db")
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/link.db"))
            try await database.run("CREATE TABLE t (a)")
            #expect(database.logSize > 0)
            for suffix in ["", "-wal", "-shm", "-journal"] {
                await expect(.misuse) { try await database.backup(to: folder + "/real.db" + suffix) }
            }
            await database.shutdown()
            #expect(try Python.tables(folder + "/real.db") == "t=0\nok")
        }
    }
}
