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

    @Test func `maintenance that left old jobs is due again at once, so that they are removed as fast as jobs end`()
        async throws
    {
        try await withSQLite { database, store in
            _ = try await store.enqueue((0..<3500).map { _ in NewJob(kind: "count") })
            let worker = try await store.register(
                WorkerDescription(host: "test", process: 1, queues: ["default"]), lease: .seconds(60))
            let claimed = try await store.exchange(
                ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: 3500)])
            ).claimed
            _ = try await store.exchange(
                ExchangeRequest(
                    worker: worker,
                    acknowledgements: claimed.map { Acknowledgement($0.reference, .completed(result: nil)) }))
            try await Task.sleep(for: .milliseconds(2))
            var pruned = 0
            var passes = 0
            repeat {
                let report = try await store.maintain(MaintenanceRequest(retention: .zero))
                pruned += report.pruned
                passes += 1
                guard report.nextDue == .zero else { break }
            } while passes < 10
            #expect(pruned == 3500 && passes == 4)
            #expect(try await database.query("SELECT count(*) FROM vitals_job").first?.decode(0, as: Int.self) == 0)
        }
    }
}
