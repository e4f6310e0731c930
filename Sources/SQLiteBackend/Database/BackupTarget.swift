import SQLDatabase

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a backup goes: never onto the database itself, and only in the place of a file.
struct BackupTarget {
    let path: String
    /// Who may do what with the backup: the same as with the file that it replaces, or else with the database.
    let mode: mode_t
    /// The file that is written first and then takes the place of the one at ``path``.
    var part: String { path + ".part" }

    /// - Throws: ``SQLiteError/Code/misuse`` when the path, or the one that is written first, leads to the database or one
    ///   of the files that SQLite keeps beside it: by the same name, a relative path, a symbolic or a hard link; when
    ///   something else than a file is there; see ``requireNoSidecars()`` as well.
    init(_ path: String, of database: SQLiteConfiguration, _ file: OpenFile?) throws(SQLiteError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SQLiteError(.misuse, "a backup needs the path of a file")
        }
        self.path = path
        mode = Self.mode(of: path) ?? file.flatMap { Self.mode(of: $0.resolvedPath) } ?? 0o600
        for target in [path, path + ".part"] where Self.isNoFile(target) {
            throw SQLiteError(
                .misuse,
                "a backup to \(path) would replace \(target), which is no file but a link, a device or a folder; remove it, "
                    + "or choose another path")
        }
        if !database.isInMemory { try requireForeign(to: database, file) }
        try requireNoSidecars()
    }

    private func requireForeign(to database: SQLiteConfiguration, _ file: OpenFile?) throws(SQLiteError) {
        let suffixes = [""] + Sidecar.suffixes
        let own = [database.path, file?.resolvedPath].compactMap(\.self).flatMap { path in suffixes.map { path + $0 } }
        for target in [path] + suffixes.map({ part + $0 }) {
            for file in own where Self.isSame(target, file) {
                throw SQLiteError(
                    .misuse,
                    "a backup to \(path) would replace \(file), which belongs to the database itself; choose another path"
                )
            }
        }
    }

    /// Refuses a target beside which another database's log or journal is: SQLite would play it into the copy.
    /// - Throws: ``SQLiteError/Code/misuse`` that names the file.
    func requireNoSidecars() throws(SQLiteError) {
        guard let sidecar = Sidecar.first(beside: path) else { return }
        throw SQLiteError(
            .misuse,
            "a backup to \(path) would be damaged by \(sidecar), which belongs to the database that is at that path or was: "
                + "a program has it open, or ended without closing it; close it, or open and close it once so that SQLite "
                + "recovers it, or remove both files, or choose another path")
    }

    private static func mode(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    /// Whether something is there that is not a file.
    static func isNoFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    private static func isSame(_ a: String, _ b: String) -> Bool {
        var first = stat()
        var second = stat()
        if stat(a, &first) == 0, stat(b, &second) == 0 {
            if first.st_dev == second.st_dev, first.st_ino == second.st_ino { return true }
        }
        // One of them may not exist yet, under a name that it would get in the same folder.
        guard let one = place(a), let other = place(b) else { return a.isExactly(b) }
        return one == other
    }

    /// The folder without links, and the name in it.
    private static func place(_ path: String) -> [ExactText]? {
        guard let folder = realpath(path.folder, nil) else { return nil }
        defer { free(folder) }
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return [ExactText(String(cString: folder)), ExactText(String(name))]
    }
}
