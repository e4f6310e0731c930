import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("SQLite faults")
struct FaultTests {
    @Test("a full disk says so, undoes the transaction, and writing works again when there is room")
    func fullDisk() async throws {
        try await withDatabase {
            $0.sessionReset = .never
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { try await $0.executeScript("PRAGMA max_page_count = 20") }
            let error = await expect(.diskFull) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    try await connection.execute("INSERT INTO t VALUES (zeroblob(200000))")
                }
            }
            #expect(error?.message.contains("free space") == true)
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
            try await database.withWriter { try await $0.executeScript("PRAGMA max_page_count = 20000") }
            try await database.run("INSERT INTO t VALUES (zeroblob(200000))")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
        }
    }

    @Test(
        "a file system without space says so, and the rows before it are kept",
        .enabled(if: TinyDisk.isAvailable, "needs the right to mount a tmpfs"))
    func fullFileSystem() async throws {
        try await TinyDisk.with(bytes: 1 << 20) { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/full.sqlite"))
            try await database.run("CREATE TABLE t (a)")
            var rows = 0
            let error = await expect(.diskFull) {
                while true {
                    try await database.run("INSERT INTO t VALUES (randomblob(20000))")
                    rows += 1
                }
            }
            #expect(error?.message.contains("the statement was undone") == true)
            #expect(rows > 5)
            #expect(try await database.integer("SELECT count(*) FROM t") == rows)
            let problems = try await database.integrityProblems()
            #expect(problems == [])
            await database.shutdown()
        }
    }

    @Test("a body that swallows a full disk does not seem to have committed")
    func swallowed() async throws {
        try await withDatabase {
            $0.sessionReset = .never
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { try await $0.executeScript("PRAGMA max_page_count = 20") }
            await expect(.transactionAborted) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    _ = try? await connection.execute("INSERT INTO t VALUES (zeroblob(200000))")
                }
            }
        }
    }

    @Test("a folder that is not there, and one that may not be written, are told of at once")
    func wrongFolder() async throws {
        let missing = try SQLiteDatabase(SQLiteConfiguration(path: "/nowhere/at/all.sqlite"))
        let start = ContinuousClock.now
        let error = await expect(.cannotOpen) { try await missing.read { try await $0.query("SELECT 1") } }
        #expect(error?.message.contains("/nowhere/at/all.sqlite") == true)
        await expect(.cannotOpen) { try await missing.run("CREATE TABLE t (a)") }
        #expect(ContinuousClock.now - start < .seconds(5))
        await missing.shutdown()
    }

    @Test("a missing file is not made when that is not wanted")
    func noCreation() async throws {
        try await withDatabase {
            $0.createsFile = false
        } _: { database in
            await expect(.cannotOpen) { try await database.rows("SELECT 1") }
            let exists = FileManager.default.fileExists(atPath: database.configuration.path)
            #expect(!exists)
        }
    }

    @Test(
        "a file that may not be written says so",
        .enabled(if: TinyDisk.isAvailable, "needs the right to mount a tmpfs"))
    func readOnlyFolder() async throws {
        try await TinyDisk.with(bytes: 1 << 20) { folder in
            let path = folder + "/kept.sqlite"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await database.run("CREATE TABLE t (a)")
            await database.shutdown()
            try #require(TinyDisk.freeze(folder))
            let frozen = try SQLiteDatabase(SQLiteConfiguration(path: path))
            let error = await expect(.readOnly) { try await frozen.run("INSERT INTO t VALUES (1)") }
            #expect(error?.message.contains("owner and mode") == true)
            await frozen.shutdown()
        }
    }

    @Test("a file that is no database is left as it is")
    func notADatabase() async throws {
        try await withFolder { folder in
            let path = folder + "/letter.txt"
            let text = Data(String(repeating: "This is a letter, not a database. ", count: 100).utf8)
            try text.write(to: URL(fileURLWithPath: path))
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
            await expect(.notADatabase) { try await database.rows("SELECT 1") }
            await database.shutdown()
            let left = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(left == text)
        }
    }

    @Test("a damaged file is told of with a way out")
    func damaged() async throws {
        try await withFolder { folder in
            let path = folder + "/damaged.sqlite"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await database.run(
                """
                CREATE TABLE t (a);
                INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                SELECT hex(randomblob(100)) FROM n
                """)
            await database.shutdown()
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            for page in 1..<40 {
                try file.seek(toOffset: UInt64(page * 4096))
                try file.write(contentsOf: Data(repeating: 0xAA, count: 4096))
            }
            try file.close()
            let reopened = try SQLiteDatabase(SQLiteConfiguration(path: path))
            let error = await expect(.corrupt) { try await reopened.rows("SELECT count(a) FROM t") }
            #expect(error?.message.contains(".recover") == true)
            await reopened.shutdown()
        }
    }

    @Test("settings out of their range are refused by name")
    func settings() {
        let cases: [(String, (inout SQLiteConfiguration) -> Void)] = [
            ("path", { $0.path = "" }), ("readers", { $0.readers = 0 }), ("readers", { $0.readers = 65 }),
            ("statementCacheSize", { $0.statementCacheSize = 0 }), ("walLimit", { $0.walLimit = 1 }),
            ("acquireTimeout", { $0.acquireTimeout = .zero }), ("cacheSizeKiB", { $0.cacheSizeKiB = 0 }),
            ("busyTimeout", { $0.busyTimeout = .seconds(-1) }), ("mappedBytes", { $0.mappedBytes = -1 }),
            ("checkpointInterval", { $0.checkpointInterval = .zero }), ("leakThreshold", { $0.leakThreshold = .zero }),
            ("statementTimeout", { $0.statementTimeout = .zero }), ("statementCacheKiB", { $0.statementCacheKiB = 0 }),
            ("mode", { ($0.path, $0.mode) = (":memory:", .readOnly) }),
            ("busyTimeout", { $0.busyTimeout = .seconds(Int64.max) }),
            ("statementTimeout", { $0.statementTimeout = .seconds(Int64.max) }),
            ("acquireTimeout", { $0.acquireTimeout = .seconds(Int64.max) }),
            ("checkpointInterval", { $0.checkpointInterval = .seconds(Int64.max) }),
            ("leakThreshold", { $0.leakThreshold = .seconds(Int64.max) }),
        ]
        for (name, change) in cases {
            var configuration = SQLiteConfiguration(path: "a")
            change(&configuration)
            let error = #expect(throws: SQLiteError.self) { try SQLiteDatabase(configuration) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.hasPrefix(name) == true)
        }
    }

    @Test("the longest settings work, and so do waits without an end")
    func longestSettings() async throws {
        let longest = Duration.seconds(100 * 365 * 86_400)
        try await withDatabase {
            ($0.busyTimeout, $0.statementTimeout, $0.acquireTimeout) = (longest, longest, longest)
            ($0.checkpointInterval, $0.leakThreshold) = (longest, longest)
        } _: { database in
            let running = Task { await database.run() }
            try await database.run("CREATE TABLE t (a)")
            for limit: Duration in [.seconds(Int64.max), .seconds(Int64.max / 2), longest] {
                try await database.execute("INSERT INTO t VALUES (1)", timeout: limit)
                try await database.write(timeout: limit) { connection in
                    let began = Began()
                    let holding = Task {
                        try await connection.withTransaction { _ in
                            began.set()
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                    await began.wait()
                    // Waits in line.
                    try await connection.execute("INSERT INTO t VALUES (1)", timeout: limit)
                    try await holding.value
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 6)
            running.cancel()
            await running.value
        }
    }

    @Test("pauses between runs of a transaction have an end, whatever the rule says")
    func pauses() async throws {
        try await withDatabase(inMemory: true) { database in
            let rule = TransactionRetry(
                attempts: 3, pause: .seconds(Int64.max), longestPause: .milliseconds(1))
            try await database.withTransaction(retry: rule) { try await $0.execute("CREATE TABLE t (a)") }
            #expect(try await database.query("SELECT a FROM t").isEmpty)
        }
    }
}
