import Foundation
import JobQueue
import JobQueueSQL
import JobQueueTestKit
import SQLiteBackend
import Testing

/// A SQLite file that is gone after the body.
func withSQLite<Result>(
    _ path: String = FileManager.default.temporaryDirectory.appendingPathComponent("jobs-\(UUID().uuidString)").path,
    _ body: (SQLiteDatabase, SQLiteJobStore) async throws -> Result
) async throws -> Result {
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    let database = try SQLiteDatabase(SQLiteConfiguration(path: path, synchronous: .normal))
    let store = SQLiteJobStore(database: database)
    try await store.migrate()
    do {
        let result = try await body(database, store)
        await database.shutdown()
        return result
    } catch {
        await database.shutdown()
        throw error
    }
}

@Suite struct SQLiteJobStoreTests {
    @Test(arguments: JobStoreConformance.cases)
    func `the SQLite store conforms`(_ conformance: JobStoreConformance.Case) async throws {
        await #expect(throws: Never.self) {
            try await withSQLite { _, store in try await conformance.run(store) }
        }
    }
}
