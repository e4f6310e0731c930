import Foundation
import SQLDatabase
import Synchronization
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct ConnectingTests {
    /// The error of an attempt to connect.
    private func failure(_ dsn: String, _ configure: (inout PostgresConfiguration) -> Void = { _ in }) async throws
        -> PostgresError
    {
        let error = await #expect(throws: PostgresError.self) { try await withConnection(configure, dsn: dsn) { _ in } }
        let text = try #require(error).description
        #expect(!text.contains("\n"))
        #expect(!text.contains("secret") && !text.contains("hunter2"))
        return try #require(error)
    }

    @Test func `a server that is not there is reported in one line that names it`() async throws {
        let port = try TestPort.free()
        let error = try await failure("postgresql://app:hunter2@127.0.0.1:\(port)/clinic")
        #expect(error.code == .unreachable)
        #expect(error.message.contains("127.0.0.1:\(port)"))
    }

    @Test func `a wrong password, an unknown user and an unknown database each say so`() async throws {
        let server = try await PostgresServer.shared()
        let password = try await failure(server.dsn(user: "guarded", password: "hunter2"))
        #expect(password.code == .authenticationFailed)
        #expect(password.message.contains("guarded"))
        let missing = try await failure(server.dsn(user: "guarded"))
        #expect(missing.code == .authenticationFailed)
        let user = try await failure(server.dsn(user: "nobody_at_all"))
        #expect(user.code == .authenticationFailed)
        let database = try await failure(server.dsn(database: "no_such_database"))
        #expect(database.code == .unknownDatabase)
        #expect(database.message.contains("no_such_database"))
    }

    @Test func `a server older than 12 is refused, with what to do`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.overwrite(after: "server_version\0", with: "11")
        let error = try await failure(server.dsn(host: "127.0.0.1", port: proxy.port))
        #expect(error.code == .serverTooOld)
        #expect(error.message.contains("runs PostgreSQL 11; 12 is the oldest"))
        proxy.heal()
        try await withConnection({ _ in }, dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { _ in }
    }

    @Test func `an unknown host name is reported as such`() async throws {
        let error = try await failure("postgresql://app@no-such-host.invalid/clinic")
        #expect(error.code == .unreachable)
        #expect(error.message.contains("no-such-host.invalid"))
    }

    @Test func `a server that accepts and says nothing is given up at the deadline`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.blackHole()
        let start = ContinuousClock.now
        let error = try await failure(server.dsn(host: "127.0.0.1", port: proxy.port)) {
            $0.connectTimeout = .milliseconds(200)
        }
        #expect(error.code == .connectTimeout)
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test func `an attempt that is cancelled ends at once`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.blackHole()
        let attempt = Task { try await withConnection(dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { _ in } }
        try await waitUntil { proxy.accepted > 0 }
        attempt.cancel()
        await #expect(throws: CancellationError.self) { try await attempt.value }
    }

    @Test func `the password provider is asked for every connection`() async throws {
        let server = try await PostgresServer.shared()
        let asked = Guarded(0)
        for round in 1...2 {
            let name = try await withConnection(
                {
                    $0.password = .provider {
                        asked.with { $0 += 1 }
                        return "secret"
                    }
                }, dsn: server.dsn(user: "guarded")
            ) { try await $0.query("SELECT current_user::text")[0].decode(0, as: String.self) }
            #expect(name == "guarded")
            #expect(asked.with { $0 } == round)
        }
        struct VaultIsClosed: Error {}
        let error = await #expect(throws: PostgresError.self) {
            try await withConnection(
                { $0.password = .provider { throw VaultIsClosed() } }, dsn: server.dsn(user: "guarded")
            ) { _ in }
        }
        #expect(error?.underlying is VaultIsClosed)
    }

    @Test func `the next host of the list is tried when one is down or has the wrong role`() async throws {
        let server = try await PostgresServer.shared()
        let dead = try TestPort.free()
        let list = [PostgresConfiguration.Host("127.0.0.1", port: dead), .init("127.0.0.1", port: server.port)]
        let port = try await withConnection({ $0.hosts = list }) { try await $0.number("SELECT inet_server_port()") }
        #expect(port == server.port)
        try await withConnection({
            $0.hosts = list
            $0.sessionRole = .readWrite
        }) { _ in }
        try await withConnection({ $0.sessionRole = .preferStandby }) { _ in }
        let error = try await failure(server.dsn()) { $0.sessionRole = .standby }
        #expect(error.code == .wrongServerRole)
    }

    @Test func `what the configuration says is what the session has`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = server.dsn(parameters: [
            "application_name": "ward 7", "statement_timeout": "1234", "lock_timeout": "55",
            "idle_in_transaction_session_timeout": "9000",
        ])
        try await withConnection({ $0.settings = ["search_path": "\"one two\", \"back\\slash\""] }, dsn: dsn) {
            connection in
            let expected = [
                "application_name": "ward 7", "statement_timeout": "1234ms", "lock_timeout": "55ms",
                "idle_in_transaction_session_timeout": "9s", "search_path": "\"one two\", \"back\\slash\"",
            ]
            for (name, value) in expected {
                let sql = "SHOW " + name
                let shown = try await connection.query(SQLQuery(unsafe: sql))[0].decode(0, as: String.self)
                #expect(shown == value)
            }
            #expect(connection.serverVersion >= 120_000)
        }
    }

    @Test func `notices reach their handler`() async throws {
        let seen = Guarded<[PostgresNotice]>([])
        try await withConnection(notices: { notice in seen.with { $0.append(notice) } }) { connection in
            try await connection.executeScript("DO $$ BEGIN RAISE WARNING 'mind the step'; END $$")
        }
        let notice = try #require(seen.with { $0.first })
        #expect(notice.severity == "WARNING")
        #expect(notice.message == "mind the step")
    }
}
