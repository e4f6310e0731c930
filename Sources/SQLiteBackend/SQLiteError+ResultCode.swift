import CVitalsSQLite

extension SQLiteError {
    /// The error for a result code.
    /// - Parameters:
    ///   - resultCode: Extended.
    ///   - text: SQLite's message, from which ``ErrorText`` has removed values.
    ///   - path: The file, for a message that says where to look.
    init(resultCode: Int32, text: String, path: String) {
        let code = Code(resultCode: resultCode, text: text)
        let remedy = Self.remedy(resultCode) ?? code.remedy(path: path)
        self.init(
            code, remedy.isEmpty ? text : "\(text): \(remedy)", resultCode: resultCode,
            constraint: code.isConstraint
                ? text.range(after: "constraint failed: ").map(String.init) : nil)
    }
}

extension SQLiteError {
    /// What helps against results that tell more than their kind.
    private static func remedy(_ resultCode: Int32) -> String? {
        switch resultCode {
        case SQLITE_BUSY | (2 << 8):
            "another connection wrote after this transaction had begun to read, and no timeout helps; run the transaction "
                + "again, and begin it with write, withTransaction or BEGIN IMMEDIATE"
        case SQLITE_READONLY | (3 << 8):
            "another program stopped in the midst of a transaction; open the file once for writing, which undoes it"
        case SQLITE_ABORT | (2 << 8):
            "the transaction or savepoint was rolled back while the statement's rows were read; read them to the end before"
        case _ where resultCode & 0xff == SQLITE_LOCKED:
            "a statement of this connection still reads; read its rows to the end before"
        default: nil
        }
    }
}

extension SQLiteError.Code {
    init(resultCode: Int32, text: String) {
        switch resultCode {
        case SQLITE_CONSTRAINT | (8 << 8), SQLITE_CONSTRAINT | (6 << 8), SQLITE_CONSTRAINT | (10 << 8):
            self = .uniqueViolation
        case SQLITE_CONSTRAINT | (3 << 8): self = .foreignKeyViolation
        case SQLITE_CONSTRAINT | (5 << 8): self = .notNullViolation
        case SQLITE_CONSTRAINT | (1 << 8): self = .checkViolation
        case SQLITE_CONSTRAINT | (12 << 8): self = .typeMismatch
        default: self = Self.primary(resultCode & 0xff, text)
        }
    }

    private static func primary(_ code: Int32, _ text: String) -> SQLiteError.Code {
        switch code {
        case SQLITE_CONSTRAINT: .constraintViolation
        case SQLITE_BUSY, SQLITE_PROTOCOL: .locked
        // Of the connection itself; connections never share a cache.
        case SQLITE_LOCKED: .misuse
        case SQLITE_INTERRUPT: .interrupted
        case SQLITE_FULL: .diskFull
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_READONLY: .readOnly
        case SQLITE_PERM, SQLITE_AUTH: .permissionDenied
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_IOERR: .ioError
        case SQLITE_NOMEM: .outOfMemory
        case SQLITE_TOOBIG: .tooBig
        case SQLITE_MISMATCH: .typeMismatch
        case SQLITE_MISUSE, SQLITE_RANGE: .misuse
        case SQLITE_ERROR where text.hasPrefix("no such") || text.contains("has no column"): .undefinedObject
        case SQLITE_ERROR where text.contains("syntax error") || text.hasPrefix("incomplete input"): .syntax
        default: .other
        }
    }

    var isConstraint: Bool {
        switch self {
        case .uniqueViolation, .foreignKeyViolation, .notNullViolation, .checkViolation, .constraintViolation: true
        default: false
        }
    }

    func remedy(path: String) -> String {
        switch self {
        case .locked:
            "another connection or process holds the lock on \(path); end it, raise busyTimeout, or write less at a time"
        case .diskFull:
            "the statement was undone; free space on the file system of \(path), or raise the quota or max_page_count"
        case .corrupt:
            "\(path) is damaged; stop the program, restore the last backup, or try `sqlite3 \(path) .recover`"
        case .notADatabase: "\(path) is no SQLite database, or is encrypted; check the path"
        case .readOnly:
            "\(path) cannot be written; check the owner and mode of the file and of its folder, and whether the "
                + "connection is a reader"
        case .permissionDenied: "check the owner and mode of \(path) and of its folder"
        case .cannotOpen:
            "\(path) cannot be opened; the folder must exist and be writable, for the -wal and -shm files as well"
        case .ioError: "the disk under \(path) fails or the file went away; look at the kernel's log"
        case .tooBig:
            "SQLite holds up to 1,000,000,000 bytes in a value or a row, or as few as it was built for; store large contents in "
                + "parts, or in a file"
        default: ""
        }
    }
}

extension String {
    fileprivate func range(after marker: String) -> Substring? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(marker) { return self[index(start, offsetBy: marker.count)...] }
            formIndex(after: &start)
        }
        return nil
    }
}
