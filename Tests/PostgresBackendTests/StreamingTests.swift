import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct StreamingTests {
    @Test func `a long result streams in order and leaves the connection free`() async throws {
        try await withConnection { connection in
            var sum = 0
            try await connection.withRows(
                of: "SELECT i, repeat('x', 200) AS pad FROM generate_series(1, \(20_000)::int) i"
            ) {
                for try await row in $0 { sum += try row.decode("i", as: Int.self) }
            }
            #expect(sum == 20_000 * 20_001 / 2)
            let answer = try await connection.number("SELECT 7")
            #expect(answer == 7)
        }
    }

    @Test func `a body that stops early cancels the statement`() async throws {
        try await withConnection { connection in
            let first = try await connection.withRows(of: "SELECT generate_series(1, 100000000) AS i") { rows in
                var iterator = rows.makeAsyncIterator()
                return try await iterator.next()?.decode(0, as: Int.self)
            }
            #expect(first == 1)
            let start = ContinuousClock.now
            let answer = try await connection.number("SELECT 7")
            #expect(answer == 7)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func `an error in mid stream is thrown where the rows end`() async throws {
        try await withConnection { connection in
            var count = 0
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withRows(of: "SELECT 1000 / (5000 - i) AS n FROM generate_series(1, 6000) i") {
                    for try await _ in $0 { count += 1 }
                }
            }
            #expect(error?.code == .dataError)
            #expect(error?.sqlState == "22012")
            let answer = try await connection.number("SELECT 7")
            #expect(answer == 7)
        }
    }

    @Test func `a statement inside an open stream is refused instead of hanging`() async throws {
        try await withConnection { connection in
            try await connection.withRows(of: "SELECT i FROM generate_series(1, 100000) i") { rows in
                var iterator = rows.makeAsyncIterator()
                _ = try await iterator.next()
                let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
                #expect(error?.code == .busy)
            }
        }
    }

    @Test func `a cancelled reader frees the connection`() async throws {
        try await withConnection { connection in
            let (signal, started) = AsyncStream<Void>.makeStream()
            let reader = Task {
                try await connection.withRows(of: "SELECT generate_series(1, 1000000) AS i, pg_sleep(0.001)") { rows in
                    for try await _ in rows { started.yield() }
                }
            }
            var seen = signal.makeAsyncIterator()
            await seen.next()
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
            let answer = try await connection.number("SELECT 7")
            #expect(answer == 7)
        }
    }

    @Test func `rows go in and come out by COPY`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int, b text, c bytea)")
            let count = try await connection.copyIn("COPY t FROM STDIN") { writer in
                for number in 0..<30_000 {
                    try await writer.write([
                        .integer(Int64(number)), number % 3 == 0 ? .null : .text("tab\t\\ line\n\(number)"),
                        .blob([0, 255]),
                    ])
                }
            }
            #expect(count == 30_000)
            let odd = try await connection.number("SELECT count(*) FROM t WHERE b = E'tab\\t\\\\ line\\n' || a")
            #expect(odd == 20_000)
            var lines = 0
            try await connection.copyOut("COPY t TO STDOUT") { chunks in
                for try await chunk in chunks { lines += chunk.count { $0 == UInt8(ascii: "\n") } }
            }
            #expect(lines == 30_000)
        }
    }

    @Test func `a COPY whose body throws keeps nothing`() async throws {
        struct Stop: Error {}
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int)")
            await #expect(throws: Stop.self) {
                try await connection.copyIn("COPY t FROM STDIN") { writer in
                    for number in 0..<20_000 { try await writer.write([.integer(Int64(number))]) }
                    throw Stop()
                }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN") { try await $0.write([.text("not a number")]) }
            }
            #expect(error?.code == .dataError)
            let count = try await connection.number("SELECT count(*) FROM t")
            #expect(count == 0)
            await #expect(throws: PostgresError.self) { try await connection.query("COPY t FROM STDIN") }
            await #expect(throws: PostgresError.self) { try await connection.executeScript("COPY t FROM STDIN") }
            let again = try await connection.number("SELECT count(*) FROM t")
            #expect(again == 0)
        }
    }

    @Test func `a COPY cut short by cancellation frees the connection`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int)")
            let (signal, started) = AsyncStream<Void>.makeStream()
            let writer = Task {
                try await connection.copyIn("COPY t FROM STDIN") { writer in
                    while true {
                        try await writer.write([.integer(1)])
                        started.yield()
                    }
                }
            }
            var seen = signal.makeAsyncIterator()
            await seen.next()
            writer.cancel()
            await #expect(throws: CancellationError.self) { try await writer.value }
            let count = try await connection.number("SELECT count(*) FROM t")
            #expect(count == 0)
        }
    }
}

/// Rows that come slowly, in a transaction that goes on after its reader has had enough.
@Suite(needsServer) struct SlowStreamTests {
    @Test func `leaving slow rows early leaves the transaction as it is`() async throws {
        try await withDatabase(size: 1) { database in
            try await database.withTransaction { connection in
                try await connection.execute("CREATE TEMPORARY TABLE slow_rows (a int) ON COMMIT DROP")
                try await connection.execute("INSERT INTO slow_rows VALUES (1)")
                // The rest of a fetch takes longer than a cancelled statement may take to end.
                try await connection.withRows(
                    of: "SELECT g, repeat('x', 9000), pg_sleep(0.006) FROM generate_series(1, 2000) g"
                ) { rows in
                    for try await _ in rows { break }
                }
                try await connection.execute("INSERT INTO slow_rows VALUES (2)")
                #expect(try await connection.query("SELECT a FROM slow_rows").count == 2)
            }
        }
    }
}
