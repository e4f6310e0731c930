public import SQLiteBackend
import SQLDatabase
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// SQLite databases that belong to one test each.
///
/// ```swift
/// try await SQLiteTestDatabase.withDatabase(template: clinic) { database in
///     try await database.write { try await $0.execute("UPDATE wards SET name = \("South") WHERE id = \(1)") }
/// }
/// ```
///
/// Files are in a temporary folder that is removed when the process ends, however it ends.
public enum SQLiteTestDatabase {
    /// Where a test database is kept.
    public enum Storage: Sendable, Hashable {
        /// In a file of its own, a copy of the template's file: readers run beside the writer, as in production.
        case file
        /// In memory, on one connection. The template's closure runs for each database.
        case memory
    }

    private static let templates = TemplateCache<SQLiteDatabase>()
    private static let count = Atomic<Int>(0)

    /// Lends a database that belongs to the body alone and is removed when the body ends.
    /// - Parameters:
    ///   - template: What the database starts with; nothing when `nil`.
    ///   - storage: Where it is kept.
    ///   - configuration: Settings of the database, whose `path` is replaced. By default two readers, and nothing is
    ///     synced to disk.
    ///   - body: Uses the database, which must not leave it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``SQLTestKitError`` when the template failed or the files could not be created;
    ///   `SQLiteError` of the database.
    nonisolated(nonsending) public static func withDatabase<Result>(
        template: SQLiteTemplate? = nil, storage: Storage = .file, configuration: SQLiteConfiguration? = nil,
        _ body: nonisolated(nonsending) (SQLiteDatabase) async throws -> Result
    ) async throws -> Result {
        var settings = configuration ?? defaults
        switch storage {
        case .memory: settings.path = ":memory:"
        case .file:
            settings.path = try newPath()
            if let template {
                let source = try await templates.name(of: template) { try await prepareFile(template) }
                try copy(source, to: settings.path)
            }
        }
        let path = settings.path
        let database: SQLiteDatabase
        do { database = try SQLiteDatabase(settings) } catch {
            remove(path)
            throw error
        }
        do {
            if storage == .memory, let template { try await template.fill(database) }
            let result = try await body(database)
            try await discard(database, path)
            return result
        } catch {
            try? await discard(database, path)
            throw error
        }
    }

    // MARK: Parts

    private static var defaults: SQLiteConfiguration {
        SQLiteConfiguration(path: ":memory:", readers: 2, synchronous: .off)
    }

    private static func newPath() throws -> String {
        "\(try ScratchFolder.shared.get().path)/\(count.add(1, ordering: .relaxed).newValue).sqlite"
    }

    private static func prepareFile(_ template: SQLiteTemplate) async throws -> String {
        var settings = defaults
        settings.path = try newPath()
        let database = try SQLiteDatabase(settings)
        do {
            try await template.fill(database)
        } catch {
            try? await discard(database, settings.path)
            throw error
        }
        // The last connection to close copies the write-ahead log into the file.
        await database.shutdown(drain: .seconds(1))
        return settings.path
    }

    private static func copy(_ source: String, to path: String) throws {
        // A template that wrote nothing has no file.
        guard FileManager.default.fileExists(atPath: source) else { return }
        guard !FileManager.default.fileExists(atPath: source + "-wal") else {
            throw SQLTestKitError(
                .templateFailed,
                "the closure of a template left a connection open, so that the file is not whole; close it in the closure"
            )
        }
        do {
            try FileManager.default.copyItem(atPath: source, toPath: path)
        } catch {
            throw SQLTestKitError(.system, "the template could not be copied to \(path)", underlying: error)
        }
    }

    private static func discard(_ database: SQLiteDatabase, _ path: String) async throws {
        try await shielded {
            await database.shutdown(drain: .seconds(1))
            remove(path)
        }
    }

    private static func remove(_ path: String) {
        guard path != ":memory:" else { return }
        for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}
