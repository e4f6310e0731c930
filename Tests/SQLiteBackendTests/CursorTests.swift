import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

@Suite("SQLite cursors")
struct CursorTests {
    static func numbers(_ count: Int) -> SQLQuery {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count)) SELECT i, 'row ' || i FROM n"
    }

    @Test("a million rows take little memory, from the database, a connection and a session")
    func constantMemory() async throws {
        try await withDatabase { database in
            _ = try await database.withRows(of: Self.numbers(1000)) { rows in try await Self.sum(rows) }
            let before = residentKiB()
            let million = 1_000_000
            let total = try await database.withRows(of: Self.numbers(million)) { rows in try await Self.sum(rows) }
            #expect(total == Int64(million) * Int64(million + 1) / 2)
            let inSession = try await database.read { connection in
                try await connection.withSession { session in
                    try session.withRows(of: Self.numbers(million)) { rows in
                        var total: Int64 = 0
                        while let row = try rows.next() {
                            if case .integer(let number) = row.values[0] { total += number }
                        }
                        return total
                    }
                }
            }
            #expect(inSession == total)
            #expect(residentKiB() - before < 24_000)
        }
    }

    private static func sum(_ rows: SQLiteRows) async throws -> Int64 {
        var total: Int64 = 0
        for try await row in rows {
            if case .integer(let number) = row.values[0] { total += number }
        }
        return total
    }

    @Test("the statement ends with the body, whether it stops, throws or reads to the end", arguments: [false, true])
    func ends(inMemory: Bool) async throws {
        struct Stop: Error {}
        try await withDatabase(inMemory: inMemory) {
            $0.readers = 1
        } _: { database in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
            for _ in 0..<5 {
                try await database.withRows(of: "SELECT a FROM t") { rows in for try await _ in rows { break } }
                await #expect(throws: Stop.self) {
                    try await database.withRows(of: "SELECT a FROM t") { rows in
                        for try await _ in rows { throw Stop() }
                    }
                }
                // A statement that still ran would keep the table, and the log.
                try await database.run("DROP TABLE t; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
                try await database.checkpoint(truncating: true)
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 3)
        }
    }

    @Test("the body may run statements, the same one as well, and others' wait")
    func interleaved() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3)")
            try await database.write { connection in
                var seen: [SQLValue] = []
                let query: SQLQuery = "SELECT a FROM t WHERE a < 10"
                try await connection.withRows(of: query) { rows in
                    for try await row in rows {
                        seen.append(row.values[0])
                        #expect(try await connection.query(query).count == 3)
                        try await connection.withTransaction { connection in
                            _ = try await connection.execute("INSERT INTO t VALUES (\(100 + seen.count))")
                        }
                    }
                }
                #expect(seen == [.integer(1), .integer(2), .integer(3)])
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 6)
        }
    }

    @Test("a statement that writes is run to its end, however few rows are read")
    func returning() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a INTEGER)")
            try await database.withWriter { connection in
                try await connection.withRows(of: "INSERT INTO t VALUES (1), (2), (3) RETURNING a") { rows in
                    for try await _ in rows { break }
                }
                try await connection.withRows(of: "INSERT INTO t VALUES (4)") { _ in }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 4)
        }
    }

    @Test("a cursor ends at its deadline and with its task, and is refused after its end")
    func limits() async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database in
            await expect(.timeout) {
                try await database.withRows(of: Self.numbers(100_000_000), timeout: .milliseconds(50)) { rows in
                    for try await _ in rows {}
                }
            }
            let began = Began()
            let task = Task {
                try await database.withRows(of: Self.numbers(100_000_000)) { rows in
                    for try await _ in rows { began.set() }
                }
            }
            await began.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let escaped = try await database.withRows(of: "SELECT 1") { $0 }
            await #expect(throws: SQLiteError.self) { for try await _ in escaped {} }
            #expect(try await database.rows("SELECT 1") == [[.integer(1)]])
        }
    }

    @Test("an error in the middle of the rows reaches the body")
    func failing() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1), (-9223372036854775808)")
            await expect(.other) {
                try await database.withRows(of: "SELECT abs(a) FROM t") { rows in for try await _ in rows {} }
            }
        }
    }

    @Test("a second iterator is refused, because the first one has read ahead")
    func secondIterator() async throws {
        try await withDatabase { database in
            try await database.withRows(of: "SELECT 1 UNION ALL SELECT 2") { rows in
                var first = rows.makeAsyncIterator()
                let one = try await first.next()?.values
                #expect(one == [.integer(1)])
                var second = rows.makeAsyncIterator()
                await expect(.misuse) { try await second.next() }
                let (two, end) = (try await first.next()?.values, try await first.next())
                #expect(two == [.integer(2)])
                #expect(end == nil)
            }
        }
    }
}

/// The memory of this process that is in use, in KiB.
func residentKiB() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4
}
