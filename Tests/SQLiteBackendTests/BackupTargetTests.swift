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
}
