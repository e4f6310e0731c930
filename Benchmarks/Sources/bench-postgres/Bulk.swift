import BenchHarness
import Foundation
import PostgresBackend
import SQLDatabase

/// Many rows in and out.
struct Bulk {
    let database: PostgresDatabase
    static let rows = 100_000

    func prepare() async throws {
        try await database.withConnection {
            try await $0.executeScript(
                "DROP TABLE IF EXISTS bench_bulk; CREATE UNLOGGED TABLE bench_bulk (id int8, name text)")
        }
    }

    private func timed(_ body: (PostgresConnection) async throws -> Void) async throws -> Double {
        try await database.withConnection { connection in
            try await connection.executeScript("TRUNCATE bench_bulk")
            let start = BenchHarness.now()
            try await body(connection)
            return Double(Self.rows) / (Double(BenchHarness.now() - start) / 1e9)
        }
    }

    /// Rows a second through COPY.
    func copyIn() async throws -> Double {
        try await timed { connection in
            try await connection.copyIn("COPY bench_bulk FROM STDIN") { writer in
                for row in 0..<Self.rows {
                    try await writer.write([.integer(Int64(row)), .text("a name of some length")])
                }
            }
        }
    }

    /// Rows a second through `unnest`, a thousand a statement.
    func unnest() async throws -> Double {
        let names = SQLArray(Array(repeating: "a name of some length", count: 1000))
        return try await timed { connection in
            for start in stride(from: 0, to: Self.rows, by: 1000) {
                let ids = SQLArray(start..<start + 1000)
                try await connection.execute(
                    "INSERT INTO bench_bulk SELECT * FROM unnest(\(ids)::int8[], \(names)::text[])")
            }
        }
    }

    /// Rows a second made by the server itself: what storing them costs without a client.
    func server() async throws -> Double {
        try await timed { connection in
            try await connection.execute(
                "INSERT INTO bench_bulk SELECT i, 'a name of some length' FROM generate_series(1, \(Self.rows)::int) i")
        }
    }

    /// Rows a second read one by one.
    func stream() async throws -> Double {
        try await database.withConnection { connection in
            let start = BenchHarness.now()
            var count = 0
            try await connection.withRows(
                of: "SELECT i::int8, 'a name of some length' FROM generate_series(1, \(Self.rows)::int) i"
            ) {
                for try await row in $0 {
                    blackHole(row)
                    count += 1
                }
            }
            return Double(count) / (Double(BenchHarness.now() - start) / 1e9)
        }
    }
}
