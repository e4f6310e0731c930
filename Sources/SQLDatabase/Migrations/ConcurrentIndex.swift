/// The index that a statement `CREATE INDEX CONCURRENTLY` builds.
///
/// When the statement fails, PostgreSQL leaves the index behind, marked as invalid: it is maintained and never used.
struct ConcurrentIndex: Sendable {
    /// The index's name as the catalog has it; empty when PostgreSQL is to choose one.
    let name: String
    /// The table's name as the statement has it, with quotes and schema.
    let table: String

    /// Reads a statement; `nil` when it is another one.
    init?(_ statement: MigrationStatement) {
        var lexer = SQLLexer(Array(statement.text.utf8), dialect: .postgres)
        let bytes = lexer.bytes
        func text(_ token: SQLLexer.Token) -> String { String(decoding: bytes[token.range], as: UTF8.self) }
        func word(_ token: SQLLexer.Token) -> String { token.kind == .word ? text(token).uppercased() : "" }

        guard word(lexer.next()) == "CREATE" else { return nil }
        var token = lexer.next()
        if word(token) == "UNIQUE" { token = lexer.next() }
        guard word(token) == "INDEX", word(lexer.next()) == "CONCURRENTLY" else { return nil }
        token = lexer.next()
        if word(token) == "IF" {
            _ = lexer.next()
            _ = lexer.next()
            token = lexer.next()
        }
        if word(token) == "ON" {
            name = ""
        } else {
            name = text(token).unquotedName
            token = lexer.next()
        }
        guard word(token) == "ON" else { return nil }
        token = lexer.next()
        if word(token) == "ONLY" { token = lexer.next() }
        var table = text(token)
        token = lexer.next()
        while text(token) == "." {
            table += "." + text(lexer.next())
            token = lexer.next()
        }
        self.table = table
    }

    enum State: Sendable {
        case missing, valid
        /// The name to use in a statement, with schema and quotes.
        case invalid(String)
    }

    func state(on connection: some SQLConnection) async throws -> State {
        let rows = try await connection.query(
            """
            SELECT i.indisvalid AS valid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indrelid = pg_catalog.to_regclass(\(table)::text) AND c.relname = \(name)::name
            """, timeout: .unlimited)
        guard let row = rows.first else { return .missing }
        return try row.decode("valid") ? .valid : .invalid(try row.decode("name"))
    }

    /// The name that the index will have, with schema and quotes; `nil` when its table does not exist.
    func qualifiedName(on connection: some SQLConnection) async throws -> String? {
        try await connection.query(
            """
            SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(\(name)::name)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = pg_catalog.to_regclass(\(table)::text)
            """, timeout: .unlimited
        ).first?.decode(0, as: String.self)
    }

    /// The names of invalid indexes, at most five.
    static func invalidIndexes(on connection: some SQLConnection) async -> [String] {
        let names = try? await connection.query(
            "SELECT indexrelid::regclass::text FROM pg_catalog.pg_index WHERE NOT indisvalid ORDER BY 1 LIMIT 5",
            timeout: .seconds(10)
        ).decode(String.self)
        return names ?? []
    }
}
