import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

@Suite("SQLite sessions between borrowers")
struct SessionResetTests {
    /// Statements that change a session, and a query that shows it.
    static let changes: [(change: String, look: SQLQuery)] = [
        ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys"),
        ("pragma main . foreign_keys ( 0 )", "PRAGMA foreign_keys"),
        ("/* */ PRAGMA/**/foreign_keys=no;", "PRAGMA foreign_keys"),
        ("PRAGMA query_only = ON", "PRAGMA query_only"),
        ("PRAGMA synchronous = OFF", "PRAGMA synchronous"),
        ("PRAGMA cache_size = 7", "PRAGMA cache_size"),
        ("PRAGMA cache_spill = 0", "PRAGMA cache_spill"),
        ("PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers"),
        ("PRAGMA ignore_check_constraints = ON", "PRAGMA ignore_check_constraints"),
        ("PRAGMA case_sensitive_like = ON", "SELECT 'a' LIKE 'A'"),
        ("PRAGMA reverse_unordered_selects = ON", "PRAGMA reverse_unordered_selects"),
        ("PRAGMA legacy_alter_table = ON", "PRAGMA legacy_alter_table"),
        ("PRAGMA max_page_count = 77", "PRAGMA max_page_count"),
        ("PRAGMA analysis_limit = 9", "PRAGMA analysis_limit"),
        ("PRAGMA read_uncommitted = ON", "PRAGMA read_uncommitted"),
        ("PRAGMA secure_delete = FAST", "PRAGMA secure_delete"),
        ("PRAGMA temp_store = MEMORY", "PRAGMA temp_store"),
        ("PRAGMA trusted_schema = ON", "PRAGMA trusted_schema"),
        ("PRAGMA wal_autocheckpoint = 3", "PRAGMA wal_autocheckpoint"),
        ("PRAGMA writable_schema = ON", "PRAGMA writable_schema"),
        ("PRAGMA automatic_index = OFF", "PRAGMA automatic_index"),
        ("PRAGMA cell_size_check = ON", "PRAGMA cell_size_check"),
        ("PRAGMA full_column_names = ON", "PRAGMA full_column_names"),
        ("PRAGMA short_column_names = OFF", "PRAGMA short_column_names"),
        ("PRAGMA threads = 2", "PRAGMA threads"),
        ("ATTACH ':memory:' AS other", "SELECT count(*) FROM pragma_database_list WHERE name = 'other'"),
        ("ATTACH ':memory:' AS \"a\"\"b\"", "SELECT count(*) FROM pragma_database_list WHERE name LIKE 'a_b'"),
        ("CREATE TEMP TABLE x (a)", "SELECT count(*) FROM sqlite_temp_schema"),
        ("CREATE TABLE temp.x (a)", "SELECT count(*) FROM sqlite_temp_schema"),
        ("CREATE TEMP TABLE x AS SELECT * FROM t", "SELECT count(*) FROM sqlite_temp_schema"),
        ("CREATE TEMP VIEW v AS SELECT 1", "SELECT count(*) FROM sqlite_temp_schema"),
        ("CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END", "SELECT count(*) FROM sqlite_temp_schema"),
        ("CREATE TEMP TABLE x (a); CREATE INDEX temp.i ON x (a)", "SELECT count(*) FROM sqlite_temp_schema"),
        ("CREATE VIRTUAL TABLE temp.f USING fts5(x)", "SELECT count(*) FROM sqlite_temp_schema"),
        ("BEGIN; CREATE TEMP TABLE x (a); COMMIT", "SELECT count(*) FROM sqlite_temp_schema"),
        ("BEGIN; INSERT INTO t VALUES (5)", "SELECT count(*) FROM t"),
        ("SAVEPOINT s; INSERT INTO t VALUES (5)", "SELECT count(*) FROM t"),
        ("CREATE TEMP TABLE t (shadow)", "SELECT count(*) FROM pragma_table_info('t') WHERE name = 'shadow'"),
    ]

    @Test("what a borrower changes is gone for the next one", arguments: [false, true])
    func corpus(inMemory: Bool) async throws {
        for (change, look) in Self.changes {
            try await withDatabase(inMemory: inMemory) { database in
                try await database.run("CREATE TABLE t (a)")
                func lookNow() async throws -> [[SQLValue]] {
                    try await database.withWriter { try await $0.query(look).map(\.values) }
                }
                let before = try await lookNow()
                let during = try await database.withWriter { connection in
                    try await connection.executeScript(change)
                    return try await connection.query(look).map(\.values)
                }
                let after = try await lookNow()
                #expect(after == before, "\(change) stays")
                if !(inMemory && during == before) { #expect(during != before, "\(change) has no effect to undo") }
                try await database.run("INSERT INTO t VALUES (1)")
                let count = try await database.integer("SELECT count(*) FROM t")
                #expect(count == 1, "\(change)")
            }
        }
    }

    /// Every setting that SQLite itself lists, with values that it may or may not take.
    private static let values = [
        "0", "1", "2", "7", "-4000", "ON", "OFF", "FAST", "MEMORY", "DELETE", "EXCLUSIVE", "'x'",
    ]

    @Test("no setting that SQLite lists leaks to the next borrower: it is undone or refused", arguments: [false, true])
    func everySetting(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) {
            $0.busyTimeout = .milliseconds(50)
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            // What belongs to the file, and lists whose order or length is SQLite's own matter.
            let ofTheFile: Set = [
                "user_version", "application_id", "schema_version", "data_version", "encoding", "function_list",
                "database_list",
            ]
            let names = try await database.rows("SELECT name FROM pragma_pragma_list ORDER BY name").compactMap { row in
                if case .text(let name) = row[0], !ofTheFile.contains(name) { name } else { nil }
            }
            #expect(names.count > 50)
            func state() async throws -> [String: [[SQLValue]]] {
                try await database.withWriter { connection in
                    var state: [String: [[SQLValue]]] = [:]
                    for name in names + ["temp.cache_size", "main.synchronous"] {
                        guard name != "wal_checkpoint", name != "optimize" else { continue }
                        state[name] = try await connection.query(statement("PRAGMA \(name)")).map(\.values)
                    }
                    state["LIKE"] = try await connection.query("SELECT 'a' LIKE 'A'").map(\.values)
                    return state
                }
            }
            let before = try await state()
            for name in names + ["temp.cache_size", "temp.journal_mode", "main.synchronous"] {
                for value in Self.values {
                    try? await database.withWriter {
                        try await $0.executeScript("PRAGMA \(name) = \(value)", timeout: .milliseconds(200))
                    }
                }
                let after = try await state()
                for (key, value) in after where value != before[key] {
                    Issue.record("PRAGMA \(name) leaves \(key) at \(value), it was \(before[key] ?? [])")
                }
                // A rollback undoes.
                await #expect(throws: CancellationError.self) {
                    try await database.write { connection in
                        try await connection.execute("INSERT INTO t VALUES (1)")
                        throw CancellationError()
                    }
                }
                #expect(try await database.integer("SELECT count(*) FROM t") == 0, "\(name)")
            }
        }
    }

    @Test("a file is kept for one connection only by the closure that prepares it")
    func exclusiveFile() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            for statement in ["PRAGMA locking_mode = EXCLUSIVE", "PRAGMA main.locking_mode('exclusive')"] {
                let error = await expect(.misuse) {
                    try await database.withWriter { try await $0.executeScript(statement) }
                }
                #expect(error?.message.contains("prepares") == true)
            }
            try await database.withWriter { try await $0.executeScript("PRAGMA locking_mode = NORMAL") }
            try await database.run("INSERT INTO t VALUES (1)")
            #expect(try await database.integer("SELECT count(*) FROM t") == 1)
        }
    }

    @Test(
        "settings of the whole process, and those without which the driver cannot keep its word, are refused by name",
        arguments: [
            "soft_heap_limit", "hard_heap_limit", "temp_store_directory", "busy_timeout", "journal_mode",
        ])
    func refused(name: String) async throws {
        for inMemory in [false, true] {
            try await withDatabase(inMemory: inMemory) { database in
                let error = await expect(.misuse) {
                    try await database.withWriter { try await $0.executeScript("PRAGMA \(name) = 0") }
                }
                #expect(error?.message.contains(name) == true)
            }
            // In the closure that prepares connections, too.
            try await withDatabase(
                inMemory: inMemory, prepare: { try $0.execute(statement("PRAGMA \(name) = 0")) }
            ) { database in
                do {
                    _ = try await database.rows("SELECT 1")
                    Issue.record("PRAGMA \(name) was prepared")
                } catch {
                    let cause = (error as? PoolError)?.underlying ?? error
                    #expect((cause as? SQLiteError)?.code == .misuse, "\(error)")
                }
            }
        }
    }

    @Test("a database in memory refuses a setting that could not be undone, and names the closure that may set it")
    func refusedInMemory() async throws {
        try await withDatabase(inMemory: true) { database in
            for name in ["count_changes", "empty_result_callbacks", "page_size", "auto_vacuum", "unheard_of"] {
                let error = await expect(.misuse) {
                    try await database.withWriter { try await $0.executeScript("PRAGMA \(name) = 1") }
                }
                #expect(error?.message.contains(name) == true)
                #expect(error?.message.contains("prepares") == true)
            }
        }
    }

    /// Settings that a closure prepares, how they are seen, and the other value, which a borrower sets.
    static let prepared: [(prepare: String, change: String, look: SQLQuery)] = [
        ("case_sensitive_like = ON", "case_sensitive_like = OFF", "SELECT 'a' LIKE 'A'"),
        ("case_sensitive_like = ON", "cache_size = -4000", "SELECT 'a' LIKE 'A'"),
        ("secure_delete = FAST", "secure_delete = OFF", "PRAGMA secure_delete"),
        ("foreign_keys = OFF", "foreign_keys = ON", "PRAGMA foreign_keys"),
        ("cache_size = 77", "cache_size = 5", "PRAGMA cache_size"),
        ("temp.cache_size = 77", "temp.cache_size = 5", "PRAGMA temp.cache_size"),
        ("temp_store = MEMORY", "temp_store = FILE", "PRAGMA temp_store"),
        ("synchronous = OFF", "synchronous = FULL", "PRAGMA synchronous"),
        ("max_page_count = 77", "max_page_count = 99", "PRAGMA max_page_count"),
        ("journal_size_limit = 77777", "journal_size_limit = 99", "PRAGMA journal_size_limit"),
        ("count_changes = ON", "cache_size = 5", "PRAGMA count_changes"),
        ("recursive_triggers = ON", "recursive_triggers = OFF", "PRAGMA recursive_triggers"),
        ("trusted_schema = ON", "trusted_schema = OFF", "PRAGMA trusted_schema"),
        ("writable_schema = ON", "writable_schema = OFF", "PRAGMA writable_schema"),
        ("short_column_names = OFF", "short_column_names = ON", "PRAGMA short_column_names"),
    ]

    @Test("a reset restores what the closure prepared, not a default", arguments: [false, true])
    func restoresPrepared(inMemory: Bool) async throws {
        for (prepare, change, look) in Self.prepared {
            try await withDatabase(
                inMemory: inMemory, prepare: { try $0.execute(statement("PRAGMA " + prepare)) }
            ) { database in
                func lookNow() async throws -> [[SQLValue]] {
                    try await database.withWriter { try await $0.query(look).map(\.values) }
                }
                let before = try await lookNow()
                try await database.withWriter { try await $0.executeScript("PRAGMA " + change) }
                #expect(try await lookNow() == before, "\(prepare), then \(change)")
            }
        }
    }

    @Test("each reading connection is reset as well")
    func readers() async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.read { connection in
                try await connection.executeScript("PRAGMA query_only = OFF; PRAGMA case_sensitive_like = ON")
                await expect(.readOnly) { try await connection.execute("INSERT INTO t VALUES (1)") }
            }
            #expect(try await database.rows("SELECT 'a' LIKE 'A'") == [[.integer(1)]])
            #expect(try await database.rows("PRAGMA query_only") == [[.integer(1)]])
        }
    }

    @Test(
        "a clean return does not touch the connection",
        arguments: [
            "SELECT 1", "INSERT INTO t VALUES (1)", "PRAGMA table_info(t)", "PRAGMA foreign_keys",
            "PRAGMA user_version = 4",
            "CREATE TABLE IF NOT EXISTS u (a)", "BEGIN; COMMIT", "PRAGMA integrity_check", "VACUUM", "PRAGMA optimize",
            "SELECT * FROM pragma_table_info('t')",
        ])
    func clean(sql: String) async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let before = try await Self.identity(database)
            try await database.withWriter { try await $0.executeScript(sql) }
            #expect(try await Self.identity(database) == before)
        }
    }

    @Test("the settings say when sessions are reset")
    func modes() async throws {
        for (mode, stays, isReopened) in [
            (SQLiteConfiguration.SessionReset.never, true, false), (.whenNeeded, false, false), (.always, false, true),
        ] {
            try await withDatabase {
                $0.sessionReset = mode
            } _: { database in
                let first = try await Self.identity(database)
                #expect(try await (Self.identity(database) != first) == isReopened)
                try await database.withWriter { try await $0.executeScript("PRAGMA recursive_triggers = ON") }
                let after = try await database.withWriter { try await $0.query("PRAGMA recursive_triggers")[0].values }
                #expect((after == [.integer(1)]) == stays)
            }
        }
    }

    @Test("what a reset cannot do safely is refused by name: another journal mode")
    func journalMode() async throws {
        try await withDatabase { database in
            let error = await expect(.misuse) {
                try await database.withWriter { try await $0.executeScript("PRAGMA journal_mode = DELETE") }
            }
            #expect(error?.message.contains("journal_mode") == true)
            try await database.withWriter { try await $0.executeScript("PRAGMA journal_mode = WAL") }
        }
    }

    @Test("foreign keys cannot seem to be switched off inside a transaction")
    func foreignKeysInside() async throws {
        try await withDatabase { database in
            let error = await expect(.misuse) { try await database.run("PRAGMA foreign_keys = OFF") }
            #expect(error?.message.contains("withWriter") == true)
            try await database.run("PRAGMA foreign_keys = ON")
        }
    }

    /// Which of SQLite's objects serves the writer, as a temporary table that only a hook could see would tell.
    private static func identity(_ database: SQLiteDatabase) async throws -> UInt {
        try await database.withWriter { connection in
            try connection.handle.withDatabase { pointer, _ in UInt(bitPattern: pointer) }
        }
    }
}
