import CVitalsSQLite
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

@Suite("The outcome of a SQLite commit")
struct CommitTests {
    /// Makes a connection's commits take 100 ms, and says when one begins.
    private static func slowCommits(_ connection: SQLiteConnection, _ began: Began) throws {
        try connection.handle.withDatabase { database, _ in
            // The test outlives the connection's statements.
            let context = Unmanaged.passRetained(began).toOpaque()
            sqlite3_commit_hook(
                database,
                { context in
                    context.map { Unmanaged<Began>.fromOpaque($0).takeUnretainedValue().set() }
                    usleep(100_000)
                    return 0
                }, context)
        }
    }

    @Test("a task cancelled during the commit gets the commit's own outcome")
    func cancelledDuring() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let began = Began()
            let task = Task {
                try await database.write { connection in
                    try Self.slowCommits(connection, began)
                    try await connection.execute("INSERT INTO t VALUES (1)")
                }
            }
            await began.wait()
            task.cancel()
            let result = await task.result
            #expect(throws: Never.self) { try result.get() }
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("a task cancelled before the commit keeps nothing")
    func cancelledBefore() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let task = Task {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("a deferred foreign key that does not hold fails the commit, and nothing is kept")
    func deferredViolation() async throws {
        try await withDatabase { database in
            try await database.run(
                """
                CREATE TABLE parent (id INTEGER PRIMARY KEY);
                CREATE TABLE child (p INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)
                """)
            await expect(.foreignKeyViolation) {
                try await database.write { try await $0.execute("INSERT INTO child VALUES (9)") }
            }
            #expect(try await database.integer("SELECT count(*) FROM child") == 0)
            await expect(.foreignKeyViolation) { try await database.execute("INSERT INTO child VALUES (9)") }
            try await database.run("INSERT INTO parent VALUES (9); INSERT INTO child VALUES (9)")
            #expect(try await database.integer("SELECT count(*) FROM child") == 1)
        }
    }

    @Test(
        "a commit that meets a full disk is not reported as kept",
        .enabled(if: TinyDisk.isAvailable, "needs the right to mount a tmpfs"))
    func fullAtCommit() async throws {
        try await TinyDisk.with(bytes: 1 << 20) { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/full.sqlite"))
            try await database.run("CREATE TABLE t (a)")
            await expect(.diskFull) {
                try await database.write { connection in
                    // Stays in the page cache until the commit.
                    for _ in 0..<200 { try await connection.execute("INSERT INTO t VALUES (randomblob(20000))") }
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
            await database.shutdown()
        }
    }

    @Test("a disk that fails during the commit is reported as an unknown outcome, and the connection is given up")
    func failingDisk() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let error = await expect(.commitUnknown) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    try connection.handle.withDatabase { pointer, _ in try Self.breakLog(pointer) }
                }
            }
            #expect((error?.underlying as? SQLiteError)?.code == .ioError)
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
            try await database.run("INSERT INTO t VALUES (2)")
            #expect(try await database.rows("SELECT a FROM t") == [[.integer(2)]])
        }
    }

    /// Makes each further write to a connection's log fail. The table of calls is never freed.
    private static func breakLog(_ database: OpaquePointer) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
        let log = try #require(file)
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: try #require(log.pointee.pMethods).pointee)
        methods.pointee.xWrite = { _, _, _, _ in SQLITE_IOERR | (3 << 8) }
        log.pointee.pMethods = UnsafePointer(methods)
    }

    @Test("a commit that SQLite refuses is rolled back and says so")
    func refused() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            await expect(.constraintViolation) {
                try await database.write { connection in
                    _ = try connection.handle.withDatabase { database, _ in
                        sqlite3_commit_hook(database, { _ in 1 }, nil)
                    }
                    try await connection.execute("INSERT INTO t VALUES (1)")
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("a transaction that meets another process's lock runs again, as often as it was told")
    func retry() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, busyTimeout: .milliseconds(10)))
            let other = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await database.run("CREATE TABLE t (a)")
            let runs = Guarded(0)
            try await other.withWriter { holder in
                try await holder.executeScript("BEGIN IMMEDIATE")
                let error = await expect(.locked) {
                    try await database.withTransaction(
                        retry: TransactionRetry(attempts: 3, pause: .milliseconds(1))
                    ) { _ in runs.with { $0 += 1 } }
                }
                #expect(error?.isRetryable == true)
                async let patient: Void = database.withTransaction(
                    retry: TransactionRetry(
                        attempts: 500, pause: .milliseconds(5), longestPause: .milliseconds(5))
                ) { connection in
                    runs.with { $0 += 1 }
                    _ = try await connection.execute("INSERT INTO t VALUES (1)")
                }
                try await Task.sleep(for: .milliseconds(60))
                try await holder.executeScript("COMMIT")
                try await patient
            }
            #expect(runs.with { $0 } == 1)
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            await database.shutdown()
            await other.shutdown()
        }
    }
}
