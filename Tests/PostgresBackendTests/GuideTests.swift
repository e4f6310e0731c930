import ConnectionPool
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// The examples of Documentation/Postgres.md, as they stand there.
@Suite(needsServer) struct GuideTests {
    private struct NoBed: Error {}

    @Test func `the guide's examples do what it says`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(dsn),
            poolConfiguration: PoolConfiguration(size: 8))
        try await database.withConnection {
            try await $0.executeScript(
                """
                CREATE TABLE wards (id serial PRIMARY KEY, name text, beds int8, tags text[] DEFAULT '{quiet}');
                INSERT INTO wards (name, beds) VALUES ('North', 1)
                """)
        }

        let ward = "North"
        let rows = try await database.query("SELECT id, beds, tags FROM wards WHERE name = \(ward)")
        let beds = try rows[0].decode("beds", as: Int.self)
        #expect(beds == 1)
        let tags = try rows[0]["tags", as: [String].self]
        #expect(tags == ["quiet"])
        let (names, sizes) = (["South", "East"], [4, 5])
        try await database.execute(
            "INSERT INTO wards (name, beds) SELECT * FROM unnest(\(names)::text[], \(sizes)::int8[])")

        let id = try rows[0].decode("id", as: Int.self)
        func admit() async throws {
            try await database.withTransaction(isolation: .serializable, retry: .standard) { connection in
                let free = try await connection.query("SELECT beds FROM wards WHERE id = \(id)")[0].decode(
                    0, as: Int.self)
                guard free > 0 else { throw NoBed() }
                try await connection.execute("UPDATE wards SET beds = beds - 1 WHERE id = \(id)")
            }
        }
        try await admit()
        await #expect(throws: NoBed.self) { try await admit() }

        try await database.withConnection { connection in
            try await connection.copyIn("COPY wards (name, beds) FROM STDIN") { writer in
                for number in 1...1000 { try await writer.write([.text("ward \(number)"), .integer(12)]) }
            }
            var read: [String] = []
            try await connection.withRows(of: "SELECT id, name FROM wards ORDER BY id") { rows in
                for try await row in rows { read.append(try row.decode("name", as: String.self)) }
            }
            #expect(read.count == 1003)
            #expect(read.last == "ward 1000")
        }

        let heard = Task {
            for try await event in database.notifications(on: ["wards"]) {
                switch event {
                case .listening: try await database.notify("wards", "7")
                case .notification(let note): return note.payload
                case .overflowed(let count): print("\(count) were discarded")
                case .interrupted(let error): throw error
                }
            }
            return ""
        }
        let payload = try await heard.value
        #expect(payload == "7")
        await database.shutdown()
    }

    @Test func `the guide's ways to connect are read as it says`() throws {
        let uri = try PostgresConfiguration(
            "postgresql://app@db1:5432,db2/clinic?sslmode=verify-full&target_session_attrs=read-write")
        let words = try PostgresConfiguration("host=db1,db2 user=app dbname='my clinic' sslmode=verify-full")
        #expect(uri.hosts.map(\.name) == ["db1", "db2"] && words.hosts.map(\.name) == ["db1", "db2"])
        #expect(uri.tls == .verifyFull && uri.sessionRole == .readWrite)
        #expect(words.database == "my clinic" && words.user == "app")

        var code = PostgresConfiguration()
        code.hosts = [.init("db1"), .init("db2", port: 5433)]
        code.user = "app"
        code.totalConnectTimeout = .seconds(20)
        try code.validate()

        var pooled = try PostgresConfiguration("postgresql://app@pgbouncer:6432/clinic")
        pooled.pooling = .transactionPooler
        try pooled.validate()
    }
}
