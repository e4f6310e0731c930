import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Rows that go in by COPY: what is accepted is stored as it is, and the rest is refused.
@Suite(needsServer) struct CopyTests {
    /// Options that leave the text format alone.
    private static let harmless = [
        "", " WITH", " (FORMAT text)", " WITH (format TEXT, FREEZE false)", " WITH (FREEZE off)",
        " WHERE v IS NOT NULL OR true",
        " /* (FORMAT csv) */ -- DELIMITER ','", ";",
    ]
    private static let items = [
        "FORMAT text", "FORMAT csv", "FORMAT \"csv\"", "FORMAT 'csv'", "FORMAT binary", "DELIMITER '|'", "NULL ''",
        "NULL 'x'", "NULL E'\\\\N'", "HEADER", "HEADER false", "ENCODING 'LATIN1'", "ENCODING 'UTF8'", "FREEZE false",
        "QUOTE '$'", "ESCAPE '!'", "FORCE_NULL (v)", "FORCE_NOT_NULL (v)", "FORCE_QUOTE *", "UNHEARD_OF 7",
    ]
    /// The syntax of servers before version 9.0.
    private static let old = [
        " CSV", " WITH CSV", " WITH CSV HEADER", " BINARY", " DELIMITER ','", " WITH DELIMITER AS '|'", " NULL ''",
        " WITH NULL AS 'x'", " USING DELIMITERS ','", " ENCODING 'LATIN1'", " DELIMITER '|' NULL ''", " FREEZE CSV",
        " CSV FORCE NOT NULL v",
    ]
    private static let values: [SQLValue] = [
        .null, .text(""), .text("N"), .text("x"), .text("\\N"), .text("é"), .text("a\tb"), .text("a\\b"), .text("a,b"),
        .text("a|b"), .text("\"q\""), .text("one\ntwo\r"), .text("\\."), .text("$!'"),
    ]

    @Test func `a value is stored as it is, or refused, whatever the options`() async throws {
        var all = Self.harmless + Self.old + Self.items.map { " (\($0))" }
        for one in Self.items { for other in Self.items { all.append(" WITH (\(one), \(other))") } }
        var (stored, refused) = (0, 0)
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (id int GENERATED ALWAYS AS IDENTITY, v text)")
            for (number, options) in all.enumerated() {
                for table in ["t (v)", "BINARY t (v)"].prefix(number == 0 ? 2 : 1) {
                    // Pairs of options meet the values that an option most often changes.
                    let isPair = number >= Self.harmless.count + Self.old.count + Self.items.count
                    for value in isPair ? [.null, .text("x"), .text("é"), .text("a\tb")] : Self.values {
                        let copy = "COPY \(table) FROM STDIN\(options)"
                        do {
                            try await connection.copyIn(copy) { try await $0.write([value]) }
                            let rows = try await connection.query("SELECT v FROM t").map(\.values)
                            #expect(rows == [[value]], "\(copy)")
                            stored += 1
                        } catch let error as PostgresError {
                            #expect(
                                [.notSupported, .syntax, .server, .dataError].contains(error.code), "\(copy): \(error)")
                            let count = try await connection.number("SELECT count(*) FROM t")
                            #expect(count == 0, "\(copy)")
                            #expect(!Self.harmless.contains(options) || table.hasPrefix("BINARY"), "\(copy): \(error)")
                            refused += 1
                        }
                        try await connection.execute("DELETE FROM t")
                    }
                }
            }
        }
        print("COPY: \(stored) stored, \(refused) refused")
        #expect(stored >= Self.harmless.count * Self.values.count && refused > stored)
    }

    @Test func `bytes are sent in the format that the options name`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int, v text)")
            try await connection.copyIn("COPY t FROM STDIN (FORMAT csv, HEADER, ENCODING 'LATIN1')") {
                try await $0.write(bytes: Array("a,v\n1,\"x,y\"\n2,".utf8) + [0xE9, 10])
            }
            let rows = try await connection.query("SELECT v FROM t ORDER BY a").map(\.values)
            #expect(rows == [[.text("x,y")], [.text("é")]])
        }
    }

    @Test func `a writer that outlives its closure is refused`() async throws {
        try await withDatabase(size: 1) { database in
            var kept: PostgresCopyWriter?
            nonisolated(nonsending) func isRefused() async -> Bool {
                var refusals = 0
                do { try await kept?.write([.integer(7)]) } catch {
                    if (error as? PostgresError)?.code == .notSupported { refusals += 1 }
                }
                do { try await kept?.write(bytes: Array("7\n".utf8)) } catch {
                    if (error as? PostgresError)?.code == .notSupported { refusals += 1 }
                }
                return refusals == 2
            }
            try await database.withConnection { connection in
                try await connection.executeScript("CREATE TABLE IF NOT EXISTS copy_kept (a int); TRUNCATE copy_kept")
                try await connection.copyIn("COPY copy_kept FROM STDIN") { writer in
                    kept = writer
                    try await writer.write([.integer(1)])
                }
                let refused1 = await isRefused()
                #expect(refused1)
                try await connection.copyIn("COPY copy_kept FROM STDIN") { writer in
                    let refused2 = await isRefused()
                    #expect(refused2)
                    try await writer.write([.integer(2)])
                }
                struct Stop: Error {}
                await #expect(throws: Stop.self) {
                    try await connection.copyIn("COPY copy_kept FROM STDIN") { writer in
                        kept = writer
                        throw Stop()
                    }
                }
                let refused3 = await isRefused()
                #expect(refused3)
            }
            let refused4 = await isRefused()
            #expect(refused4)
            let rows = try await database.query("SELECT a FROM copy_kept ORDER BY a").map {
                try $0.decode(0, as: Int.self)
            }
            #expect(rows == [1, 2])
        }
    }
}
