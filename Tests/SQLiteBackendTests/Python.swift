import Foundation
import Testing

/// Another program that uses the same files: Python with its `sqlite3`.
enum Python {
    static var isAvailable: Bool { OracleTests.python != nil }

    /// Runs a script and returns what it printed.
    /// - Parameter arguments: In the script as `a[0]`, `a[1]` and so on.
    @discardableResult
    static func run(_ script: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(OracleTests.python))
        process.arguments = ["-c", "import os, sqlite3, sys\na = sys.argv[1:]\n" + script] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The tables of a file with their numbers of rows, as another program sees them.
    static func tables(_ path: String) throws -> String {
        try run(
            """
            c = sqlite3.connect(a[0])
            names = [r[0] for r in c.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
            print(*[n + "=" + str(c.execute('SELECT count(*) FROM "' + n + '"').fetchone()[0]) for n in names])
            print(*c.execute("PRAGMA integrity_check").fetchone())
            """, path)
    }

    /// Makes a file with one table of 2,000 rows.
    /// - Parameter inLog: Whether the rows are in a log beside it, as a killed program leaves it.
    static func make(_ path: String, table: String, inLog: Bool = false) throws {
        try run(
            """
            c = sqlite3.connect(a[0])
            if a[2] == "true": c.execute("PRAGMA journal_mode = WAL")
            c.execute("CREATE TABLE " + a[1] + " (a)")
            c.executemany("INSERT INTO " + a[1] + " VALUES (?)", [(n,) for n in range(2000)])
            c.commit()
            if a[2] == "true": os._exit(0)
            c.close()
            """, path, table, String(inLog))
    }
}
