import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Whose line stands in reports: the caller's, whatever it calls.
@Suite(needsServer) struct SiteTests {
    /// Keeps the places of those that waited too long.
    private struct Recorder: PoolObserver {
        let lines = Guarded<[String]>([])

        func pool(did event: PoolEvent) {
            if case .timedOut(_, let site) = event { lines.with { $0.append(site.description) } }
        }
    }

    @Test func `each way to borrow names its caller, and no child of a loan waits for it`() async throws {
        let server = try await PostgresServer.shared()
        let recorder = Recorder()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn()),
            poolConfiguration: PoolConfiguration(size: 1, maxOverflow: 0, timeout: .milliseconds(10)),
            poolObserver: recorder)
        let lines = try await database.withConnection(timeout: .seconds(30)) { _ in
            var lines: [UInt] = []
            func expect(
                _ code: PoolError.Code, line: UInt = #line, _ call: @Sendable @escaping (UInt) async throws -> Void
            ) async {
                let error = await #expect(throws: PoolError.self) { try await Task { try await call(line) }.value }
                #expect(error?.code == code)
                lines.append(line)
                // In a child task the same would wait for ever.
                let refusal = await #expect(throws: PoolError.self) {
                    async let nested: Void = call(line)
                    try await nested
                }
                #expect(refusal?.code == .nestedAcquire)
                #expect(refusal?.message.contains("SiteTests.swift") == true)
            }
            await expect(.timeout) { _ = try await database.query("SELECT 1", line: $0) }
            await expect(.timeout) { _ = try await database.execute("SELECT 1", line: $0) }
            await expect(.timeout) { _ = try await database.pipeline(["SELECT 1"], line: $0) }
            await expect(.timeout) { _ = try await database.batch(["SELECT 1"], line: $0) }
            await expect(.timeout) { try await database.withRows(of: "SELECT 1", line: $0) { _ in } }
            await expect(.timeout) { try await database.withConnection(line: $0) { _ in } }
            await expect(.timeout) { try await database.withTransaction(line: $0) { _ in } }
            await expect(.timeout) { try await database.read(line: $0) { _ in } }
            await expect(.timeout) { try await database.write(line: $0) { _ in } }
            await expect(.timeout) { try await database.withWriter(line: $0) { _ in } }
            await expect(.timeout) { try await database.notify("ward", line: $0) }
            return lines
        }
        await database.shutdown()
        #expect(recorder.lines.with { $0 } == lines.map { "PostgresBackendTests/SiteTests.swift:\($0)" })
    }
}
