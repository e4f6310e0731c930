#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension MetricRegistry {
    /// Adds the metrics of this process, read at each scrape from `/proc` and the memory cgroup, version 1 or 2.
    /// What a platform does not offer is left out.
    public func registerProcessMetrics(root: String = "") throws(MetricError) {
        let process = ProcessFigures(root: root)
        try counter("process_cpu_seconds_total", help: "CPU time used, user and system.") { process.cpuSeconds }
        try gauge("process_resident_memory_bytes", help: "Resident memory.") { process.residentBytes }
        try gauge("process_virtual_memory_bytes", help: "Virtual memory.") { process.virtualBytes }
        try gauge("process_memory_working_set_bytes", help: "Memory of the cgroup that cannot be given up.") {
            process.workingSetBytes
        }
        try gauge("process_memory_limit_bytes", help: "Memory the process may use.") { process.memoryLimitBytes }
        try gauge("process_open_fds", help: "Open file descriptors.") { process.openDescriptors }
        try gauge("process_max_fds", help: "File descriptors the process may open.") { process.maxDescriptors }
        try gauge("process_threads", help: "Threads.") { process.threads }
        try gauge("process_start_time_seconds", help: "Start of the process, seconds since 1970.") {
            process.startSeconds
        }
    }
}

/// Figures of a process from `/proc` and its cgroup, under a root that tests choose.
struct ProcessFigures: Sendable {
    let root: String

    /// The fields of `/proc/self/stat` that follow the command's name.
    private var stat: [Double] {
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
    }

    private var ticks: Double { Double(max(1, sysconf(Int32(_SC_CLK_TCK)))) }
    private var page: Double { Double(max(1, sysconf(Int32(_SC_PAGESIZE)))) }

    var cpuSeconds: Double? { let stat = stat; return stat.count > 21 ? (stat[11] + stat[12]) / ticks : nil }
    var threads: Double? { let stat = stat; return stat.count > 21 ? stat[17] : nil }
    var virtualBytes: Double? { let stat = stat; return stat.count > 21 ? stat[20] : nil }
    var residentBytes: Double? { let stat = stat; return stat.count > 21 ? stat[21] * page : nil }

    var startSeconds: Double? {
        let stat = stat
        guard stat.count > 21,
            let boot = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let seconds = Double(boot.dropFirst("btime ".count))
        else { return nil }
        return seconds + stat[19] / ticks
    }

    var openDescriptors: Double? {
        guard let folder = opendir(root + "/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = -3.0  // `.`, `..` and the descriptor of this look
        while readdir(folder) != nil { count += 1 }
        return max(0, count)
    }

    var maxDescriptors: Double? {
        let line = read("/proc/self/limits")?.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.split(separator: " ").dropFirst(3).first.flatMap { Double($0) }
    }

    // MARK: Memory of the cgroup

    private enum Cgroup { case v1(String), v2(String) }

    private var cgroup: Cgroup? {
        guard let lines = read("/proc/self/cgroup")?.split(separator: "\n") else { return nil }
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1].split(separator: ",").contains("memory") {
                let own = "/sys/fs/cgroup/memory\(parts[2])"
                return .v1(read(own + "/memory.usage_in_bytes") == nil ? "/sys/fs/cgroup/memory" : own)
            }
        }
        for line in lines where line.hasPrefix("0::") {
            let own = "/sys/fs/cgroup\(line.dropFirst(3))"
            if read(own + "/memory.current") != nil { return .v2(own) }
        }
        return nil
    }

    var workingSetBytes: Double? {
        switch cgroup {
        case .v2(let path)?:
            value(path + "/memory.current").map { max(0, $0 - (field("inactive_file", of: path) ?? 0)) }
        case .v1(let path)?:
            value(path + "/memory.usage_in_bytes").map { max(0, $0 - (field("total_inactive_file", of: path) ?? 0)) }
        case nil: residentBytes
        }
    }

    /// The cgroup's limit, or the machine's memory where it has none.
    var memoryLimitBytes: Double? {
        let limit: Double? =
            switch cgroup {
            case .v2(let path)?: value(path + "/memory.max")
            case .v1(let path)?: value(path + "/memory.limit_in_bytes")
            case nil: nil
            }
        let total = read("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }?
            .split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
        return [limit, total].compactMap { $0 }.min()
    }

    private func value(_ path: String) -> Double? {
        read(path).flatMap { Double($0.split(separator: "\n").first ?? "") }
    }

    private func field(_ name: String, of path: String) -> Double? {
        read(path + "/memory.stat")?.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    private func read(_ path: String) -> String? {
        guard let file = fopen(root + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
