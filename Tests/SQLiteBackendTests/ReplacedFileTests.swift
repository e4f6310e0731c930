import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// Another program puts another file where an open database was.
@Suite("SQLite files that are replaced while open", .enabled(if: Python.isAvailable, "no python3"))
struct ReplacedFileTests {
    /// How the other file comes to the path.
    enum Way: String, CaseIterable {
        case renamed, renamedWithLog, removedFirst, movedAway, fileLink, folderLink
    }

    /// What the database has open then.
    enum Use: String, CaseIterable {
        case writer, readers, housekeeper
    }

    @Test(
        "the new file keeps its rows and the old one its own, whatever was open", arguments: Way.allCases, Use.allCases)
    func replaced(way: Way, use: Use) async throws {
        try await withFolder { folder in
            let place = try Place(folder, way)
            let database = try SQLiteDatabase(SQLiteConfiguration(path: place.path, readers: 2))
            try await database.run("CREATE TABLE old (a); INSERT INTO old VALUES (1), (2)")
            if use != .writer { #expect(try await database.integer("SELECT count(*) FROM old") == 2) }
            if use == .housekeeper { try await database.checkpoint() }
            try await database.run("INSERT INTO old VALUES (3)")
            // A connection that is opened later notices as well, before the write.
            if use != .writer { try await eventually { database.statistics.readers?.idle == 2 } }
            try place.replace()

            let error = await expect(.fileReplaced) { try await database.run("INSERT INTO old VALUES (4)") }
            #expect(error?.message.contains(place.path) == true)
            #expect(try await database.integer("SELECT count(*) FROM new") == 2000)
            try await database.run("INSERT INTO new VALUES (2000)")
            #expect(try await database.integer("SELECT count(*) FROM new") == 2001)
            await database.shutdown()
            #expect(try Python.tables(place.path) == "new=2001\nok")
            #expect(try Python.tables(place.old) == "old=3\nok")
        }
    }

    @Test("not noticed before shutdown: the new file keeps its rows all the same", arguments: Way.allCases)
    func unnoticed(way: Way) async throws {
        try await withFolder { folder in
            let place = try Place(folder, way)
            let database = try SQLiteDatabase(SQLiteConfiguration(path: place.path, readers: 2))
            try await database.run("CREATE TABLE old (a); INSERT INTO old VALUES (1), (2), (3)")
            #expect(try await database.integer("SELECT count(*) FROM old") == 3)
            try place.replace()
            await database.shutdown()
            #expect(try Python.tables(place.path) == "new=2000\nok")
            #expect(try Python.tables(place.old) == "old=3\nok")
        }
    }

    @Test("no connection to the new file is opened beside those to the old one: reads and writes see one file")
    func oneFile() async throws {
        for way in Way.allCases {
            try await withFolder { folder in
                let place = try Place(folder, way)
                let database = try SQLiteDatabase(
                    SQLiteConfiguration(
                        path: place.path, readers: 4, busyTimeout: .milliseconds(50), acquireTimeout: .seconds(1)))
                try await database.run("CREATE TABLE old (a); INSERT INTO old VALUES (1)")
                await expect(.fileReplaced) {
                    try await database.write { connection in
                        try await connection.execute("INSERT INTO old VALUES (2)")
                        try place.replace()
                        // A read elsewhere may need a connection that is not open yet.
                        await withTaskGroup(of: Void.self) { group in
                            for _ in 0..<8 {
                                group.addTask {
                                    let read = await Task.detached {
                                        try await database.rows("SELECT count(*) FROM old")
                                    }
                                    .result
                                    if case .success(let rows) = read { #expect(rows == [[.integer(1)]], "\(way)") }
                                }
                            }
                        }
                    }
                }
                #expect(try await database.integer("SELECT count(*) FROM new") == 2000, "\(way)")
                await database.shutdown()
                #expect(try Python.tables(place.path) == "new=2000\nok", "\(way)")
                #expect(try Python.tables(place.old) == "old=1\nok", "\(way)")
            }
        }
    }

    @Test("the log of the old file, which another program holds, is not played into the new one")
    func heldLog() async throws {
        try await withFolder { folder in
            let place = try Place(folder, .renamed)
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: place.path, busyTimeout: .milliseconds(50)))
            try await database.run("CREATE TABLE old (a); INSERT INTO old VALUES (1)")
            let other = try SQLiteDatabase(SQLiteConfiguration(path: place.path))
            try await other.read { reader in
                try await reader.withSnapshot { reader in
                    _ = try await reader.query("SELECT count(*) FROM old")
                    try await database.run("INSERT INTO old VALUES (2)")
                    try place.replace()
                    await expect(.fileReplaced) { try await database.run("INSERT INTO old VALUES (3)") }
                    let error = await expect(.fileReplaced) { try await database.rows("SELECT count(*) FROM new") }
                    #expect(error?.message.contains(place.path + "-wal") == true)
                }
            }
            await other.shutdown()
            #expect(try await database.integer("SELECT count(*) FROM new") == 2000)
            await database.shutdown()
            #expect(try Python.tables(place.path) == "new=2000\nok")
            #expect(try Python.tables(place.old) == "old=2\nok")
        }
    }

    /// A path, the file that comes there, and a name that the old file keeps.
    struct Place {
        let path: String
        let old: String
        private let folder: String
        private let way: Way

        init(_ folder: String, _ way: Way) throws {
            self.folder = folder
            self.way = way
            let files = FileManager.default
            for name in ["r1", "r2"] {
                try files.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: false)
            }
            switch way {
            case .folderLink:
                try files.createSymbolicLink(atPath: folder + "/cur", withDestinationPath: folder + "/r1")
                (path, old) = (folder + "/cur/d.db", folder + "/r1/d.db")
            case .fileLink:
                try files.createSymbolicLink(atPath: folder + "/cur.db", withDestinationPath: folder + "/r1/d.db")
                (path, old) = (folder + "/cur.db", folder + "/r1/d.db")
            default: (path, old) = (folder + "/d.db", folder + "/old.db")
            }
            try Python.make(folder + "/r2/d.db", table: "new", inLog: way == .renamedWithLog)
        }

        func replace() throws {
            let new = folder + "/r2/d.db"
            let files = FileManager.default
            switch way {
            case .renamed, .removedFirst:
                try files.linkItem(atPath: path, toPath: old)
                if way == .removedFirst { try files.removeItem(atPath: path) }
                try #require(rename(new, path) == 0)
            case .renamedWithLog:
                try files.linkItem(atPath: path, toPath: old)
                try #require(rename(new + "-wal", path + "-wal") == 0)
                try? files.removeItem(atPath: path + "-shm")
                try #require(rename(new, path) == 0)
            case .movedAway:
                try #require(rename(path, old) == 0)
                try #require(rename(new, path) == 0)
            case .fileLink, .folderLink:
                let link = folder + (way == .fileLink ? "/cur.db" : "/cur")
                try files.createSymbolicLink(
                    atPath: folder + "/next", withDestinationPath: way == .fileLink ? new : folder + "/r2")
                try #require(rename(folder + "/next", link) == 0)
            }
        }
    }
}
