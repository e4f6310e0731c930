import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// Time limits and cancellation hold although hardly any of SQLite's own instructions pass: in functions of the program's
/// own, and between rows that a body takes its time for.
@Suite(.timeLimit(.minutes(1))) struct SlowStepsTests {
    private enum Ending: CaseIterable { case limit, cancellation }

    private static let pause = 0.02
    private static let rows = 60

    private func withSlowDatabase(_ body: (SQLiteDatabase) async throws -> Void) async throws {
        try await withDatabase(
            prepare: { connection in
                try connection.addFunction("slow", arguments: 1) { values in
                    Thread.sleep(forTimeInterval: Self.pause)
                    return values[0]
                }
            }
        ) { database in
            _ = try await database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INT NOT NULL DEFAULT 0)")
            for number in 0..<Self.rows { _ = try await database.execute("INSERT INTO t (a) VALUES (\(number))") }
            try await body(database)
        }
    }

    /// Runs a call that would take 1.2 s, with 60 ms to do it in, and expects that it ends soon and well.
    private func expectEarlyEnd(
        _ ending: Ending, _ name: String, _ call: @escaping @Sendable (Duration?) async throws -> Void
    ) async {
        let begun = ContinuousClock.now
        let task = Task { try await call(ending == .limit ? .milliseconds(60) : nil) }
        if ending == .cancellation {
            try? await Task.sleep(for: .milliseconds(60))
            task.cancel()
        }
        switch await task.result {
        case .success: Issue.record("\(name), \(ending): it ran to its end")
        case .failure(let error as SQLiteError):
            #expect(ending == .limit && error.code == .timeout, "\(name): \(error)")
        case .failure(let error): #expect(ending == .cancellation && error is CancellationError, "\(name): \(error)")
        }
        #expect(ContinuousClock.now - begun < .milliseconds(900), "\(name), \(ending)")
    }

    @Test func `between rows and between calls of functions`() async throws {
        try await withSlowDatabase { database in
            for ending in Ending.allCases {
                await expectEarlyEnd(ending, "query") { limit in
                    _ = try await database.query("SELECT slow(a) FROM t", timeout: limit)
                }
                await expectEarlyEnd(ending, "UPDATE") { limit in
                    _ = try await database.execute("UPDATE t SET b = slow(a) + 1", timeout: limit)
                }
                let changed = try await database.rows("SELECT count(*) FROM t WHERE b <> 0")
                #expect(changed == [[.integer(0)]])
                await expectEarlyEnd(ending, "read") { limit in
                    try await database.read { connection in
                        _ = try await connection.query("SELECT sum(slow(a)) FROM t", timeout: limit)
                    }
                }
                await expectEarlyEnd(ending, "rows") { limit in
                    try await database.withRows(of: "SELECT a FROM t", timeout: limit) { rows in
                        for try await _ in rows { usleep(UInt32(Self.pause * 1e6)) }
                    }
                }
                await expectEarlyEnd(ending, "sorted rows in a transaction") { limit in
                    try await database.write { connection in
                        try await connection.withRows(of: "SELECT a FROM t ORDER BY b, a DESC", timeout: limit) {
                            rows in
                            for try await _ in rows { usleep(UInt32(Self.pause * 1e6)) }
                        }
                    }
                }
            }
            let left = try await database.rows("SELECT count(*) FROM t")
            #expect(left == [[.integer(Int64(Self.rows))]])
        }
    }

    @Test func `the rows of a statement that has written are handed out whatever the time`() async throws {
        try await withSlowDatabase { database in
            let count = try await database.withWriter { connection in
                try await connection.withRows(
                    of: "UPDATE t SET b = 7 RETURNING a", timeout: .milliseconds(200)
                ) { rows in
                    var count = 0
                    for try await _ in rows {
                        count += 1
                        usleep(UInt32(Self.pause * 1e6))
                    }
                    return count
                }
            }
            #expect(count == Self.rows)
            let changed = try await database.rows("SELECT count(*) FROM t WHERE b = 7")
            #expect(changed == [[.integer(Int64(Self.rows))]])
        }
    }
}
