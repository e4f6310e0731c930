#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension HealthCheck {
    /// Free bytes and free inodes of the file system that holds a path: a disk full of small files is full as well.
    ///
    /// Counts what this process may use, without the part that is kept for root.
    /// - Parameters:
    ///   - path: A file or folder on the file system.
    ///   - bounds: Of the used share, 0…1, of bytes and of inodes; the worse counts.
    public static func disk(
        name: String = "disk_space", path: String = "/", criticality: Criticality = .critical,
        bounds: HealthBounds = HealthBounds(degradedAbove: 0.9, unhealthyAbove: 0.98), interval: Duration = .seconds(10)
    ) -> HealthCheck {
        HealthCheck(name: name, criticality: criticality, interval: interval, tags: ["system"]) {
            var figures = statvfs()
            guard statvfs(path, &figures) == 0 else {
                return .unhealthy("the file system of \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            return DiskFigures(
                freeBytes: Double(figures.f_bavail) * Double(figures.f_frsize),
                bytes: Double(figures.f_blocks) * Double(figures.f_frsize),
                freeInodes: Double(figures.f_favail), inodes: Double(figures.f_files)
            ).result(bounds)
        }
    }
}

/// What a file system has and has left.
struct DiskFigures: Sendable {
    var freeBytes: Double
    var bytes: Double
    var freeInodes: Double
    /// 0 on file systems without a table of inodes (btrfs): then bytes alone count.
    var inodes: Double

    func result(_ bounds: HealthBounds) -> HealthResult {
        let bytesUsed = bytes > 0 ? 1 - freeBytes / bytes : 1
        let inodesUsed = inodes > 0 ? 1 - freeInodes / inodes : 0
        let status = bounds.status(of: max(bytesUsed, inodesUsed))
        var details: [HealthResult.Detail] = [.init("free_bytes", freeBytes), .init("free_ratio", 1 - bytesUsed)]
        if inodes > 0 { details += [.init("free_inodes", freeInodes), .init("free_inode_ratio", 1 - inodesUsed)] }
        let message = inodesUsed > bytesUsed ? "few inodes are left" : "little space is left"
        return HealthResult(status, status == .healthy ? nil : message, details: details)
    }
}
