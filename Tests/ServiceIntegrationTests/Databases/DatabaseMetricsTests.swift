import ConnectionPool
import Foundation
import SQLDatabase
import SQLiteBackend
import ServiceIntegration
import ServiceMetrics
import Testing

/// Lends a SQLite file of its own.
func withSQLite(
    observer: (any PoolObserver)? = nil, instrumentation: SQLInstrumentation = .none, readers: Int = 2,
    acquireTimeout: Duration = .seconds(30), _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("glue-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let database = try SQLiteDatabase(
        SQLiteConfiguration(path: folder + "/a.sqlite", readers: readers, acquireTimeout: acquireTimeout),
        observer: observer, instrumentation: instrumentation)
    do {
        try await body(database)
    } catch {
        await database.shutdown()
        throw error
    }
    await database.shutdown()
}

@Suite("Metrics of databases") struct DatabaseMetricsTests {
    @Test func `what a pool does is counted by counters and what it is shows in gauges`() async throws {
        try await withSQLite { database in
            let registry = MetricRegistry()
            try PoolMetrics([(name: "writer", read: { database.writer.statistics })]).register(in: registry)
            for _ in 0..<3 { try await database.write { _ in } }
            try await database.write { _ in
                let text = registry.text()
                #expect(text.contains("# TYPE db_pool_leases_total counter"))
                #expect(text.contains(#"db_pool_leases_total{pool="writer"} 4"#))
                #expect(text.contains(#"db_pool_connections_created_total{pool="writer"} 1"#))
                #expect(text.contains("# TYPE db_connections_active gauge"))
                #expect(text.contains(#"db_connections_active{pool="writer"} 1"#))
                #expect(text.contains(#"db_connections_max{pool="writer"} 1"#))
                #expect(text.contains(#"db_pool_utilisation_ratio{pool="writer"} 1"#))
            }
            #expect(registry.text().contains(#"db_connections_active{pool="writer"} 0"#))
            #expect(throws: MetricError.self) { try PoolMetrics([]).register(in: registry) }
        }
    }

    @Test func `connections are timed while they are made, waited for and used`() async throws {
        let registry = MetricRegistry()
        try await withSQLite { database in
            try PoolMetrics([(name: "writer", read: { database.writer.statistics })]).register(in: registry)
            for _ in 0..<3 { try await database.write { _ in } }
            for name in ["create", "wait", "use"] {
                let count = name == "create" ? 1 : 3
                for format in [ExpositionFormat.prometheusText, .openMetrics] {
                    let text = registry.text(format)
                    #expect(text.contains("# TYPE db_connection_\(name)_seconds histogram"))
                    #expect(text.contains(#"db_connection_\#(name)_seconds_bucket{pool="writer",le="30"#))
                    #expect(text.contains(#"db_connection_\#(name)_seconds_bucket{pool="writer",le="+Inf"} \#(count)"#))
                    #expect(text.contains(#"db_connection_\#(name)_seconds_count{pool="writer"} \#(count)"#))
                }
                #expect(
                    registry.observations(of: "db_connection_\(name)_seconds")?.counts.reduce(0, +) == UInt64(count))
            }
            await database.shutdown()
            #expect(
                registry.text().contains(#"db_pool_connections_closed_total{pool="writer",reason="shutdown"} 1"#))
        }
    }

    @Test func `statements are timed by operation, failures counted by cause`() async throws {
        let registry = MetricRegistry()
        let metrics = try StatementMetrics(registry: registry)
        let instrumentation = SQLInstrumentation(
            observer: metrics.observer("wards"), slowStatement: .nanoseconds(1), traces: false)
        try await withSQLite(instrumentation: instrumentation) { database in
            try await database.write { try await $0.executeScript("CREATE TABLE t (a INTEGER PRIMARY KEY)") }
            try await database.write { try await $0.execute("INSERT INTO t VALUES (1)") }
            await #expect(throws: SQLiteError.self) {
                try await database.write { try await $0.execute("INSERT INTO t VALUES (1)") }
            }
            _ = try await database.read { try await $0.query("SELECT a FROM t") }
        }
        let text = registry.text()
        #expect(text.contains(#"db_query_duration_seconds_count{database="wards",operation="INSERT"} 2"#))
        #expect(text.contains(#"db_query_errors_total{database="wards",error="uniqueViolation"} 1"#))
        #expect(text.contains(#"db_slow_queries_total{database="wards"}"#))
        let selects = #"db_query_duration_seconds_count{database="wards",operation="SELECT"}"#
        #expect(text.contains(selects))
    }
}
