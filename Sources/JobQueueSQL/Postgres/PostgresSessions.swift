import ConnectionPool
import PostgresBackend
import SQLDatabase

/// Connections of a job store's own. Their planner is told to use indexes: the tables grow from nothing to millions of
/// rows and back faster than statistics follow, and a plan made for an empty table reads a full one from end to end.
struct SessionBackend: ConnectionBackend {
    let base: PostgresConnectionBackend

    func connect() async throws -> PostgresConnection {
        let connection = try await base.connect()
        do {
            _ = try await connection.query(
                """
                SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
                    set_config('enable_sort', 'off', false), set_config('enable_hashjoin', 'off', false),
                    set_config('enable_mergejoin', 'off', false), set_config('jit', 'off', false),
                    set_config('plan_cache_mode', 'force_generic_plan', false)
                """)
            return connection
        } catch {
            await base.close(connection)
            throw error
        }
    }

    func validate(_ connection: PostgresConnection) async throws { try await base.validate(connection) }
    func isOpen(_ connection: PostgresConnection) -> Bool? { base.isOpen(connection) }
    func returnState(of connection: PostgresConnection) -> ConnectionReturnState { base.returnState(of: connection) }
    func reset(_ connection: PostgresConnection) async throws { try await base.reset(connection) }
    func close(_ connection: PostgresConnection) async { await base.close(connection) }
    func disposition(of error: any Error) -> ConnectionDisposition { base.disposition(of: error) }
    func isPermanent(_ error: any Error) -> Bool { base.isPermanent(error) }
}
