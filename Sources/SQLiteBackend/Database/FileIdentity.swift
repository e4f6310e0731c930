#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The device and number of a file, which distinguish it from another one at the same path.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let number: UInt64
    /// The size in bytes when it was read; no part of the identity.
    let size: Int

    /// Reads the identity of the file that a path leads to, through links; `nil` when there is none. One system call.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Reads the identity of an open file.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int(status.st_size)
    }

    static func == (one: FileIdentity, other: FileIdentity) -> Bool {
        one.device == other.device && one.number == other.number
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(device)
        hasher.combine(number)
    }
}

extension String {
    /// A path from the root.
    var absolutePath: String {
        guard !hasPrefix("/"), let folder = ".".resolvedPath else { return self }
        return folder == "/" ? "/" + self : folder + "/" + self
    }

    /// A path without links, from the root; `nil` where nothing is there.
    var resolvedPath: String? {
        guard let resolved = realpath(self, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// The files that SQLite keeps beside a database. They hold a part of its data, so they belong to it alone.
enum Sidecar {
    /// The ends of their names.
    static let suffixes = ["-wal", "-shm", "-journal"]

    /// The first one that is beside a path.
    static func first(beside path: String) -> String? {
        suffixes.lazy.map { path + $0 }.first {
            var status = stat()
            return lstat($0, &status) == 0
        }
    }
}
