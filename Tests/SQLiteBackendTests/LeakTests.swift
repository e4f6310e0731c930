import ConnectionPool
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("SQLite leaks")
struct LeakTests {
    struct Recorder: PoolObserver {
        let sites = Guarded<[String]>([])
        func pool(did event: PoolEvent) {
            if case .suspectedLeak(_, let site) = event { sites.with { $0.append(site.description) } }
        }
    }

    @Test("a loan that does not end is reported with the caller's file and line", arguments: [false, true])
    func reported(inMemory: Bool) async throws {
        let recorder = Recorder()
        try await withDatabase(
            inMemory: inMemory, { $0.leakThreshold = .milliseconds(50) }, observer: recorder
        ) { database in
            let house = Task { await database.run() }
            @Sendable func isReported(_ line: Int) -> Bool {
                recorder.sites.with { $0.contains { $0.hasSuffix("LeakTests.swift:\(line)") } }
            }
            var line = #line + 1
            try await database.write { [line] _ in try await eventually { isReported(line) } }
            line = #line + 1
            try await database.withWriter { [line] _ in try await eventually { isReported(line) } }
            line = #line + 1
            try await database.read { [line] _ in try await eventually { isReported(line) } }
            house.cancel()
            await house.value
            await expectShutdown(database)
        }
    }
}
