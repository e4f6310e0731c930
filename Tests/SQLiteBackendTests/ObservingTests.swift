import InMemoryTracing
import Logging
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing
import Tracing

@Suite("SQLite under observation")
struct ObservingTests {
    struct Recorder: SQLObserver {
        let reports = Guarded<[SQLStatementReport]>([])
        func sql(didRun statement: SQLStatementReport) { reports.with { $0.append(statement) } }
    }

    private func observed(
        _ instrumentation: SQLInstrumentation, _ body: (SQLiteDatabase) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: folder + "/a.sqlite"), instrumentation: instrumentation)
            try await body(database)
            await database.shutdown()
        }
    }

    @Test("each statement is told, with its wait, its rows and its failure")
    func reports() async throws {
        let recorder = Recorder()
        try await observed(SQLInstrumentation(observer: recorder, slowStatement: .zero, traces: false)) { database in
            try await database.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
            try await database.write { connection in
                try await connection.withSession { session in
                    for number in 1...3 { try session.execute("INSERT INTO t VALUES (\(number))") }
                }
            }
            _ = try await database.rows("SELECT a FROM t WHERE a > \(1)")
            await expect(.uniqueViolation) {
                try await database.write { try await $0.execute("INSERT INTO t VALUES (\(1))") }
            }
        }
        let reports = recorder.reports.with { $0 }
        let select = try #require(reports.first { $0.fingerprint.text.hasPrefix("SELECT a FROM t") })
        #expect(select.rows == 2)
        #expect(select.dialect == .sqlite)
        #expect(select.isSlow)
        #expect(select.fingerprint.text == "SELECT a FROM t WHERE a > ?")
        #expect(reports.count { $0.operation == "INSERT" && $0.errorType == nil && $0.rows == 1 } == 3)
        let failed = try #require(reports.first { $0.errorType != nil })
        #expect(failed.errorType == "uniqueViolation")
        #expect(failed.statusCode == "1555")
        #expect(reports.contains { $0.operation == "COMMIT" })
    }

    @Test("a statement gets a span by the field's names, without its values")
    func spans() async throws {
        let tracer = InMemoryTracer()
        try await observed(SQLInstrumentation(tracer: tracer)) { database in
            try await database.run("CREATE TABLE t (a TEXT)")
            try await database.write { try await $0.execute("INSERT INTO t VALUES (\("hunter2"))") }
            await expect(.undefinedObject) { try await database.rows("SELECT 'swordfish' FROM nowhere") }
        }
        let spans = tracer.finishedSpans
        let insert = try #require(spans.first { $0.operationName == "INSERT t" })
        #expect(insert.kind == .client)
        #expect(insert.attributes.get("db.system.name") == "sqlite")
        #expect(insert.attributes.get("db.operation.name") == "INSERT")
        #expect(insert.attributes.get("db.query.text") == "INSERT INTO t VALUES(?)")
        let failed = try #require(spans.first { $0.operationName == "SELECT nowhere" })
        #expect(failed.attributes.get("error.type") == "undefinedObject")
        #expect(failed.status?.code == .error)
        #expect(!spans.contains { "\($0.attributes)".contains("swordfish") || "\($0.attributes)".contains("hunter2") })
    }
}
