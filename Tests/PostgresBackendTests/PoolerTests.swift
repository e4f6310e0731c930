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
