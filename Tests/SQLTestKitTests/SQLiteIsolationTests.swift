import Foundation
import SQLTestKit
import Synchronization
import Testing

private let preparations = Atomic<Int>(0)

private let clinic = SQLiteTemplate { database in
    preparations.add(1, ordering: .relaxed)
    try await database.write {
        try await $0.executeScript(
            "CREATE TABLE wards (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO wards (name) VALUES ('North')")
    }
}

@Suite("A SQLite database for each test", .serialized)
struct SQLiteIsolationTests {
    @Test func `fifty tests at the same time see nothing of each other and leave no file`() async throws {
        let before = preparations.load(ordering: .relaxed)
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await SQLiteTestDatabase.withDatabase(template: clinic) { database in
                        try await database.write {
                            try await $0.execute("INSERT INTO wards (name) VALUES (\("ward \(number)"))")
                        }
                        let rows = try await database.read { try await $0.query("SELECT name FROM wards ORDER BY id") }
                        #expect(try rows.map { try $0.decode(String.self) } == ["North", "ward \(number)"])
                        #expect(FileManager.default.fileExists(atPath: database.configuration.path))
                        return database.configuration.path
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(paths.count == 50)
        #expect(preparations.load(ordering: .relaxed) - before == 1)
        for path in paths {
            for suffix in ["", "-wal", "-shm"] { #expect(!FileManager.default.fileExists(atPath: path + suffix)) }
        }
    }

    @Test func `a database in memory is prepared for each test`() async throws {
        for _ in 0..<3 {
            try await SQLiteTestDatabase.withDatabase(template: clinic, storage: .memory) { database in
                #expect(database.configuration.isInMemory)
                let count = try await database.write { connection in
                    try await connection.execute("INSERT INTO wards (name) VALUES ('South')")
                    return try await connection.query("SELECT count(*) FROM wards")[0].decode(Int.self)
                }
                #expect(count == 2)
            }
        }
    }

    @Test func `a template whose closure fails fails every test that uses it`() async throws {
        let broken = SQLiteTemplate { database in
            try await database.write { try await $0.executeScript("INSERT INTO missing VALUES (1)") }
        }
        for storage in [SQLiteTestDatabase.Storage.file, .file, .memory] {
            let error = await #expect(throws: SQLTestKitError.self) {
                try await SQLiteTestDatabase.withDatabase(template: broken, storage: storage) { _ in }
            }
            #expect(error?.code == .templateFailed)
            #expect(error?.underlying is SQLiteError)
        }
    }

    @Test func `settings are the caller's, the path is not`() async throws {
        let settings = SQLiteConfiguration(path: "/nowhere/wards.sqlite", readers: 1, foreignKeys: false)
        try await SQLiteTestDatabase.withDatabase(configuration: settings) { database in
            #expect(database.configuration.path != settings.path)
            let isOn = try await database.read { try await $0.query("PRAGMA foreign_keys")[0].decode(Int.self) }
            #expect(isOn == 0)
        }
    }
}
