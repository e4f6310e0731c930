import CVitalsLibPQ
import Foundation
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

@Suite(needsOwnServer) struct TLSTests {
    private func isEncrypted(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].decode(
            0, as: Bool.self)
    }

    @Test func `each mode encrypts and trusts as it says`() async throws {
        try await withTLSServer { server, certificates in
            func connect(
                _ mode: PostgresConfiguration.TLSMode, host: String = "localhost", roots: String? = nil
            ) async throws -> Bool {
                try await withConnection(
                    {
                        $0.hosts = [.init(host, port: server.port)]
                        $0.tls = mode
                        $0.tlsRootCertificates = roots
                    }, dsn: server.dsn()
                ) { try await isEncrypted($0) }
            }
            func refused(
                _ mode: PostgresConfiguration.TLSMode, host: String = "localhost", roots: String
            ) async {
                let error = await #expect(throws: PostgresError.self) {
                    try await connect(mode, host: host, roots: roots)
                }
                #expect(error?.code == .tlsFailed, "\(mode) \(host) \(error?.message ?? "")")
            }
            let plain = try await connect(.disable)
            #expect(!plain)
            for mode in [PostgresConfiguration.TLSMode.prefer, .require] {
                let encrypted = try await connect(mode)
                #expect(encrypted, "\(mode)")
            }
            // The authority signed the certificate, which names localhost and no address.
            let byAuthority = try await connect(.verifyCA, host: "127.0.0.1", roots: certificates.authority)
            #expect(byAuthority)
            let byName = try await connect(.verifyFull, roots: certificates.authority)
            #expect(byName)
            await refused(.verifyFull, host: "127.0.0.1", roots: certificates.authority)
            await refused(.verifyCA, roots: certificates.stranger)
            await refused(.verifyFull, roots: certificates.stranger)
            await refused(.verifyCA, roots: "/nowhere/root.crt")
        }
    }

    @Test func `a server without TLS is refused where TLS is required`() async throws {
        let server = try await PostgresServer.shared()
        let error = await #expect(throws: PostgresError.self) {
            try await withConnection({ $0.tls = .require }, dsn: server.dsn()) { _ in }
        }
        #expect(error?.code == .tlsFailed)
        #expect(error?.message.contains("sslmode") == true)
    }

    @Test func `a client shows its certificate`() async throws {
        try await withTLSServer { server, certificates in
            try await server.run(sql: "CREATE ROLE certified LOGIN")
            let rules = "\(try #require(server.directory))/data/pg_hba.conf"
            let old = try String(contentsOfFile: rules, encoding: .utf8)
            try Data(("hostssl all certified 127.0.0.1/32 cert\n" + old).utf8).write(to: URL(fileURLWithPath: rules))
            try await server.run(sql: "SELECT pg_reload_conf()")
            let configure: (inout PostgresConfiguration) -> Void = {
                $0.hosts = [.init("localhost", port: server.port)]
                $0.user = "certified"
                $0.database = "postgres"
                $0.tls = .verifyFull
                $0.tlsRootCertificates = certificates.authority
            }
            let user = try await withConnection(
                {
                    configure(&$0)
                    $0.tlsCertificate = certificates.clientCertificate
                    $0.tlsKey = certificates.clientKey
                }, dsn: server.dsn()
            ) { try await $0.query("SELECT current_user::text")[0].decode(0, as: String.self) }
            #expect(user == "certified")
            let error = await #expect(throws: PostgresError.self) {
                try await withConnection({ configure(&$0) }, dsn: server.dsn()) { _ in }
            }
            #expect(error?.code == .authenticationFailed || error?.code == .tlsFailed)
        }
    }

    @Test func `long answers, streams, pipelines and cancellation work alike under TLS`() async throws {
        try await withTLSServer { server, _ in
            try await withDatabase(size: 1, dsn: server.dsn(), configure: { $0.tls = .require }) { database in
                // Sizes about a TLS record's 16 KB, where bytes may lie decrypted with libpq and no poll sees them.
                for size in [1, 8_191, 16_383, 16_384, 16_385, 100_000, 3_000_000] {
                    let text = try await database.query("SELECT repeat('x', \(size)::int) AS t")[0].decode(
                        0, as: String.self)
                    #expect(text.utf8.count == size)
                }
                try await database.withConnection { connection in
                    var count = 0
                    try await connection.withRows(of: "SELECT i, repeat('y', 100) FROM generate_series(1, 20000) i") {
                        for try await _ in $0 { count += 1 }
                    }
                    #expect(count == 20_000)
                    let results = try await connection.pipeline(
                        (0..<500).map { "SELECT \($0)::int4, repeat('z', 200)" })
                    #expect(results.count == 500)
                }
                for round in 0..<10 {
                    let backend = try await database.withConnection { $0.backendID }
                    let slow = Task { try await database.query("SELECT pg_sleep(30)") }
                    try await waitUntil {
                        try await server.run(
                            sql:
                                "SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend) AND query LIKE '%pg_sleep%' AND state = 'active'"
                        )
                            == "1"
                    }
                    slow.cancel()
                    await #expect(throws: CancellationError.self) { try await slow.value }
                    let answer = try await database.query("SELECT \(round)::int4")[0].decode(0, as: Int.self)
                    #expect(answer == round)
                }
            }
        }
    }

    @Test func `a cancel request is encrypted by a libpq that can, and goes in the clear otherwise`() async throws {
        let version = Int(PQlibVersion())
        // Scripts/test runs this suite once more with a newer libpq, and says from which version on.
        let least = ProcessInfo.processInfo.environment["VITALS_TEST_LIBPQ"].flatMap(Int.init) ?? 0
        #expect(version >= least)
        // What a client begins with: protocol version 3.0, or one of these codes (PostgreSQL, "Message Formats").
        let asksForTLS: UInt32 = 80_877_103
        let cancels: UInt32 = 80_877_102
        try await withTLSServer { server, _ in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.stop() }
            try await withDatabase(
                size: 1, dsn: server.dsn(host: "127.0.0.1", port: proxy.port), configure: { $0.tls = .require }
            ) { database in
                let backend = try await database.withConnection { $0.backendID }
                let slow = Task { try await database.query("SELECT pg_sleep(30)") }
                try await waitUntil {
                    try await server.run(
                        sql: "SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend) AND wait_event = 'PgSleep'")
                        == "1"
                }
                slow.cancel()
                await #expect(throws: CancellationError.self) { try await slow.value }
                // The next borrower of the only connection waits until the request is over.
                let same = try await database.withConnection { connection in
                    try await connection.execute("SELECT 1")
                    return connection.backendID
                }
                #expect(same == backend)
            }
            let codes = proxy.openings.map { $0.prefix(8).suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
            #expect(codes == [asksForTLS, version >= 170_000 ? asksForTLS : cancels])
        }
    }
}
