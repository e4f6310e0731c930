import SQLDatabase
import SQLiteBackend
import Testing

@Suite("SQLite schema changes")
struct SchemaChangeTests {
    static let schema = """
        CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE child (p INTEGER REFERENCES parent (id) ON DELETE CASCADE);
        INSERT INTO parent VALUES (1, 'a'), (2, 'b');
        INSERT INTO child VALUES (1), (1), (2)
        """
    static let rebuild = """
        CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO parent_new SELECT id, name FROM parent;
        DROP TABLE parent;
        ALTER TABLE parent_new RENAME TO parent
        """

    @Test("a parent table is rebuilt and its children stay", arguments: [false, true])
    func rebuilt(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run(Self.schema)
            try await database.withWriter { connection in
                try await connection.withSchemaChange { _ = try await $0.executeScript(Self.rebuild) }
                #expect(try await connection.query("PRAGMA foreign_keys")[0].values == [.integer(1)])
            }
            #expect(try await database.integer("SELECT count(*) FROM child") == 3)
            await expect(.foreignKeyViolation) { try await database.execute("INSERT INTO child VALUES (9)") }
            await expect(.notNullViolation) { try await database.execute("INSERT INTO parent VALUES (3, NULL)") }
        }
    }

    @Test("the same by hand: the setting before BEGIN, the check before COMMIT, the reset at the return")
    func byHand() async throws {
        try await withDatabase { database in
            try await database.run(Self.schema)
            try await database.withWriter { connection in
                try await connection.executeScript("PRAGMA foreign_keys = OFF")
                try await connection.withTransaction { connection in
                    try await connection.executeScript(Self.rebuild)
                    #expect(try await connection.query("PRAGMA foreign_key_check").isEmpty)
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM child") == 3)
            await expect(.foreignKeyViolation) { try await database.execute("INSERT INTO child VALUES (9)") }
        }
    }

    @Test("a change that leaves rows without their parent is undone and names the tables")
    func broken() async throws {
        try await withDatabase { database in
            try await database.run(Self.schema)
            let error = await expect(.foreignKeyViolation) {
                try await database.withWriter { connection in
                    try await connection.withSchemaChange { connection in
                        try await connection.executeScript(Self.rebuild + "; DELETE FROM parent WHERE id = 1")
                    }
                }
            }
            #expect(error?.message.contains("child") == true)
            #expect(error?.message.contains("parent") == true)
            #expect(try await database.integer("SELECT count(*) FROM parent") == 2)
            await expect(.foreignKeyViolation) { try await database.execute("INSERT INTO child VALUES (9)") }
        }
    }

    @Test("a change after which a parent has no key for its children is undone and says so", arguments: [false, true])
    func unfitting(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run(Self.schema)
            let error = await expect(.foreignKeyViolation) {
                try await database.withWriter { connection in
                    try await connection.withSchemaChange { connection in
                        try await connection.executeScript("DROP TABLE parent; CREATE TABLE parent (name TEXT)")
                    }
                }
            }
            #expect(error?.message.contains("nothing was kept") == true)
            #expect(try await database.integer("SELECT count(*) FROM parent") == 2)
        }
    }

    @Test("inside a transaction it is refused, because SQLite would ignore the setting")
    func inside() async throws {
        try await withDatabase { database in
            try await database.run(Self.schema)
            await expect(.misuse) {
                try await database.write { connection in
                    try await connection.withSchemaChange { _ = try await $0.executeScript(Self.rebuild) }
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM child") == 3)
        }
    }
}
