import Foundation
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// Connections that are lost at any byte of a run.
@Suite(needsPostgres) struct MigratorLossTests {
    private static let migrations = [
        Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (id bigint)"),
        Migration(id: 2, name: "code", version: "1") { try await $0.execute("INSERT INTO wards VALUES (\(1))") },
        .batches(id: 3, name: "batches", version: "1") { batch in
            try await batch.connection.execute("INSERT INTO wards VALUES (\(batch.completed + 2))")
            return batch.completed == 2 ? .finished : .next(checkpoint: "\(batch.completed)")
        },
        Migration(id: 4, name: "index", statements: "CREATE INDEX CONCURRENTLY w ON wards (id)", transaction: .none),
    ]

    @Test func `every error is one of the migrator's, and the next runs complete what is missing`() async throws {
        let server = try await PostgresServer.shared()
        var random = SplitMix64(seed: 11)
        var named = 0
        for round in 0..<5 {
            let dsn = try await server.makeDatabase()
            let proxy = try FaultProxy(to: server.port)
            let detour = dsn.replacingOccurrences(of: ":\(server.port)/", with: ":\(proxy.port)/")
            let migrator = try Migrator(namespace: "t", migrations: Self.migrations, acquireTimeout: .seconds(2))
            for _ in 0..<3 {
                proxy.heal()
                try await withPostgres(size: 1, dsn: detour) { database in
                    proxy.cut(afterBytes: Int.random(in: 500...9000, using: &random))
                    do {
                        try await migrator.migrate(database)
                    } catch let error as MigrationError {
                        if error.migrationID != nil { named += 1 }
                        #expect(
                            error.migrationID != nil || error.message.contains("of t could not be read"), "\(error)")
                    } catch {
                        Issue.record("round \(round): \(error)")
                    }
                }
            }
            proxy.stop()
            try await withPostgres(dsn: dsn) { database in
                try await migrator.migrate(database)
                try await expectCount(4, "SELECT count(DISTINCT id) FROM wards", in: database)
                try await expectCount(4, "SELECT count(*) FROM wards", in: database)
                try await expectCount(
                    1, "SELECT count(*) FROM pg_index WHERE indexrelid = 'w'::regclass AND indisvalid", in: database)
            }
        }
        #expect(named > 0)
    }
}
