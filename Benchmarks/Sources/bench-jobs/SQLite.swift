import BenchHarness
import CVitalsSQLite
import Foundation
import JobQueue
import JobQueueSQL
import SQLiteBackend

/// The same work in SQLite's own calls: claim a hundred rows in a transaction, end them in the next.
private struct RawQueue {
    private let database: OpaquePointer?

    init(path: String, count: Int) {
        var handle: OpaquePointer?
        sqlite3_open_v2(
            path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        database = handle
        run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        run(
            """
            CREATE TABLE job (id BLOB PRIMARY KEY, queue TEXT NOT NULL, priority INTEGER NOT NULL, state INTEGER NOT NULL,
                run_at INTEGER NOT NULL, worker BLOB, finished_at INTEGER, payload BLOB NOT NULL) WITHOUT ROWID;
            CREATE INDEX job_ready ON job (queue, priority, run_at, id) WHERE state = 3;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO job SELECT CAST(printf('%016d', i) AS BLOB), 'default', 5, 3, i, NULL, NULL, x'7b7d' FROM n;
            """)
    }

    func close() { sqlite3_close(database) }

    private func run(_ sql: String) { sqlite3_exec(database, sql, nil, nil, nil) }

    private func prepared(_ sql: String) -> OpaquePointer? {
        var statement: OpaquePointer?
        sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        return statement
    }

    /// Jobs a second.
    func drain(_ count: Int) -> Double {
        let claim = prepared(
            """
            UPDATE job SET state = 4, worker = x'01' WHERE id IN (SELECT id FROM job WHERE queue = 'default' AND state = 3
                ORDER BY priority, run_at, id LIMIT 100) RETURNING id, payload
            """)
        let end = prepared("UPDATE job SET state = 10, finished_at = 1 WHERE id = ?1 AND state = 4")
        defer {
            sqlite3_finalize(claim)
            sqlite3_finalize(end)
        }
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        var done = 0
        var held: [[UInt8]] = []
        let start = now()
        while done < count {
            run("BEGIN IMMEDIATE")
            for id in held {
                sqlite3_bind_blob(end, 1, id, 16, transient)
                sqlite3_step(end)
                sqlite3_reset(end)
            }
            done += held.count
            held = []
            while sqlite3_step(claim) == SQLITE_ROW {
                held.append(Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(claim, 0), count: 16)))
                blackHole(sqlite3_column_bytes(claim, 1))
            }
            sqlite3_reset(claim)
            run("COMMIT")
        }
        return Double(done) / (Double(now() - start) / 1e9)
    }
}

func benchSQLite(_ bench: Bench) async throws {
    let name = "sqlite: no-op jobs"
    guard bench.wants(name) else { return }
    let count = 60_000
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path() -> String { folder.appendingPathComponent("\(UUID().uuidString).sqlite").path }
    let figures = try await bench.medians([
        {
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path(), synchronous: .full))
            let store = SQLiteJobStore(database: database)
            try await store.migrate()
            _ = try await store.enqueue(noops(count))
            let rate = try await drainRate(store, count, slots: 1200, exchanges: 3, batch: 400)
            await database.shutdown()
            return rate
        },
        {
            let raw = RawQueue(path: path(), count: count)
            defer { raw.close() }
            return raw.drain(count)
        },
    ])
    bench.record(
        name, figures[0], "1/s", floor: "raw SQLite, batches of 100", floorValue: figures[1],
        target: .ratioAtLeast(0.5))
}
