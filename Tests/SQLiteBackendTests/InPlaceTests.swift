import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

@Suite("SQLite reads on the caller's thread")
struct InPlaceTests {
    static let one: SQLQuery = "SELECT a FROM t WHERE n = \(2)"

    private func prepared(_ body: (SQLiteDatabase) async throws -> Void) async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database in
            try await database.run(
                "CREATE TABLE t (n INTEGER PRIMARY KEY, a INTEGER); INSERT INTO t VALUES (1, 7), (2, 8)")
            try await body(database)
        }
    }

    @Test("a statement runs in place only when it is prepared and all its pages are in memory")
    func onlyMemory() async throws {
        try await prepared { database in
            let readers = try #require(database.readers)
            try await readers.withConnection { connection in
                #expect(try connection.handle.runInPlace(Self.one, 0) == nil)
                _ = try await connection.query(Self.one)
                #expect(try connection.handle.runInPlace(Self.one, 0)?.map(\.values) == [[.integer(8)]])
            }
            // A commit makes the cached pages old.
            try await database.run("UPDATE t SET a = 9 WHERE n = 2")
            try await readers.withConnection { connection in
                #expect(try connection.handle.runInPlace(Self.one, 0) == nil)
                let fresh = try await connection.query(Self.one).map(\.values)
                #expect(fresh == [[.integer(9)]])
                #expect(try connection.handle.runInPlace(Self.one, 0)?.map(\.values) == [[.integer(9)]])
            }
        }
    }

    @Test("a statement that is long, writes, or belongs to a transaction or cursor does not run in place")
    func others() async throws {
        try await prepared { database in
            let long: SQLQuery =
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT count(*) FROM n"
            try await database.readers?.withConnection { connection in
                for _ in 0..<3 {
                    #expect(try connection.handle.runInPlace(long, 0) == nil)
                    let count = try await connection.query(long).map(\.values)
                    #expect(count == [[.integer(10_000)]])
                }
                _ = try await connection.query(Self.one)
                try await connection.withSnapshot { connection in
                    #expect(try connection.handle.runInPlace(Self.one, 0) == nil)
                    let rows = try await connection.query(Self.one)
                    #expect(rows.count == 1)
                }
                await expect(.readOnly) { try await connection.query("UPDATE t SET a = 1 RETURNING a") }
                #expect(try connection.handle.runInPlace("UPDATE t SET a = 1 RETURNING a", 0) == nil)
            }
        }
    }

    @Test("a cancelled task's statement does not run in place, and errors are the same there")
    func errors() async throws {
        try await prepared { database in
            _ = try await database.query(Self.one)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await database.query(Self.one)
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let overflow: SQLQuery = "SELECT abs(\(Int64.min)) FROM t"
            for _ in 0..<12 { await expect(.other) { try await database.query(overflow) } }
            for _ in 0..<12 { await expect(.misuse) { try await database.query("SELECT $1") } }
            let rows = try await database.query(Self.one)
            #expect(rows.count == 1)
        }
    }

    @Test("readers in place and on the threads never see half of a commit")
    func storm() async throws {
        try await withDatabase {
            $0.readers = 3
        } _: { database in
            try await database.run("CREATE TABLE t (n INTEGER PRIMARY KEY, a INTEGER)")
            try await database.write { connection in
                for number in 0..<500 { try await connection.execute("INSERT INTO t VALUES (\(number), 0)") }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var random = SplitMix64(seed: 1)
                    for _ in 0..<300 {
                        let (from, to) = (
                            Int.random(in: 0..<500, using: &random), Int.random(in: 0..<500, using: &random)
                        )
                        try await database.write { connection in
                            try await connection.execute("UPDATE t SET a = a - 1 WHERE n = \(from)")
                            try await connection.execute("UPDATE t SET a = a + 1 WHERE n = \(to)")
                        }
                        try await Task.sleep(for: .microseconds(500))
                    }
                }
                for task in 0..<20 {
                    group.addTask {
                        for round in 0..<300 {
                            if round % 3 == task % 3 {
                                let sum = try await database.query("SELECT sum(a) FROM t")
                                #expect(sum.map(\.values) == [[.integer(0)]])
                            } else {
                                let number = (task * 300 + round) % 500
                                let rows = try await database.query("SELECT n FROM t WHERE n = \(number)")
                                #expect(rows.map(\.values) == [[.integer(Int64(number))]])
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
