import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Connecting through a PgBouncer with the defaults of its package.
@Suite(.enabled(if: PgBouncerServer.canStart, "needs pgbouncer and PostgreSQL's programs")) struct PoolerTests {
    private func withPooler(
        _ mode: PgBouncerServer.PoolMode, _ body: (PgBouncerServer, PostgresServer) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        let pooler = try await PgBouncerServer.start(for: server, mode: mode)
        do {
            try await body(pooler, server)
        } catch {
            await pooler.remove()
            throw error
        }
        await pooler.remove()
    }

    @Test(arguments: PgBouncerServer.PoolMode.allCases.dropLast())
    func `with the mode transactionPooler nothing is sent that it refuses`(mode: PgBouncerServer.PoolMode) async throws
    {
        try await withPooler(mode) { pooler, server in
            let dsn = pooler.dsn(of: server, parameters: ["pooling": "transaction", "application_name": "ward 7"])
            try await withConnection(dsn: dsn) { connection in
                let one = try await connection.query("SELECT 1::int4 AS n")[0].decode("n", as: Int.self)
                #expect(one == 1)
            }
        }
    }

    @Test func `with the mode direct the refusal names the setting to change`() async throws {
        try await withPooler(.transaction) { pooler, server in
            let error = await #expect(throws: PostgresError.self) {
                try await withConnection(dsn: pooler.dsn(of: server)) { _ in }
            }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains(".transactionPooler") == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: [PgBouncerServer.PoolMode.session, .transaction])
    func `a pooler that drops the settings is refused, or declared`(mode: PgBouncerServer.PoolMode) async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let pooler = Pooler(mode: mode, settings: ["ignore_startup_parameters": "extra_float_digits, options"]) { _ in }
        try await pooler.with(dsn) { pooled in
            let name = Pooler.database(of: dsn)
            try await withConnection(dsn: pooled) { connection in
                // The database says that it has its settings from the server.
                _ = try await connection.query("SELECT 1")
            }
            try await server.run(sql: "ALTER DATABASE \(name) RESET vitals.settings")
            for zone in ["UTC", "Asia/Tokyo"] {
                try await server.run(sql: "ALTER DATABASE \(name) SET TimeZone = '\(zone)'")
                // Sessions that the pooler has opened before do not have it yet.
                try await server.run(
                    sql: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
                let error = await #expect(throws: PoolError.self) {
                    try await withDatabase(dsn: pooled) { _ = try await $0.query("SELECT 1") }
                }
                let cause = error?.underlying as? PostgresError
                #expect(cause?.code == .invalidConfiguration, "\(String(describing: error))")
                for word in ["ignore_startup_parameters", "statement_timeout", ".transactionPooler"] {
                    #expect(cause?.message.contains(word) == true)
                }
                try await withConnection({ $0.pooling = .transactionPooler }, dsn: pooled) {
                    _ = try await $0.query("SELECT 1")
                }
            }
        }
    }

    @Test func `a pooler whose server has no such database or user says so`() async throws {
        try await withPooler(.session) { pooler, server in
            for (dsn, code) in [
                (pooler.dsn(of: server, database: "no_such"), PostgresError.Code.unknownDatabase),
                (pooler.dsn(of: server, user: "nobody"), .authenticationFailed),
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await withConnection({ $0.pooling = .transactionPooler }, dsn: dsn) { _ in }
                }
                #expect(error?.code == code, "\(error?.description ?? "")")
            }
        }
    }

    @Test func `a misspelled command gets the server's word on it, and fails alone`() async throws {
        try await withPooler(.transaction) { pooler, server in
            try await withConnection({ $0.pooling = .transactionPooler }, dsn: pooler.dsn(of: server)) { connection in
                for text in ["SELEC 1", "(SELEC 1)", "UPDAT t SET a = 1", "SELEC 1; SELECT 1"] {
                    let query = SQLQuery(unsafe: text)
                    let errors = [
                        await #expect(throws: PostgresError.self) { try await connection.execute(query) },
                        await #expect(throws: PostgresError.self) { try await connection.executeScript(text) },
                        await #expect(throws: PostgresError.self) { try await connection.withRows(of: query) { _ in } },
                    ]
                    for error in errors { #expect(error?.code == .syntax && error?.sqlState == "42601", "\(text)") }
                    let results = try await connection.batch([
                        "SELECT 1 AS n", query, "SET geqo = off", "SELECT 2 AS n",
                    ])
                    #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
                    guard case .failure(let error) = results[2] else { continue }
                    #expect(error.code == .notSupported)
                }
                // What is known to change the session is refused beside it.
                for text in ["SELEC 1; SET geqo = off", "LISTEN a", "DO 'x'", "CALL a()", "SET geqo = off; SELEC 1"] {
                    let error = await #expect(throws: PostgresError.self) { try await connection.executeScript(text) }
                    #expect(error?.code == .notSupported, "\(text)")
                }
            }
        }
    }

    @Test func `a command that a later server may know is refused as not known`() {
        let traits = StatementTraits("REMEMBER everything")
        for (version, isSent) in [(120_000, true), (180_003, true), (190_000, false)] as [(Int32, Bool)] {
            let view = SessionView(
                isInTransaction: false, isPooled: true, isInScope: false, isReadOnly: false, isInReadOnlyScope: false,
                statements: StatementCache(capacity: 8, byteLimit: 1 << 16), hasStandardStrings: true,
                serverVersion: version)
            if isSent {
                #expect(throws: Never.self) { try view.admit(traits) }
            } else {
                let error = #expect(throws: PostgresError.self) { try view.admit(traits) }
                #expect(error?.code == .notSupported && error?.message.contains("not known") == true)
            }
        }
    }

    @Test func `settings that cannot be sent are refused in the mode transactionPooler`() throws {
        let error = #expect(throws: PostgresError.self) {
            try PostgresConfiguration("postgresql://h/db?options=-c%20geqo%3Doff&pooling=transaction")
        }
        #expect(error?.message.contains("ALTER ROLE") == true)
        var configuration = PostgresConfiguration()
        configuration.pooling = .transactionPooler
        configuration.settings = ["search_path": "clinic"]
        #expect(throws: PostgresError.self) { try configuration.validate() }
    }

    @Test func `notifications are refused in the mode transactionPooler`() async throws {
        try await withDatabase(configure: { $0.pooling = .transactionPooler }) { database in
            var events = database.notifications(on: ["a"]).makeAsyncIterator()
            let error = await #expect(throws: PostgresError.self) { try await events.next() }
            #expect(error?.code == .notSupported)
        }
    }
}
