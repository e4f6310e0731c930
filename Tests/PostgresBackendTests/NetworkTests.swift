import Foundation
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// A real black hole: a server in a network of its own whose answers, acknowledgements included, no longer come out.
@Suite(
    needsOwnServer,
    .enabled("needs the right to make network namespaces") { await NetworkNamespace.isAvailable() })
struct NetworkTests {
    private func withServer(_ body: (PostgresServer, NetworkNamespace) async throws -> Void) async throws {
        let namespace = try await NetworkNamespace()
        do {
            let server = try await PostgresServer.start(in: namespace)
            do {
                try await body(server, namespace)
            } catch {
                await server.remove()
                throw error
            }
            await server.remove()
        } catch {
            await namespace.remove()
            throw error
        }
        await namespace.remove()
    }

    @Test func `a statement sent into a black hole ends with tcp_user_timeout, long before its deadline`() async throws
    {
        try await withServer { server, network in
            let configure: (inout PostgresConfiguration) -> Void = {
                $0.tcpUserTimeout = .seconds(1)
                $0.connectTimeout = .seconds(1)
                $0.statementTimeout = .seconds(120)
            }
            try await withDatabase(size: 2, dsn: server.dsn(), configure: configure) { database in
                _ = try await database.query("SELECT 1")
                try await network.blackHole()
                let start = ContinuousClock.now
                let error = await #expect(throws: PostgresError.self) { try await database.query("SELECT 1") }
                #expect(error?.code == .connectionLost, "\(error?.message ?? "")")
                #expect(ContinuousClock.now - start < .seconds(30))
                try await network.heal()
                try await waitUntil(.seconds(30)) { (try? await database.query("SELECT 1")) != nil }
            }
        }
    }

    @Test func `a connection that waits for an answer notices by keep-alive that the other end is gone`() async throws {
        try await withServer { server, network in
            let configure: (inout PostgresConfiguration) -> Void = {
                $0.tcpUserTimeout = nil
                $0.keepAliveIdle = .seconds(1)
                $0.keepAliveInterval = .seconds(1)
                $0.keepAliveCount = 2
                $0.statementTimeout = .seconds(120)
            }
            try await withConnection(configure, dsn: server.dsn()) { connection in
                let slow = Task { try await connection.query("SELECT pg_sleep(100)") }
                try await waitUntil {
                    try await server.run(
                        sql:
                            "SELECT count(*) FROM pg_stat_activity WHERE pid = \(connection.backendID) AND wait_event = 'PgSleep'"
                    )
                        == "1"
                }
                // Keep-alive begins when nothing sent is unacknowledged; an acknowledgement may be 200 ms late.
                try await Task.sleep(for: .milliseconds(400))
                try await network.blackHole()
                let start = ContinuousClock.now
                let error = await #expect(throws: PostgresError.self) { try await slow.value }
                #expect(error?.code == .connectionLost, "\(error?.message ?? "")")
                #expect(ContinuousClock.now - start < .seconds(60))
                try await network.heal()
            }
        }
    }
}
