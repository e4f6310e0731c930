import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A COPY that has ended, or is to end, before its writer has written all: the writer is told, and the session is free.
@Suite(needsServer) struct CopyEndTests {
    private static let line = Array((String(repeating: "x", count: 999) + "\n").utf8)
    /// Far more rows than fit on the way to the server, so that a writer who is told nothing is found out.
    private static let many = 200_000

    /// Writes on, refused or not. Returns the first errors.
    private nonisolated(nonsending) func refusals(_ writer: PostgresCopyWriter) async -> [any Error] {
        var errors: [any Error] = []
        for _ in 0..<Self.many where errors.count < 3 {
            do { try await writer.write(bytes: Self.line) } catch { errors.append(error) }
        }
        return errors
    }

    @Test(arguments: [false, true])
    func `a writer is told of the row that the server refused`(inTransaction: Bool) async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v int)")
            let error = await #expect(throws: PostgresError.self) {
                nonisolated(nonsending) func copy(_ connection: PostgresConnection) async throws {
                    try await connection.copyIn("COPY t FROM STDIN", timeout: .seconds(20)) { writer in
                        // A body that goes on regardless changes nothing.
                        let codes = await refusals(writer).map { ($0 as? PostgresError)?.code }
                        #expect(codes == [.dataError, .dataError, .dataError])
                    }
                }
                if inTransaction { try await connection.withTransaction(copy) } else { try await copy(connection) }
            }
            #expect(error?.code == .dataError && error?.outcome == .notApplied)
            let count = try await connection.number("SELECT count(*) FROM t")
            #expect(count == 0)
        }
    }

    @Test(arguments: [false, true])
    func `a writer is told of its time limit`(hasBadRow: Bool) async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v \(hasBadRow ? "int" : "text"))")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN", timeout: .milliseconds(150)) { writer in
                    while true { try await writer.write(bytes: Self.line) }
                }
            }
            #expect(error?.code == (hasBadRow ? .dataError : .timeout) && error?.outcome == .notApplied)
            let count = try await connection.number("SELECT count(*) FROM t")
            #expect(count == 0)
        }
    }

    @Test func `a writer is told of its cancellation, whatever it was doing`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v text)")
            for round in 0..<40 {
                let (signal, started) = AsyncStream<Void>.makeStream()
                let task = Task {
                    try await connection.copyIn("COPY t FROM STDIN") { writer in
                        started.finish()
                        while true { try await writer.write(bytes: Self.line) }
                    }
                }
                for await _ in signal {}
                for _ in 0..<(round * 10) { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let count = try await connection.number("SELECT count(*) FROM t")
                #expect(count == 0)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a COPY that is cancelled while it opens ends`(inTransaction: Bool) async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withConnection(dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v text)")
            let backend = Int(connection.backendID)
            // The server waits for rows while its answer is on its way still.
            proxy.delay(.milliseconds(150))
            let task = Task {
                nonisolated(nonsending) func copy(_ connection: PostgresConnection) async throws {
                    try await connection.copyIn("COPY t FROM STDIN") { _ in
                        Issue.record("the body of a COPY that was cancelled before it ran")
                    }
                }
                if inTransaction { try await connection.withTransaction(copy) } else { try await copy(connection) }
            }
            try await withConnection { other in
                try await waitUntil {
                    try await other.number(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE pid = \(backend) AND state = 'active' AND query LIKE 'COPY%' AND wait_event = 'ClientRead'
                        """) == 1
                }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            proxy.heal()
            let count = try await connection.number("SELECT count(*) FROM t")
            #expect(count == 0)
        }
    }

    @Test func `a COPY that is cancelled at any moment leaves its session free`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v text)")
            var random = SplitMix64(seed: 7)
            for _ in 0..<200 {
                let task = Task {
                    try await connection.copyIn("COPY t FROM STDIN") { try await $0.write(bytes: Self.line) }
                }
                try await Task.sleep(for: .microseconds(random.next() % 1200))
                task.cancel()
                do { _ = try await task.value } catch { #expect(error is CancellationError) }
                let start = ContinuousClock.now
                _ = try await connection.query("SELECT 1")
                #expect(ContinuousClock.now - start < .seconds(3))
            }
        }
    }

    @Test func `a COPY that waits for another transaction's row is canceled`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withConnection(dsn: dsn) { other in
            try await other.executeScript("CREATE TABLE t (v text PRIMARY KEY)")
            try await other.executeScript("BEGIN; INSERT INTO t VALUES ('first')")
            try await withConnection(dsn: dsn) { connection in
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.copyIn("COPY t FROM STDIN", timeout: .milliseconds(100)) { writer in
                        try await writer.write([.text("first")])
                        // More than fits on the way to a server that takes none of it.
                        for _ in 0..<Self.many { try await writer.write(bytes: Self.line) }
                    }
                }
                #expect(error?.code == .timeout && error?.outcome == .notApplied)
                let seven = try await connection.number("SELECT 7")
                #expect(seven == 7)
            }
            try await other.execute("ROLLBACK")
        }
    }

    @Test func `a COPY that is lost while its rows are written has kept nothing`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v text)")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN") { writer in
                    try await withConnection {
                        _ = try await $0.query("SELECT pg_terminate_backend(\(Int(connection.backendID)))")
                    }
                    for _ in 0..<Self.many { try await writer.write(bytes: Self.line) }
                }
            }
            #expect(error?.closesConnection == true && error?.outcome == .notApplied)
        }
    }

    @Test func `a COPY whose connection is closed while its rows are written has kept nothing`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (v text)")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN") { writer in
                    await connection.session.close()
                    for _ in 0..<Self.many { try await writer.write(bytes: Self.line) }
                }
            }
            #expect(error?.code == .connectionClosed && error?.outcome == .notApplied)
        }
    }

    @Test func `a reader that is slow to notice its time limit leaves its session free`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withConnection(dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { connection in
            proxy.delay(.milliseconds(40))
            let rows: SQLQuery =
                "SELECT g, repeat('x', 9000), pg_sleep(0.001) FROM generate_series(1, 100000) g"
            let limit = Duration.milliseconds(300)
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withRows(of: rows, timeout: limit) { rows in
                    for try await _ in rows where ContinuousClock.now - start > limit {
                        // Rows were on their way when the limit passed. Longer than the wait for the server's word.
                        try await Task.sleep(for: PostgresSession.confirmationLimit * 2)
                    }
                }
            }
            #expect(error?.code == .timeout)
            proxy.heal()
            let seven = try await connection.number("SELECT 7")
            #expect(seven == 7)
        }
    }
}
