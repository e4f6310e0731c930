import ConnectionPool

final class Line: Sendable {}

/// The smallest backend.
struct Lines: ConnectionBackend {
    func connect() async throws -> Line { Line() }
    func validate(_ connection: Line) async throws {}
    func close(_ connection: Line) async {}
}

let pool = try Pool(backend: Lines(), configuration: PoolConfiguration(size: 2))
try await pool.withConnection { print($0) }
print(pool.statistics.leases)
await pool.shutdown()
