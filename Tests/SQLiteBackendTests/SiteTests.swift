import ConnectionPool
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("SQLite call sites")
struct SiteTests {
    /// Keeps the places of those that waited too long.
    private struct Recorder: PoolObserver {
        let sites = Guarded<[String]>([])

        func pool(did event: PoolEvent) {
            if case .timedOut(_, let site) = event { sites.with { $0.append(site.description) } }
        }
    }

    @Test("each way to borrow names its caller, and no child of a loan waits for it", arguments: [false, true])
    func named(inMemory: Bool) async throws {
        let recorder = Recorder()
        let expected = Guarded<[UInt]>([])
        try await withDatabase(
            inMemory: inMemory,
            {
                $0.readers = 1
                $0.acquireTimeout = .milliseconds(10)
            }, observer: recorder
        ) { database in
            @Sendable func expect(
                line: UInt = #line, nests: Bool = true, _ call: @Sendable @escaping (UInt) async throws -> Void
            ) async {
                let error = await #expect(throws: PoolError.self) {
                    try await Task.detached { try await call(line) }.value
                }
                #expect(error?.code == .timeout)
                expected.with { $0.append(line) }
                guard nests else { return }
                let refusal = await #expect(throws: PoolError.self) {
                    async let nested: Void = call(line)
                    try await nested
                }
                #expect(refusal?.code == .nestedAcquire)
            }
            try await database.withWriter { _ in
                await expect { try await database.write(line: $0) { _ in } }
                await expect { try await database.withTransaction(line: $0) { _ in } }
                await expect { try await database.withWriter(line: $0) { _ in } }
                await expect { try await database.execute("SELECT 1", line: $0) }
            }
            // Within a loan for reading others are served by the connection it has.
            try await database.read { _ in
                await expect(nests: false) { try await database.read(line: $0) { _ in } }
                await expect(nests: false) { _ = try await database.query("SELECT 1", line: $0) }
                await expect(nests: false) { try await database.withRows(of: "SELECT 1", line: $0) { _ in } }
                await expect(nests: false) { _ = try await database.integrityProblems(line: $0) }
            }
        }
        let sites = expected.with { $0.map { "SQLiteBackendTests/SiteTests.swift:\($0)" } }
        #expect(recorder.sites.with { $0 } == sites)
    }
}
