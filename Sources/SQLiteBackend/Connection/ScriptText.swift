import SQLDatabase

/// The text of several statements, in the form in which SQLite compiles one after the other without copying the rest: it
/// ends with a zero byte, and was searched for others once.
struct ScriptText {
    private let bytes: [UInt8]

    /// - Throws: ``SQLiteError/Code/misuse`` when the text holds a zero byte, or ends within a comment, where SQLite would
    ///   leave out what follows.
    init(_ sql: String) throws(SQLiteError) {
        guard !sql.utf8.contains(0) else { throw Self.holdsZero }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sql.utf8.count + 1)
        bytes.append(contentsOf: sql.utf8)
        bytes.append(0)
        self.bytes = bytes
        if let start = SQLQuotes.unterminatedComment(in: sql, .sqlite) {
            throw SQLiteError(
                .misuse,
                "the comment that begins on line \(line(of: start)) does not end, so that the rest of the script would be part "
                    + "of it; close it with */")
        }
    }

    static var holdsZero: SQLiteError {
        SQLiteError(.misuse, "the statement's text holds a zero byte, at which SQLite would cut it off")
    }

    /// Calls the body with the rest of the text, the zero byte at its end included, until nothing is left.
    /// - Parameter body: Returns the number of bytes that its statement takes.
    /// - Throws: What the body throws; an error of SQLite with the statement's line.
    func forEachStatement(_ body: (UnsafeRawBufferPointer) throws -> Int) throws {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while rest.count > 1 {
                do { rest = rest.dropFirst(try body(UnsafeRawBufferPointer(rebasing: rest))) } catch let error
                    as SQLiteError
                {
                    let start = rest.firstIndex { $0 > 32 } ?? rest.startIndex
                    throw error.ofStatement(onLine: line(of: start))
                }
            }
        }
    }

    private func line(of position: Int) -> Int { 1 + bytes[..<position].count { $0 == 10 } }
}
