import CVitalsSQLite
import Foundation
import SQLDatabase
import SQLiteBackend

/// How many rows the table has.
let rowCount = 10_000
let point = "SELECT id, name, beds FROM wards WHERE id = $1"

/// A database with a table of wards, and its path for the raw connection.
struct Workbench {
    let path: String
    let database: SQLiteDatabase
}

/// Lends a fresh database in a folder of its own.
func withWorkbench(_ body: (Workbench) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("bench.sqlite").path
    let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
    try await database.write { connection in
        try await connection.executeScript(
            """
            CREATE TABLE wards (id INTEGER PRIMARY KEY, name TEXT NOT NULL, beds INTEGER NOT NULL);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rowCount))
            INSERT INTO wards SELECT i, 'ward ' || i, i % 40 FROM n;
            CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT NOT NULL)
            """)
    }
    try await body(Workbench(path: path, database: database))
    await database.shutdown()
}

/// SQLite's own calls and nothing else: the floor.
final class RawConnection {
    private var database: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    init(path: String) {
        sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        run("PRAGMA synchronous = NORMAL")
    }

    deinit {
        statements.values.forEach { sqlite3_finalize($0) }
        sqlite3_close(database)
    }

    func prepare(_ sql: String) -> OpaquePointer? {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        statements[sql] = statement
        return statement
    }

    func run(_ sql: String) { sqlite3_exec(database, sql, nil, nil, nil) }

    /// Runs a statement that returns no rows.
    func step(_ statement: OpaquePointer?) {
        sqlite3_step(statement)
        sqlite3_reset(statement)
    }

    /// Reads one row into Swift values.
    @inline(__always)
    func read(_ statement: OpaquePointer?, id: Int64) -> (Int64, String, Int64) {
        sqlite3_bind_int64(statement, 1, id)
        sqlite3_step(statement)
        let count = Int(sqlite3_column_bytes(statement, 1))
        let name = String(
            decoding: UnsafeBufferPointer(start: sqlite3_column_text(statement, 1), count: count), as: UTF8.self)
        let row = (sqlite3_column_int64(statement, 0), name, sqlite3_column_int64(statement, 2))
        sqlite3_reset(statement)
        return row
    }
}

/// Row numbers that jump about.
@inline(__always)
func scattered(_ index: Int) -> Int64 { Int64(index &* 7919 % rowCount + 1) }
