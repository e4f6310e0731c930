/// Memory that cannot be given up, and the limit that holds for this process.
///
/// The working set is what the kernel charges to the memory cgroup less the file pages nobody used lately: what
/// Kubernetes holds against the limit. Without a memory cgroup it is the machine's memory less what is available.
/// Source: Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst of Linux.
struct MemoryFigures: Sendable, Equatable {
    /// Where the figures come from.
    enum Source: String, Sendable { case cgroup1, cgroup2, machine }

    let source: Source
    let workingSet: Double
    let limit: Double

    /// Reads the figures; `nil` where the platform offers none.
    init?(_ files: SystemFiles) {
        let machine = files.figure("MemTotal", in: "/proc/meminfo")
        if let (folder, source) = Self.cgroup(files) {
            let (usage, ceiling, inactive) =
                source == .cgroup1
                ? ("memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file")
                : ("memory.current", "memory.max", "inactive_file")
            if let used = files.figure("\(folder)/\(usage)"),
                let limit = [files.figure("\(folder)/\(ceiling)"), machine].compactMap({ $0 }).min()
            {
                self.source = source
                self.limit = limit
                workingSet = max(0, used - (files.figure(inactive, in: "\(folder)/memory.stat") ?? 0))
                return
            }
        }
        guard let machine, let available = files.figure("MemAvailable", in: "/proc/meminfo") else { return nil }
        source = .machine
        limit = machine
        workingSet = max(0, machine - available)
    }

    /// The folder of this process's memory cgroup. A hybrid machine has the memory controller on version 1 and an empty
    /// version 2 beside it; in a container the path in `/proc/self/cgroup` may not be mounted, and the mount's root is
    /// the container's own.
    private static func cgroup(_ files: SystemFiles) -> (folder: String, source: Source)? {
        guard let lines = files.text("/proc/self/cgroup")?.split(separator: "\n") else { return nil }
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].split(separator: ",").contains("memory") else { continue }
            for folder in ["/sys/fs/cgroup/memory\(parts[2])", "/sys/fs/cgroup/memory"]
            where files.figure("\(folder)/memory.usage_in_bytes") != nil {
                return (folder, .cgroup1)
            }
        }
        for line in lines where line.hasPrefix("0::") {
            for folder in ["/sys/fs/cgroup\(line.dropFirst(3))", "/sys/fs/cgroup"]
            where files.figure("\(folder)/memory.current") != nil {
                return (folder, .cgroup2)
            }
        }
        return nil
    }
}
