import HealthChecks
import PostgresBackend
import SQLiteBackend
import ServiceIntegration
import TestServers
import Testing

@testable import ConnectionPool

@Suite("Health of databases") struct PoolHealthTests {
    private func look(_ check: HealthCheck) async throws -> HealthReport.Check {
        let registry = HealthRegistry()
        registry.add(check)
        await registry.refresh()
        return try #require(registry.report().checks.first)
    }

    @Test func `a pool that lends is healthy and shows its figures`() async throws {
        try await withSQLite { database in
            let found = try await look(.pool("database", database.writer))
            #expect(found.status == .healthy)
            let details = found.result?.details.map(\.name)
            #expect(
                details == [
                    "pool_size", "checked_out_connections", "overflow", "total", "waiting", "suspected_leaks",
                ])
            #expect(found.result?.details.first?.value == 1)
        }
    }

    @Test func `a pool that is all lent out is degraded, not down`() async throws {
        try await withSQLite { database in
            try await database.write { _ in
                let found = try await look(.pool("database", database.writer, timeout: .milliseconds(400)))
                #expect(found.status == .degraded)
                #expect(found.result?.message?.hasPrefix("saturated: 1 of 1") == true)
            }
            let after = try await look(.pool("database", database.writer))
            #expect(after.status == .healthy)
        }
    }

    @Test(arguments: [false, true])
    func `a database that cannot be reached is unhealthy, with the error's kind, and its text only when asked to`(
        showsErrors: Bool
    ) async throws {
        let port = try TestPort.free()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration("postgresql://app:hunter2@127.0.0.1:\(port)/clinic"),
            poolConfiguration: PoolConfiguration(size: 1, maxOverflow: 0, backoffBase: .milliseconds(10)))
        let found = try await look(
            .pool("database", database.pool, failuresToFail: 1, showsErrors: showsErrors))
        #expect(found.status == .unhealthy)
        let message = try #require(found.result?.message)
        #expect(message.contains("127.0.0.1:\(port) cannot be reached") == showsErrors)
        #expect(message.contains("connectFailed") && !message.contains("hunter2"))
        #expect(showsErrors || message == "connectFailed, PostgresError; the log says more")
        await database.shutdown(drain: .zero)
    }

    @Test func `a database that takes connections and answers nothing is unhealthy, for a free pool is not saturated`()
        async throws
    {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn(host: "127.0.0.1", port: proxy.port)),
            poolConfiguration: PoolConfiguration(size: 2, maxOverflow: 0))
        let registry = HealthRegistry()
        registry.add(.pool("database", database.pool, timeout: .milliseconds(500), failuresToFail: 1))
        await registry.refresh()
        #expect(registry.isReady)
        proxy.blackHole()
        await registry.refresh()
        #expect(registry.report().checks.first?.status == .unhealthy && !registry.isReady)
        proxy.cut()
        await database.shutdown(drain: .zero)
        proxy.stop()
    }

    @Test func `a database that takes no connection in time is unhealthy, not saturated`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        proxy.blackHole()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn(host: "127.0.0.1", port: proxy.port)),
            poolConfiguration: PoolConfiguration(size: 4, maxOverflow: 0))
        let found = try await look(
            .pool("database", database.pool, timeout: .milliseconds(500), failuresToFail: 1))
        #expect(found.status == .unhealthy)
        #expect(
            found.result?.message
                == "no answer: of 4 connections 0 are in use, 1 are being made, 0 checked and 0 closed"
        )
        database.pool.suspend()
        let suspended = try await look(
            .pool("database", database.pool, timeout: .milliseconds(300), failuresToFail: 1))
        #expect(suspended.status == .degraded)
        proxy.cut()
        await database.shutdown(drain: .zero)
        proxy.stop()
    }

    @Test func `a pool is saturated when most is lent, not while callers wait for one to be made`() async throws {
        for (inUse, waiting, expected) in [
            (9, 0, HealthStatus.healthy), (10, 0, .degraded), (10, 1, .degraded), (2, 1, .healthy),
        ] {
            let found = try await look(
                .poolSaturation {
                    var statistics = PoolStatistics()
                    statistics.limit = 10
                    statistics.inUse = inUse
                    statistics.waiting = waiting
                    return statistics
                })
            #expect(found.status == expected)
            #expect(found.result?.message?.hasPrefix("saturated") ?? (expected == .healthy))
        }
    }
}
