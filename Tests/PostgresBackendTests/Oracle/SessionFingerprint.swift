import SQLDatabase

@testable import PostgresBackend

/// Everything of a session that its next borrower could notice.
struct SessionFingerprint: Sendable {
    private let lines: Set<String>

    /// The settings that `pg_settings` does not show: those of the corpus' own, and the role.
    private static let hidden =
        ["role", "session_authorization", "app.tenant", "a.b"]
        + ["local", "transaction", "constraints", "session"].map { "\($0).tenant" }

    private static let query: SQLQuery = corpusQuery(
        """
        SELECT 'setting ' || name, setting FROM pg_catalog.pg_settings
            WHERE source <> 'default' OR setting IS DISTINCT FROM boot_val
        UNION ALL SELECT 'setting ' || n, nullif(pg_catalog.current_setting(n, true), '')
            FROM pg_catalog.unnest('{\(hidden.joined(separator: ","))}'::text[]) AS n
        UNION ALL SELECT 'user', current_user || ' of ' || session_user
        UNION ALL SELECT 'lock ' || locktype || ' ' || mode, pg_catalog.count(*)::text FROM pg_catalog.pg_locks
            WHERE pid = pg_catalog.pg_backend_pid() AND locktype <> 'virtualxid'
                AND NOT (locktype = 'relation' AND mode = 'AccessShareLock')
            GROUP BY locktype, mode
        UNION ALL SELECT 'prepared ' || name, statement FROM pg_catalog.pg_prepared_statements WHERE name NOT LIKE 'vitals\\_%'
        UNION ALL SELECT 'cursor ' || name, statement FROM pg_catalog.pg_cursors WHERE name <> ''
        UNION ALL SELECT 'channel', c FROM pg_catalog.pg_listening_channels() AS c
        UNION ALL SELECT 'temporary ' || relkind::text, relname FROM pg_catalog.pg_class
            WHERE relnamespace = pg_catalog.pg_my_temp_schema()
        UNION ALL SELECT 'temporary function', proname FROM pg_catalog.pg_proc
            WHERE pronamespace = pg_catalog.pg_my_temp_schema()
        UNION ALL SELECT 'temporary type', typname FROM pg_catalog.pg_type
            WHERE typnamespace = pg_catalog.pg_my_temp_schema()
        UNION ALL SELECT 'replication origin', 'set up' WHERE pg_catalog.pg_replication_origin_session_is_setup()
        UNION ALL SELECT 'replication slot', slot_name FROM pg_catalog.pg_replication_slots
            WHERE temporary AND active_pid = pg_catalog.pg_backend_pid()
        UNION ALL SELECT 'transaction', 'open' WHERE pg_catalog.now() <> pg_catalog.statement_timestamp()
        """)

    /// Reads the session behind a connection.
    init(of connection: PostgresConnection) async {
        var lines: Set<String> = []
        if connection.transactionStatus != .idle { lines.insert("transaction \(connection.transactionStatus)") }
        do {
            for row in try await connection.query(Self.query) {
                // A setting that is missing and one that is empty are the same to whoever asks.
                guard case .text(let name) = row.values[0], case .text(let value) = row.values[1] else { continue }
                lines.insert("\(name) = \(value.prefix(60))")
            }
        } catch {
            lines.insert("the probe failed: \(error)")
        }
        do {
            _ = try await connection.query("SELECT pg_catalog.lastval()")
            lines.insert("lastval() is defined")
        } catch let error as PostgresError where error.sqlState == "55000" {
        } catch {
            lines.insert("lastval() failed: \(error)")
        }
        self.lines = lines
    }

    /// How this session differs from a fresh one, in a few words; `nil` where it does not.
    func difference(from fresh: SessionFingerprint) -> String? {
        // What a probe that failed does not show is not gone.
        if let failure = lines.first(where: { $0.hasPrefix("the probe failed") }) { return failure }
        let new = lines.subtracting(fresh.lines).sorted()
        let gone = fresh.lines.subtracting(lines).sorted().map { "no \($0)" }
        let all = new + gone
        if all.isEmpty { return nil }
        return all.prefix(3).joined(separator: "; ") + (all.count > 3 ? "; and \(all.count - 3) more" : "")
    }
}
