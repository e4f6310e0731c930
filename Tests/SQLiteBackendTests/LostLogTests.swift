import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// Somebody removes the write-ahead log of an open database, or its index.
@Suite("SQLite logs that are removed while open", .enabled(if: Python.isAvailable, "no python3"))
struct LostLogTests {
    @Test(
        "the next write fails, and nothing that was committed before or after is lost",
        arguments: [["-wal"], ["-shm"], ["-wal", "-shm"]])
    func removed(suffixes: [String]) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            for suffix in suffixes { try FileManager.default.removeItem(atPath: path + suffix) }

            let error = await expect(.fileReplaced) { try await database.run("INSERT INTO t VALUES (0)") }
            #expect(error?.message.contains(path + "-wal or its index was removed") == true)
            for value in 2...20 { try await database.run("INSERT INTO t VALUES (\(value))") }
            #expect(try await database.integer("SELECT count(*) FROM t") == 20)
            // Another program sees what was committed while this one still has the file open, as after kill -9.
            #expect(try Python.tables(path) == "t=20\nok")
            await database.shutdown()
            #expect(try Python.tables(path) == "t=20\nok")
        }
    }

    @Test("a transaction does not commit into a log that was removed meanwhile", arguments: ["-wal", "-shm"])
    func transaction(suffix: String) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            await expect(.fileReplaced) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (2)")
                    try FileManager.default.removeItem(atPath: path + suffix)
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            await database.shutdown()
            #expect(try Python.tables(path) == "t=1\nok")
        }
    }

    @Test("not noticed before shutdown: the rows are in the file", arguments: ["-wal", "-shm"])
    func unnoticed(suffix: String) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            try FileManager.default.removeItem(atPath: path + suffix)
            await database.shutdown()
            #expect(try Python.tables(path) == "t=1\nok")
        }
    }

    @Test("under traffic, at a random moment: no row that was reported as committed is lost", arguments: 1...24)
    func traffic(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let pause = Duration.microseconds(Int64(random.next() % 6000))
        let runs = random.next() % 2 == 0
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: path, readers: 2, checkpointInterval: .milliseconds(10)))
            try await database.run("CREATE TABLE t (a)")
            let committed = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<2 {
                    group.addTask {
                        var committed = 0
                        for value in 0..<100 {
                            do {
                                committed += try await database.write {
                                    try await $0.execute("INSERT INTO t VALUES (\(writer * 1000 + value))")
                                }
                            } catch let error as SQLiteError where error.code == .fileReplaced {}
                        }
                        return committed
                    }
                }
                group.addTask {
                    for _ in 0..<50 { _ = try await database.integer("SELECT count(*) FROM t") }
                    return 0
                }
                if runs {
                    group.addTask {
                        await database.run()
                        return 0
                    }
                }
                try await Task.sleep(for: pause)
                try FileManager.default.removeItem(atPath: path + "-wal")
                var committed = 0
                for _ in 0..<3 { committed += try await group.next() ?? 0 }
                group.cancelAll()
                return committed
            }
            await database.shutdown()
            #expect(try Python.tables(path) == "t=\(committed)\nok", "seed \(seed)")
        }
    }

    @Test("connections that are opened and closed all the time never take each other's log for lost")
    func churn() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: folder + "/d.db", readers: 4, sessionReset: .always))
            try await database.run("CREATE TABLE t (a)")
            for _ in 0..<60 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { _ = try await database.rows("SELECT count(*) FROM t") } }
                    group.addTask { try await database.run("INSERT INTO t VALUES (1)") }
                    try await group.waitForAll()
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 60)
            await database.shutdown()
        }
    }
}

#if os(Linux)
    /// The process closes a database file of its own somewhere, which drops SQLite's locks on it: other programs still
    /// meet a database that is in use.
    @Suite("SQLite files that their own process reads as bytes", .enabled(if: Python.isAvailable, "no python3"))
    struct FileHoldTests {
        private static let visit =
            "c = sqlite3.connect(a[0]); c.execute('SELECT count(*) FROM t').fetchall(); c.close()"

        /// What a hash or an upload of the file does.
        private func read(_ path: String) throws { _ = try Data(contentsOf: URL(fileURLWithPath: path)) }

        @Test("another program does not remove the log, and nothing is lost")
        func neighbour() async throws {
            try await withFolder { folder in
                let path = folder + "/d.db"
                let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2))
                try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
                #expect(try await database.integer("SELECT count(*) FROM t") == 1)
                for round in 0..<5 {
                    try read(path)
                    try Python.run(Self.visit, path)
                    #expect(FileManager.default.fileExists(atPath: path + "-wal"))
                    try await database.run("INSERT INTO t VALUES (\(round))")
                }
                #expect(try Python.tables(path) == "t=6\nok")
                await database.shutdown()
                // Whoever is the last still removes it.
                #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
                #expect(try Python.tables(path) == "t=6\nok")
            }
        }

        @Test("nor beside a second database on the same file, or one that only reads, whichever is closed first")
        func two() async throws {
            for closesFirst in [true, false] {
                try await withFolder { folder in
                    let path = folder + "/d.db"
                    let first = try SQLiteDatabase(SQLiteConfiguration(path: path))
                    try await first.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
                    let second = try SQLiteDatabase(SQLiteConfiguration(path: path, mode: .readOnly))
                    #expect(try await second.integer("SELECT count(*) FROM t") == 1)
                    try read(path)
                    await (closesFirst ? first : second).shutdown()
                    try read(path)
                    try Python.run(Self.visit, path)
                    #expect(FileManager.default.fileExists(atPath: path + "-wal"))
                    if closesFirst {
                        #expect(try await second.integer("SELECT count(*) FROM t") == 1)
                    } else {
                        try await first.run("INSERT INTO t VALUES (2)")
                    }
                    #expect(try Python.tables(path) == "t=\(closesFirst ? 1 : 2)\nok")
                    await (closesFirst ? second : first).shutdown()
                }
            }
        }

        @Test("nor of a file that the preparing closure attached")
        func attached() async throws {
            try await withFolder { folder in
                let path = folder + "/q \"x\".db"
                let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/d.db")) { setup in
                    try setup.execute("ATTACH \(path) AS \"q \"\"x\"")
                    try setup.execute("PRAGMA \"q \"\"x\".journal_mode = wal")
                }
                try await database.run("CREATE TABLE \"q \"\"x\".t (a); INSERT INTO t VALUES (1)")
                for round in 0..<3 {
                    try read(path)
                    try Python.run(Self.visit, path)
                    try await database.run("INSERT INTO t VALUES (\(round))")
                }
                #expect(try Python.tables(path) == "t=4\nok")
                await database.shutdown()
            }
        }

        @Test("also when another program switches the file to a log while it is open")
        func switched() async throws {
            let insert = "c = sqlite3.connect(a[0]); c.execute('INSERT INTO t VALUES (1)'); c.commit(); c.close()"
            let switching =
                "c = sqlite3.connect(a[0]); c.execute('PRAGMA journal_mode = wal').fetchall(); c.execute('INSERT INTO t VALUES (1)'); c.commit(); c.close()"
            try await withFolder { folder in
                let path = folder + "/d.db"
                try Python.make(path, table: "t")
                let reader = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 1, mode: .readOnly))
                let attaching = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/e.db", readers: 1)) { setup in
                    try setup.execute("ATTACH \(path) AS q")
                }
                #expect(try await reader.integer("SELECT count(*) FROM t") == 2000)
                #expect(try await attaching.integer("SELECT count(*) FROM q.t") == 2000)
                try Python.run(switching, path)
                var rows = 2001
                for _ in 0..<3 {
                    #expect(try await reader.integer("SELECT count(*) FROM t") == rows)
                    #expect(try await attaching.integer("SELECT count(*) FROM q.t") == rows)
                    try read(path)
                    try Python.run(insert, path)
                    try await attaching.run("INSERT INTO q.t VALUES (3)")
                    rows += 2
                    #expect(try await reader.integer("SELECT count(*) FROM t") == rows)
                }
                await reader.shutdown()
                await attaching.shutdown()
                #expect(try Python.tables(path) == "t=\(rows)\nok")
            }
        }

        @Test("a statement never sees a half of what another program writes meanwhile")
        func tornReads() async throws {
            try await withFolder { folder in
                let path = folder + "/d.db"
                let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2, cacheSizeKiB: 64))
                try await database.run(
                    """
                    CREATE TABLE t (v, pad);
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
                    INSERT INTO t SELECT 0, hex(zeroblob(200)) FROM n
                    """)
                async let neighbour = Task.detached {
                    try Python.run(
                        """
                        for n in range(40):
                            c = sqlite3.connect(a[0], timeout = 20)
                            c.execute("UPDATE t SET v = ?", (n,))
                            c.commit()
                            c.close()
                        """, path)
                }.value
                for _ in 0..<60 {
                    try read(path)
                    let rows = try await database.rows("SELECT v, count(*) FROM t GROUP BY v")
                    #expect(rows.count == 1, "\(rows)")
                }
                _ = try await neighbour
                await database.shutdown()
                #expect(try Python.tables(path) == "t=4000\nok")
            }
        }

        @Test("no descriptor is left, and none is closed while another library has the file locked")
        func descriptors() async throws {
            func open(_ folder: String) throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0))?
                        .hasPrefix(folder) == true
                }.count
            }
            try await withFolder { folder in
                for number in 0..<20 {
                    let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/\(number).db"))
                    try await database.run("CREATE TABLE t (a)")
                    #expect(try open(folder) > 0)
                    await database.shutdown()
                }
                #expect(try open(folder) == 0)
            }
        }
    }
#endif
