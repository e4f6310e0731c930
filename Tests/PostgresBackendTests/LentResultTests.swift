import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Rows and bytes that are lent to a closure: one reader, until the closure returns.
@Suite(needsServer) struct LentResultTests {
    private static let count = 60_000
    private static let sql = "SELECT generate_series(1, 60000)::int4"

    private func code(_ body: () async throws -> Void) async -> PostgresError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? PostgresError)?.code
        }
    }

    @Test(arguments: [false, true]) func `of two tasks one reads all and the other is refused`(isInTransaction: Bool)
        async throws
    {
        func read(_ rows: PostgresRows) async -> (count: Int, code: PostgresError.Code?) {
            var count = 0
            let code = await code { for try await _ in rows { count += 1 } }
            return (count, code)
        }
        func readChunks(_ chunks: PostgresCopyChunks) async -> (count: Int, code: PostgresError.Code?) {
            var count = 0
            let code = await code { for try await chunk in chunks { count += chunk.count { $0 == 10 } } }
            return (count, code)
        }
        try await withConnection { connection in
            for _ in 0..<6 {
                if isInTransaction { try await connection.execute("BEGIN") }
                let both = try await connection.withRows(of: SQLQuery(unsafe: Self.sql)) { rows in
                    async let one = read(rows)
                    async let other = read(rows)
                    return await [one, other].sorted { $0.count < $1.count }
                }
                #expect(both[0] == (0, .notSupported) && both[1] == (Self.count, nil), "\(both)")
                let chunks = try await connection.copyOut("COPY (\(Self.sql)) TO STDOUT") { chunks in
                    async let one = readChunks(chunks)
                    async let other = readChunks(chunks)
                    return await [one, other].sorted { $0.count < $1.count }
                }
                #expect(chunks[0] == (0, .notSupported) && chunks[1] == (Self.count, nil), "\(chunks)")
                if isInTransaction { try await connection.execute("COMMIT") }
            }
        }
    }

    @Test func `a second iterator is refused, and the first misses nothing`() async throws {
        try await withConnection { connection in
            try await connection.withRows(of: SQLQuery(unsafe: Self.sql)) { rows in
                var first = rows.makeAsyncIterator()
                var second = rows.makeAsyncIterator()
                #expect(try await first.next()?.decode(0, as: Int.self) == 1)
                #expect(await code { _ = try await second.next() } == .notSupported)
                // A copy reads what the iterator has received, and no further.
                var copy = first
                var last = 1
                while let row = try await first.next() {
                    last += 1
                    #expect(try row.decode(0, as: Int.self) == last)
                }
                #expect(last == Self.count)
                #expect(await code { while try await copy.next() != nil {} } == .notSupported)
                #expect(await code { for try await _ in rows {} } == .notSupported)
                #expect(try await first.next() == nil)
            }
            try await connection.copyOut("COPY (\(Self.sql)) TO STDOUT") { chunks in
                var first = chunks.makeAsyncIterator()
                var second = chunks.makeAsyncIterator()
                var lines = 0
                while let chunk = try await first.next() {
                    lines += chunk.count { $0 == 10 }
                    #expect(await code { _ = try await second.next() } == .notSupported)
                }
                #expect(lines == Self.count)
            }
        }
    }

    @Test func `after the closure nothing more is read`() async throws {
        try await withConnection { connection in
            for stopsEarly in [true, false] {
                var kept: (PostgresRows, PostgresRows.AsyncIterator)?
                try await connection.withRows(of: SQLQuery(unsafe: Self.sql)) { rows in
                    var iterator = rows.makeAsyncIterator()
                    _ = try await iterator.next()
                    if !stopsEarly { while try await iterator.next() != nil {} }
                    kept = (rows, iterator)
                }
                var chunks: (PostgresCopyChunks, PostgresCopyChunks.AsyncIterator)?
                try await connection.copyOut("COPY (\(Self.sql)) TO STDOUT") { lent in
                    chunks = (lent, lent.makeAsyncIterator())
                    if !stopsEarly { for try await _ in lent {} }
                }
                var (rows, lent) = (try #require(kept), try #require(chunks))
                for _ in 0..<2 {
                    #expect(await code { _ = try await rows.1.next() } == .notSupported)
                    #expect(await code { for try await _ in rows.0 {} } == .notSupported)
                    #expect(await code { _ = try await lent.1.next() } == .notSupported)
                    #expect(await code { for try await _ in lent.0 {} } == .notSupported)
                    #expect(try await connection.number("SELECT 7") == 7)
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `a task that still reads when the closure returns ends, and so does the closure`(
        isInTransaction: Bool
    ) async throws {
        try await withConnection { connection in
            for round in 0..<10 {
                if isInTransaction { try await connection.execute("BEGIN") }
                let (signal, started) = AsyncStream<Void>.makeStream()
                let pause = round % 2 == 0 ? "pg_sleep(0.0005)" : "NULL"
                let reader = try await connection.withRows(
                    of: SQLQuery(unsafe: "SELECT generate_series(1, 10000000) AS i, repeat('x', 9000), \(pause)")
                ) { rows in
                    let reader = Task {
                        for try await _ in rows { started.yield() }
                        started.finish()
                    }
                    var seen = signal.makeAsyncIterator()
                    await seen.next()
                    return reader
                }
                await #expect(throws: (any Error).self) { try await reader.value }
                if isInTransaction { try await connection.execute("ROLLBACK") }
                #expect(try await connection.number("SELECT 7") == 7)
            }
        }
    }
}
