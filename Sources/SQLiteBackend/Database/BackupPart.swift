#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file that a backup is written into before it takes its place, claimed by one backup at a time.
///
/// The claim is a lock of the system's, so that it ends with the process, and what an interrupted backup left is used
/// by the next one.
struct BackupPart: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Creates the file, or empties the one that an interrupted backup left.
    /// - Throws: ``SQLiteError`` that names the target: with the code ``SQLiteError/Code/misuse`` when another backup
    ///   goes to the same path at the moment.
    init(of target: BackupTarget) throws(SQLiteError) {
        path = target.part
        descriptor = try Self.claim(target)
    }

    deinit { close(descriptor) }

    /// Gives the backup its name.
    /// - Throws: ``SQLiteError/Code/misuse`` when a program has opened the file at the target meanwhile.
    borrowing func take(_ target: BackupTarget) throws(SQLiteError) {
        try target.requireNoSidecars()
        guard fchmod(descriptor, target.mode) == 0, rename(path, target.path) == 0 else {
            throw .system("put the backup in its place", target.path, .ioError)
        }
    }

    /// Removes what was written.
    borrowing func remove() { unlink(path) }

    private static func claim(_ target: BackupTarget) throws(SQLiteError) -> Int32 {
        while true {
            let file = open(target.part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
            guard file >= 0 else { throw .system("create the backup's file", target.part, .cannotOpen) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                let isBusy = errno == EWOULDBLOCK
                let error = SQLiteError.system("lock the backup's file", target.part, .ioError)
                close(file)
                guard isBusy else { throw error }
                throw SQLiteError(
                    .misuse, "another backup to \(target.path) is being written; wait for it, or choose another path")
            }
            // The backup before may have finished in between: then the file is the good copy under its own name.
            if isAt(target.part, file), ftruncate(file, 0) == 0 {
                // What an interrupted backup's check left: SQLite would play it into the new copy.
                for suffix in Sidecar.suffixes { unlink(target.part + suffix) }
                return file
            }
            close(file)
        }
    }

    private static func isAt(_ path: String, _ file: Int32) -> Bool {
        var there = stat()
        var here = stat()
        guard lstat(path, &there) == 0, fstat(file, &here) == 0 else { return false }
        return there.st_dev == here.st_dev && there.st_ino == here.st_ino && here.st_mode & S_IFMT == S_IFREG
    }
}

extension SQLiteError {
    /// The error of a system call that has just failed on a path.
    static func system(_ action: String, _ path: String, _ code: Code) -> SQLiteError {
        let reason = String(cString: strerror(errno))
        return SQLiteError(
            code,
            "cannot \(action) (\(path)): \(reason); the folder \(path.folder) must exist, be writable and have space")
    }
}
