import ConnectionPool
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Failures that no waiting mends are reported at once, with the server's words.
@Suite(needsOwnServer) struct PermanentFailureTests {
    /// The cause with which a pool of long patience refuses, and how long that took.
    private func refusal(
        _ dsn: String, _ configure: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws -> PostgresError {
        var configuration = try PostgresConfiguration(dsn)
        configure(&configuration)
        let database = try PostgresDatabase(
            configuration: configuration,
            poolConfiguration: PoolConfiguration(size: 2, maxOverflow: 0, timeout: .seconds(60)))
        let start = ContinuousClock.now
        let error = await #expect(throws: PoolError.self) { try await database.query("SELECT 1") }
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(error?.code == .connectFailed)
        await database.shutdown()
        let cause = try #require(error?.underlying as? PostgresError)
        #expect(!cause.description.contains("hunter2") && !cause.description.contains("secret"))
        #expect(!cause.description.contains("\n"))
        return cause
    }

    private func check(
        _ server: PostgresServer, words: (password: String, role: String, database: String)
    ) async throws {
        try await server.run(sql: "CREATE DATABASE closed ALLOW_CONNECTIONS false")
        try await server.run(sql: "CREATE DATABASE private")
        try await server.run(sql: "REVOKE CONNECT ON DATABASE private FROM PUBLIC")
        try await server.run(sql: "CREATE ROLE plain LOGIN")
        try await server.run(sql: "CREATE ROLE locked NOLOGIN")

        let database = try await refusal(server.dsn(database: "no_such"))
        #expect(database.code == .unknownDatabase && database.sqlState == "3D000")
        #expect(database.message.contains(words.database), "\(database.message)")
        let password = try await refusal(server.dsn(user: "guarded", password: "hunter2"))
        #expect(password.code == .authenticationFailed && password.sqlState == "28P01")
        #expect(password.message.contains(words.password), "\(password.message)")
        let missing = try await refusal(server.dsn(user: "guarded"))
        #expect(missing.code == .authenticationFailed)
        let role = try await refusal(server.dsn(user: "nobody_at_all"))
        #expect(role.code == .authenticationFailed && role.sqlState == "28000")
        #expect(role.message.contains(words.role), "\(role.message)")
        let locked = try await refusal(server.dsn(user: "locked"))
        #expect(locked.code == .authenticationFailed && locked.sqlState == "28000")
        let setting = try await refusal(server.dsn()) { $0.settings = ["no_such_setting": "1"] }
        #expect(setting.code == .invalidConfiguration && setting.sqlState == "42704")
        let value = try await refusal(server.dsn()) { $0.settings = ["work_mem": "lots"] }
        #expect(value.code == .invalidConfiguration && value.sqlState == "22023")
        let option = try await refusal(server.dsn()) { $0.libpqParameters = ["options": "--nonsense"] }
        #expect(option.code == .invalidConfiguration)
        let closed = try await refusal(server.dsn(database: "closed"))
        #expect(closed.sqlState == "55000")
        let refused = try await refusal(server.dsn(database: "private", user: "plain"))
        #expect(refused.code == .permissionDenied && refused.sqlState == "42501")
        let rules = try #require(server.directory) + "/data/pg_hba.conf"
        let old = try String(contentsOfFile: rules, encoding: .utf8)
        try Data(("host all plain 127.0.0.1/32 reject\n" + old).utf8).write(to: URL(fileURLWithPath: rules))
        try await server.run(sql: "SELECT pg_reload_conf()")
        try await waitUntil {
            let error = try await refusal(server.dsn(database: "postgres", user: "plain"))
            return error.code == .authenticationFailed && error.sqlState == "28000"
        }
    }

    @Test func `an unknown database, a wrong password, an unknown role, a refused setting`() async throws {
        let server = try await PostgresServer.start()
        try await check(
            server,
            words: ("password authentication failed", "role \"nobody_at_all\" does not exist", "does not exist"))
        await server.remove()
    }

    /// Whether this machine can make the locale and PostgreSQL's messages are translated.
    private static func canSpeakGerman() async -> Bool {
        guard let folder = await germanLocale() else { return false }
        try? FileManager.default.removeItem(atPath: folder)
        return true
    }

    /// The folder of a locale made for one test, or `nil`.
    private static func germanLocale() async -> String? {
        let folder = FileManager.default.temporaryDirectory.path + "/locale-\(UUID().uuidString.prefix(8))"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let isTranslated = ["/usr/share/locale", "/usr/share/postgresql"].contains {
            let names = try? FileManager.default.contentsOfDirectory(atPath: $0 + "/de/LC_MESSAGES")
            return names?.contains { $0.hasPrefix("postgres-") } == true
        }
        _ = try? await ChildProcess.run(
            "/usr/bin/localedef", ["-i", "de_DE", "-f", "UTF-8", folder + "/de_DE.UTF-8"])
        return isTranslated && FileManager.default.fileExists(atPath: folder + "/de_DE.UTF-8/LC_CTYPE") ? folder : nil
    }

    @Test(
        .enabled("needs localedef and PostgreSQL's German messages") { await canSpeakGerman() })
    func `the same from a server that speaks German`() async throws {
        let folder = try #require(await Self.germanLocale())
        let server = try await PostgresServer.start(
            settings: ["lc_messages": "de_DE.UTF-8"], environment: ["LOCPATH": folder])
        try await check(
            server,
            words: ("Passwort-Authentifizierung", "Rolle »nobody_at_all« existiert nicht", "existiert nicht"))
        await server.remove()
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func `TLS that is required or not trusted`() async throws {
        let server = try await PostgresServer.shared()
        let error = try await refusal(server.dsn()) { $0.tls = .require }
        #expect(error.code == .tlsFailed)
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let encrypted = try await PostgresServer.start(settings: [
            "ssl": "on", "ssl_cert_file": certificates.serverCertificate, "ssl_key_file": certificates.serverKey,
        ])
        for (mode, roots) in [
            (PostgresConfiguration.TLSMode.verifyCA, certificates.stranger), (.verifyFull, certificates.authority),
            (.verifyFull, "/nowhere/root.crt"),
        ] {
            let error = try await refusal(encrypted.dsn(host: "127.0.0.1")) {
                $0.tls = mode
                $0.tlsRootCertificates = roots
            }
            #expect(error.code == .tlsFailed, "\(error.message)")
        }
        await encrypted.remove()
    }

    @Test func `a server that is too old`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.overwrite(after: "server_version\0", with: "11")
        let error = try await refusal(server.dsn(host: "127.0.0.1", port: proxy.port))
        #expect(error.code == .serverTooOld)
    }

    @Test func `a pool whose server is down keeps waiting, and one that was repaired serves again`() async throws {
        let server = try await PostgresServer.start()
        await server.stop()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn(database: "later")),
            poolConfiguration: PoolConfiguration(
                size: 1, maxOverflow: 0, timeout: .seconds(60), backoffCap: .milliseconds(100)))
        let waiting = Task { try await database.query("SELECT 1") }
        try await Task.sleep(for: .milliseconds(300))
        try await server.start()
        // The server is back and has no such database: now there is nothing to wait for.
        let error = await #expect(throws: PoolError.self) { try await waiting.value }
        #expect((error?.underlying as? PostgresError)?.code == .unknownDatabase)
        try await server.run(sql: "CREATE DATABASE later")
        try await waitUntil { (try? await database.query("SELECT 1")) != nil }
        await database.shutdown()
        await server.remove()
    }

    @Test func `a provider that fails is not taken for a wrong password`() async throws {
        struct VaultIsSealed: Error {}
        let server = try await PostgresServer.shared()
        let calls = Guarded(0)
        try await withDatabase(
            size: 1, dsn: server.dsn(user: "guarded"),
            configure: {
                $0.password = .provider {
                    let call = calls.with { count in
                        count += 1
                        return count
                    }
                    if call < 4 { throw VaultIsSealed() }
                    return "secret"
                }
            }, pool: { $0.backoffBase = .milliseconds(10) }
        ) { database in
            _ = try await database.query("SELECT 1")
            #expect(calls.with { $0 } >= 4)
        }
    }
}
