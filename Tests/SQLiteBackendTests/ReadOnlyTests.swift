import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("Read-only SQLite files")
struct ReadOnlyTests {
    private func make(_ path: String) async throws {
        let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
        try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
        await database.shutdown()
    }

    @Test(
        "a file on a read-only file system is read, and nothing is written",
        .enabled(if: TinyDisk.isAvailable, "needs the right to mount a tmpfs"))
    func frozen() async throws {
        try await TinyDisk.with(bytes: 1 << 20) { folder in
            let path = folder + "/kept %?#.sqlite"
            try await make(path)
            try #require(TinyDisk.freeze(folder))
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, mode: .readOnly))
            #expect(try await database.integer("SELECT a FROM t") == 7)
            let error = await expect(.readOnly) { try await database.execute("INSERT INTO t VALUES (1)") }
            #expect(error?.message.contains(".readOnly") == true)
            try await withFolder { other in
                try await database.backup(to: other + "/copy.sqlite")
                let copy = try SQLiteDatabase(SQLiteConfiguration(path: other + "/copy.sqlite"))
                #expect(try await copy.integer("SELECT a FROM t") == 7)
                await copy.shutdown()
            }
            await database.shutdown()
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files == ["kept %?#.sqlite"])
        }
    }

    @Test(
        "a log that cannot be read is reported, not left out",
        .enabled(if: TinyDisk.isAvailable, "needs the right to mount a tmpfs"))
    func frozenWithLog() async throws {
        try await TinyDisk.with(bytes: 1 << 20) { folder in
            try await withFolder { source in
                let path = source + "/live.sqlite"
                let live = try SQLiteDatabase(SQLiteConfiguration(path: path))
                try await live.run("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: path + suffix, toPath: folder + "/live.sqlite" + suffix)
                }
                await live.shutdown()
            }
            try #require(TinyDisk.freeze(folder))
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/live.sqlite", mode: .readOnly))
            do {
                // Newer versions of SQLite read such a log without a shared index.
                let rows = try await database.integer("SELECT a FROM t")
                #expect(rows == 7)
            } catch let error as SQLiteError {
                #expect(error.code == .cannotOpen)
                #expect(error.message.contains("-wal"))
            }
            await database.shutdown()
        }
    }

    @Test("a writable file opened for reading sees what others commit and changes nothing")
    func beside() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            try await make(path)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, mode: .readOnly))
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            for write: @Sendable () async throws -> Void in [
                { try await database.run("INSERT INTO t VALUES (1)") },
                { _ = try await database.withWriter { try await $0.execute("INSERT INTO t VALUES (1)") } },
                { _ = try await database.read { try await $0.execute("INSERT INTO t VALUES (1)") } },
                { try await database.read { try await $0.executeScript("PRAGMA user_version = 3") } },
            ] { await expect(.readOnly) { try await write() } }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            let other = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await other.run("INSERT INTO t VALUES (8)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 2)
            await other.shutdown()
            await database.shutdown()
        }
    }

    @Test("a file with a rollback journal is read as it is")
    func rollbackJournal() async throws {
        try await withFolder { folder in
            let path = folder + "/old.sqlite"
            let source = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/a.sqlite"))
            try await source.run("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
            // A copy has no write-ahead log yet.
            try await source.backup(to: path)
            await source.shutdown()
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, mode: .readOnly))
            #expect(try await database.integer("SELECT a FROM t") == 7)
            #expect(try await database.rows("PRAGMA journal_mode") == [[.text("delete")]])
            await database.shutdown()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.sqlite", "old.sqlite"])
        }
    }

    @Test("a file that is not there is reported and not created")
    func missing() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/none.sqlite", mode: .readOnly))
            await expect(.cannotOpen) { try await database.rows("SELECT 1") }
            await database.shutdown()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("a file that was removed or replaced while open takes no more writes, and is opened anew by run()")
    func replaced() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: path, readers: 2, checkpointInterval: .milliseconds(10)))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            try await database.checkpoint()
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            let error = await expect(.fileReplaced) { try await database.run("INSERT INTO t VALUES (2)") }
            #expect(error?.message.contains(path) == true)
            // An empty file in its place would look like lost data.
            let missing = await expect(.cannotOpen) { try await database.rows("SELECT a FROM t") }
            #expect(missing?.message.contains("not there") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            try await make(path)
            let house = Task { await database.run() }
            try await eventually { try await database.rows("SELECT a FROM t") == [[.integer(7)]] }
            house.cancel()
            await house.value
        }
    }

    @Test("a file that another program keeps for itself is reported with what to do")
    func exclusive() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            let other = try SQLiteDatabase(SQLiteConfiguration(path: path, sessionReset: .never)) { connection in
                if connection.purpose == .writing { try connection.execute("PRAGMA locking_mode = EXCLUSIVE") }
            }
            try await other.run("CREATE TABLE t (a)")
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: path, busyTimeout: .milliseconds(50), acquireTimeout: .seconds(2)))
            let error = await expect(.locked) { try await database.run("INSERT INTO t VALUES (1)") }
            #expect(error?.message.contains(path) == true)
            #expect(error?.message.contains("another connection or process") == true)
            await database.shutdown()
            await other.shutdown()
        }
    }
}
