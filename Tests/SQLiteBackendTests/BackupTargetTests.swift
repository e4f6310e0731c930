import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

@Suite("Where a SQLite backup may go")
struct BackupTargetTests {
    @Test("a backup onto the database itself is refused by every name before anything is touched")
    func ownPath() async throws {
        try await withFolder { folder in
            let path = folder + "/live.sqlite"
            let files = FileManager.default
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            try files.createSymbolicLink(atPath: folder + "/soft", withDestinationPath: path)
            try files.createSymbolicLink(atPath: folder + "/softly.part", withDestinationPath: path)
            try files.createSymbolicLink(atPath: folder + "/folder", withDestinationPath: folder)
            try files.linkItem(atPath: path, toPath: folder + "/hard")
            let inode = try files.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
            for target in [
                path, folder + "/./live.sqlite",
                folder + "/../" + (folder as NSString).lastPathComponent + "/live.sqlite",
                folder + "//live.sqlite", folder + "/soft", folder + "/hard", folder + "/folder/live.sqlite",
                path + "-wal", path + "-shm", path + "-journal", folder + "/folder/live.sqlite-journal",
                folder + "/softly", "",
            ] {
                await expect(.misuse) { try await database.backup(to: target) }
            }
            #expect(try files.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == inode)
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
            try await database.backup(to: folder + "/copy.sqlite")
            await database.shutdown()
        }
    }

    @Test("a database whose name ends in .part is not removed by a backup beside it")
    func part() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/a.part"))
            try await database.run("CREATE TABLE t (a)")
            await expect(.misuse) { try await database.backup(to: folder + "/a") }
            #expect(FileManager.default.fileExists(atPath: folder + "/a.part"))
            await database.shutdown()
        }
    }

    @Test("a backup replaces a file and nothing else", arguments: [false, true])
    func noFile(inMemory: Bool) async throws {
        try await withFolder { folder in
            try await withDatabase(inMemory: inMemory) { database in
                try await database.run("CREATE TABLE t (a)")
                let files = FileManager.default
                try files.createDirectory(atPath: folder + "/folder", withIntermediateDirectories: false)
                try files.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/elsewhere")
                try #require(mkfifo(folder + "/pipe", 0o600) == 0)
                for target in ["/folder", "/link", "/pipe"] {
                    let error = await expect(.misuse) { try await database.backup(to: folder + target) }
                    #expect(error?.message.contains(folder + target) == true)
                }
                await expect(.misuse) { try await database.backup(to: "/dev/null") }
                #expect(Set(try files.contentsOfDirectory(atPath: folder)) == ["folder", "link", "pipe"])
            }
        }
    }

    @Test("two backups to one path at the same time: one is written, the other is refused by name")
    func atOnce() async throws {
        try await withFolder { folder in
            try await withDatabase { database in
                try await database.run(
                    """
                    CREATE TABLE t (a);
                    INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                    SELECT randomblob(500) FROM n
                    """)
                let target = folder + "/copy.sqlite"
                // What an interrupted backup left is used.
                try Data("left".utf8).write(to: URL(fileURLWithPath: target + ".part"))
                let written = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            do { try await database.backup(to: target) } catch let error as SQLiteError {
                                #expect(error.code == .misuse)
                                #expect(error.message.contains("another backup to \(target)"))
                                return false
                            } catch {
                                Issue.record("\(error)")
                            }
                            return true
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(written >= 1)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["copy.sqlite"])
                let copy = try SQLiteDatabase(SQLiteConfiguration(path: target))
                #expect(try await copy.integer("SELECT count(*) FROM t") == 2000)
                await copy.shutdown()
            }
        }
    }

    @Test("a folder that is not there is named as the target's", arguments: [false, true])
    func missingFolder(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            let error = await expect(.cannotOpen) { try await database.backup(to: "/nowhere/at/all.sqlite") }
            #expect(error?.message.contains("/nowhere/at") == true)
            #expect(error?.message.contains(database.configuration.path) == false)
        }
    }

    @Test("a name that SQLite would take for a URI or for a database in memory is the name of a file")
    func names() async throws {
        try await withFolder { folder in
            let links = FileManager.default.currentDirectoryPath
            // Relative to the process's folder, which tests share, so with a name of its own.
            for beginning in ["file:", ":memory:"] {
                let name = beginning + (folder as NSString).lastPathComponent + "?mode=memory"
                defer {
                    // The write-ahead log stays where the last connection to close was a reader.
                    for ending in ["", ".part", "-wal", "-shm"] {
                        try? FileManager.default.removeItem(atPath: name + ending)
                    }
                }
                try await withDatabase { database in
                    try await database.run("CREATE TABLE t (a)")
                    try await database.backup(to: name)
                }
                #expect(FileManager.default.fileExists(atPath: links + "/" + name))
                let copy = try SQLiteDatabase(SQLiteConfiguration(path: name, createsFile: false))
                #expect(try await copy.integer("SELECT count(*) FROM t") == 0)
                await copy.shutdown()
            }
        }
    }
}
