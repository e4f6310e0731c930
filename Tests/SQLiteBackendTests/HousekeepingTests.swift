import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("SQLite housekeeping")
struct HousekeepingTests {
    static let fill = """
        INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        SELECT hex(randomblob(200)) FROM n
        """

    @Test("a checkpoint copies the log, and a truncating one empties its file")
    func checkpoints() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a); " + Self.fill)
            #expect(database.logSize > 0)
            let copied = try await database.checkpoint()
            #expect(copied.pages > 0)
            #expect(copied.copied == copied.pages)
            #expect(database.logSize > 0)
            try await database.checkpoint(truncating: true)
            #expect(database.logSize == 0)
        }
    }

    @Test("a log that a reader still needs is not emptied")
    func heldLog() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.read { reader in
                try await reader.withSnapshot { reader in
                    _ = try await reader.query("SELECT count(*) FROM t")
                    try await database.run(Self.fill)
                    await expect(.locked) { try await database.checkpoint(truncating: true) }
                    let seen = try await reader.query("SELECT a FROM t").count
                    #expect(seen == 0)
                }
            }
            try await database.checkpoint(truncating: true)
            #expect(try await database.integer("SELECT count(*) FROM t") == 2000)
        }
    }

    @Test("the housekeeper copies the log and empties it past the limit, without being asked")
    func housekeeper() async throws {
        try await withDatabase {
            $0.checkpointInterval = .milliseconds(10)
            $0.walLimit = 65_536
        } _: { database in
            let house = Task { await database.run() }
            try await database.run("CREATE TABLE t (a); " + Self.fill)
            try await eventually { database.logSize == 0 }
            house.cancel()
            await house.value
            await expectShutdown(database)
        }
    }

    @Test("the last connection to close leaves one file", arguments: [false, true])
    func tidyEnd(keepsHouse: Bool) async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/one.sqlite"))
            try await database.run("CREATE TABLE t (a)")
            if keepsHouse { try await database.checkpoint() }
            await database.shutdown()
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files == ["one.sqlite"])
        }
    }

    @Test("a backup taken while others write is whole and sound", arguments: [false, true])
    func backup(inMemory: Bool) async throws {
        try await withFolder { folder in
            let path = inMemory ? ":memory:" : folder + "/live.sqlite"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await database.run("CREATE TABLE t (a); CREATE TABLE pairs (x INTEGER, y INTEGER); " + Self.fill)
            let writer = Task {
                var count = 0
                while !Task.isCancelled {
                    let n = count
                    try await database.write { connection in
                        try await connection.execute("INSERT INTO pairs VALUES (\(n), \(-n))")
                        try await connection.execute("UPDATE pairs SET y = y - 1, x = x + 1 WHERE x = \(n)")
                    }
                    count += 1
                }
            }
            for _ in 0..<3 { try await database.backup(to: folder + "/copy.sqlite") }
            writer.cancel()
            _ = await writer.result
            await database.shutdown()

            let copy = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/copy.sqlite"))
            #expect(try await copy.integrityProblems() == [])
            #expect(try await copy.integer("SELECT count(*) FROM t") == 2000)
            #expect(try await copy.integer("SELECT count(*) FROM pairs WHERE x + y <> 0") == 0)
            await copy.shutdown()
            #expect(!FileManager.default.fileExists(atPath: folder + "/copy.sqlite.part"))
        }
    }

    @Test("a backup that cannot be written leaves the one before it")
    func failedBackup() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            await expect(.cannotOpen) { try await database.backup(to: "/nowhere/at/all.sqlite") }
        }
    }

    @Test("shutdown leaves no thread and no descriptor behind")
    func nothingLeft() async throws {
        try await withFolder { folder in
            for _ in 0..<3 {
                let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/t.sqlite"))
                try await database.run("CREATE TABLE IF NOT EXISTS t (a)")
                _ = try await database.rows("SELECT 1")
                await database.shutdown()
                let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
                }
                #expect(!descriptors.contains { $0.hasPrefix(folder) })
                await expectShutdown(database)
            }
        }
    }
}

/// Expects that a database lends nothing any more.
func expectShutdown(_ database: SQLiteDatabase, sourceLocation: SourceLocation = #_sourceLocation) async {
    let result = await Task { try await database.rows("SELECT 1") }.result
    #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try result.get() }
}

/// Waits until something holds, at most ten seconds.
func eventually(sourceLocation: SourceLocation = #_sourceLocation, _ holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try await holds() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it did not come to hold within ten seconds", sourceLocation: sourceLocation)
}
