import Foundation
import SQLDatabase
import SQLiteBackend
import Synchronization
import Testing

/// The write-ahead log disappears while the database is open: somebody removes it, or the process closes its own file
/// once, which drops SQLite's locks, and the last connection of another program takes the log for unused.
@Suite("SQLite logs that are removed while open", .enabled(if: Python.isAvailable, "no python3"))
struct LostLogTests {
    enum Way: String, CaseIterable {
        case neighbour, neighbourThatStays, removed
    }

    @Test("nothing that is committed afterwards is lost, and no reader stays behind", arguments: Way.allCases)
    func commits(way: Way) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            let neighbour = try take(way, path)
            defer { neighbour?.stop() }

            let error = await expect(.fileReplaced) { try await database.run("INSERT INTO t VALUES (0)") }
            #expect(error?.message.contains(path + "-wal was removed") == true)
            for value in 2...20 { try await database.run("INSERT INTO t VALUES (\(value))") }
            #expect(try await database.integer("SELECT count(*) FROM t") == 20 + (neighbour?.rows ?? 0))
            // Another program sees what was committed while this one still has the file open, as after kill -9.
            #expect(try Python.tables(path) == "t=\(20 + (neighbour?.rows ?? 0))\nok")
            await database.shutdown()
            #expect(try Python.tables(path) == "t=\(20 + (neighbour?.rows ?? 0))\nok")
        }
    }

    @Test("a transaction does not commit into a log that was removed meanwhile", arguments: Way.allCases)
    func transaction(way: Way) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: path, readers: 2, busyTimeout: .milliseconds(200)))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            let held = Mutex<Neighbour?>(nil)
            defer { held.withLock { $0?.stop() } }
            await expect(.fileReplaced) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (2)")
                    let neighbour = try take(way, path)
                    held.withLock { $0 = neighbour }
                }
            }
            let rows = 1 + held.withLock { $0?.rows ?? 0 }
            #expect(try await database.integer("SELECT count(*) FROM t") == rows)
            await database.shutdown()
            #expect(try Python.tables(path) == "t=\(rows)\nok")
        }
    }

    @Test(
        "run() notices, and readers see what the other program wrote", arguments: [Way.neighbour, .neighbourThatStays])
    func readers(way: Way) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: path, readers: 2, checkpointInterval: .milliseconds(20)))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await database.run() }
                #expect(try await database.integer("SELECT count(*) FROM t") == 1)
                let neighbour = try take(way, path)
                defer { neighbour?.stop() }
                try Python.run(
                    "c = sqlite3.connect(a[0]); c.execute('INSERT INTO t VALUES (7)'); c.commit(); c.close()", path)
                let rows = 2 + (neighbour?.rows ?? 0)
                try await eventually { try await database.integer("SELECT count(*) FROM t") == rows }
                group.cancelAll()
            }
            await database.shutdown()
        }
    }

    @Test("not noticed before shutdown: the other program's log and rows stay", arguments: Way.allCases)
    func unnoticed(way: Way) async throws {
        try await withFolder { folder in
            let path = folder + "/d.db"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, readers: 2))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            let neighbour = try take(way, path)
            // A log as a killed program leaves it.
            neighbour?.kill()
            await database.shutdown()
            #expect(try Python.tables(path) == "t=\(1 + (neighbour?.rows ?? 0))\nok")
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

    /// A program that has the file open, and the rows that it wrote.
    // The process is used from one task at a time.
    private final class Neighbour: @unchecked Sendable {
        let rows: Int
        private let process: Process

        init(_ path: String, python: String) throws {
            process = Process()
            process.executableURL = URL(fileURLWithPath: python)
            process.arguments = [
                "-c",
                """
                import sqlite3, sys
                sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM t").fetchall()
                c = sqlite3.connect(sys.argv[1])
                c.execute("INSERT INTO t VALUES (100)")
                c.commit()
                print("ready", flush=True)
                sys.stdin.read()
                """, path,
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardInput = Pipe()
            try process.run()
            _ = output.fileHandleForReading.availableData
            rows = 1
        }

        func kill() {
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        func stop() { if process.isRunning { kill() } }
    }

    /// Takes the log away.
    private func take(_ way: Way, _ path: String) throws -> Neighbour? {
        if way == .removed {
            try FileManager.default.removeItem(atPath: path + "-wal")
            return nil
        }
        // What a hash or an upload of the file does.
        _ = try Data(contentsOf: URL(fileURLWithPath: path))
        try Python.run("c = sqlite3.connect(a[0]); c.execute('SELECT count(*) FROM t').fetchall(); c.close()", path)
        return way == .neighbour ? nil : try Neighbour(path, python: #require(OracleTests.python))
    }
}
