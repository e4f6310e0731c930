import ConnectionPool
import InMemoryTracing
import Logging
import SQLDatabase
import TestServers
import Testing
import Tracing

@testable import PostgresBackend

@Suite(needsServer) struct ObservingTests {
    struct Recorder: SQLObserver {
        let reports = Guarded<[SQLStatementReport]>([])
        func sql(didRun statement: SQLStatementReport) { reports.with { $0.append(statement) } }
    }

    struct Lines: LogHandler {
        let lines: Guarded<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            lines.with { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    private func run(
        slow: Duration, level: Logger.Level = .trace, _ body: (PostgresDatabase) async throws -> Void
    ) async throws -> (reports: [SQLStatementReport], lines: [String]) {
        let server = try await PostgresServer.shared()
        let recorder = Recorder()
        let lines = Guarded<[String]>([])
        let logger = Logger(label: "test") { _ in Lines(lines: lines, logLevel: level) }
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn()),
            poolConfiguration: PoolConfiguration(size: 1, maxOverflow: 0),
            instrumentation: SQLInstrumentation(observer: recorder, logger: logger, slowStatement: slow))
        try await body(database)
        await database.shutdown()
        return (recorder.reports.with { $0 }, lines.with { $0 })
    }

    @Test func `a slow statement is logged with its fingerprint and without its parameters`() async throws {
        let (reports, lines) = try await run(slow: .milliseconds(50)) { database in
            _ = try await database.query("SELECT pg_sleep(\(0.1)::float8), \("hunter2")::text, 'swordfish'")
        }
        let report = try #require(reports.first { $0.operation == "SELECT" })
        #expect(report.isSlow)
        #expect(report.duration >= .milliseconds(100))
        #expect(report.rows == 1)
        let line = try #require(lines.first { $0.contains("slow statement") })
        #expect(line.contains(report.fingerprint.digest))
        #expect(!line.contains("hunter2") && !line.contains("swordfish"))
    }

    @Test func `at debug level every statement is logged as a slow one is, at info level none`() async throws {
        for level in [Logger.Level.debug, .info] {
            let (reports, lines) = try await run(slow: .seconds(10), level: level) { database in
                _ = try await database.query("SELECT \("hunter2")::text, 'swordfish'")
                await #expect(throws: PostgresError.self) { try await database.query("SELECT 1 / 0") }
            }
            let told = lines.filter { $0.hasPrefix("debug statement ") }
            #expect(told.count == (level == .debug ? reports.count : 0))
            #expect(told.isEmpty || told.contains { $0.contains("dataError") })
            #expect(!lines.contains { $0.contains("hunter2") || $0.contains("swordfish") || $0.contains("slow") })
        }
    }

    @Test func `the wait for the pool and the failure are told`() async throws {
        let (reports, _) = try await run(slow: .seconds(10)) { database in
            async let first: Void = database.withConnection { _ = try await $0.query("SELECT pg_sleep(1)") }
            try await waitUntil { database.pool.statistics.inUse == 1 }
            await #expect(throws: PostgresError.self) { try await database.query("SELECT 1 / 0") }
            try await first
        }
        let failed = try #require(reports.first { $0.errorType != nil })
        #expect(failed.errorType == "dataError")
        #expect(failed.statusCode == "22012")
        #expect(failed.poolWait > .milliseconds(50))
        #expect(!failed.isSlow)
    }

    @Test func `a batch is one report with the number of its statements`() async throws {
        let (reports, lines) = try await run(slow: .seconds(10)) { database in
            try await database.withConnection { connection in
                _ = try await connection.pipeline(["SELECT 1", "SELECT 2"])
                try await connection.executeScript("DO $$ BEGIN RAISE WARNING 'mind the step'; END $$")
            }
        }
        #expect(reports.contains { $0.statements == 2 && $0.rows == 2 })
        #expect(lines.contains { $0.hasPrefix("warning mind the step") })
    }

    @Test func `a statement gets a span by the field's names, under the caller's span, without its values`()
        async throws
    {
        let server = try await PostgresServer.shared()
        let tracer = InMemoryTracer()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn()), instrumentation: SQLInstrumentation(tracer: tracer))
        try await tracer.withSpan("request") { _ in
            _ = try await database.query("SELECT \("hunter2")::text, 'swordfish' FROM pg_class LIMIT 2")
            await #expect(throws: PostgresError.self) { try await database.query("SELECT a FROM nowhere") }
            _ = try await database.withConnection { try await $0.pipeline(["SELECT 1", "SELECT 2"]) }
        }
        await database.shutdown()
        let spans = tracer.finishedSpans
        let request = try #require(spans.first { $0.operationName == "request" })
        let select = try #require(spans.first { $0.operationName == "SELECT pg_class" })
        #expect(select.kind == .client)
        #expect(select.parentSpanID == request.spanID)
        #expect(select.attributes.get("db.system.name") == "postgresql")
        #expect(select.attributes.get("db.namespace") == "postgres")
        #expect(select.attributes.get("server.address") == "127.0.0.1")
        #expect(select.attributes.get("server.port") == .int64(Int64(server.port)))
        #expect(select.attributes.get("db.response.returned_rows") == 2)
        let failed = try #require(spans.first { $0.operationName == "SELECT nowhere" })
        #expect(failed.attributes.get("error.type") == "undefinedObject")
        #expect(failed.attributes.get("db.response.status_code") == "42P01")
        #expect(spans.contains { $0.attributes.get("db.operation.batch.size") == 2 })
        #expect(!spans.contains { "\($0.attributes)".contains("swordfish") || "\($0.attributes)".contains("hunter2") })
    }
}
