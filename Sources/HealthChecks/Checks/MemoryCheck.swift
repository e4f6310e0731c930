extension HealthCheck {
    /// Memory in use, as a share of what this process may use: the working set of its cgroup, version 1 or 2, or the
    /// machine's memory where no cgroup limits it. Healthy, with a word, where the platform tells neither.
    /// - Parameters:
    ///   - bounds: Of the share, 0…1.
    ///   - root: Stands before `/proc` and `/sys`; tests bring a folder of their own.
    public static func memory(
        name: String = "memory", criticality: Criticality = .optional,
        bounds: HealthBounds = HealthBounds(degradedAbove: 0.8, unhealthyAbove: 0.95), root: String = ""
    ) -> HealthCheck {
        let files = SystemFiles(root: root)
        return HealthCheck(name: name, criticality: criticality, tags: ["system"]) {
            guard let memory = MemoryFigures(files), memory.limit > 0 else {
                return HealthResult(.healthy, "the platform tells no figures of memory")
            }
            let share = memory.workingSet / memory.limit
            return HealthResult(
                bounds.status(of: share),
                details: [
                    .init("working_set_bytes", memory.workingSet), .init("limit_bytes", memory.limit),
                    .init("ratio", share),
                ])
        }
    }

    /// Pressure stall information: the share of the last 10 seconds, in percent, in which some task waited for a resource
    /// (`some`), or all did at once (`full`). Rises before the memory is full. Healthy, with a word, where the kernel
    /// offers none. Source: Documentation/accounting/psi.rst of Linux.
    /// - Parameters:
    ///   - resource: `memory`, `io` or `cpu`.
    ///   - bounds: Of the share in percent, 0…100: by default of `full` for memory and io, of `some` for cpu.
    ///   - root: Stands before `/proc`; tests bring a folder of their own.
    public static func pressure(
        _ resource: PressureResource = .memory, criticality: Criticality = .optional,
        bounds: HealthBounds = HealthBounds(degradedAbove: 10, unhealthyAbove: 60), root: String = ""
    ) -> HealthCheck {
        let files = SystemFiles(root: root)
        return HealthCheck(name: "\(resource.rawValue)_pressure", criticality: criticality, tags: ["system"]) {
            guard let text = files.text("/proc/pressure/\(resource.rawValue)") else {
                return HealthResult(.healthy, "the kernel offers no pressure figures")
            }
            let some = stalled("some", in: text) ?? 0
            let full = stalled("full", in: text)
            let figure = resource == .cpu ? some : full ?? some
            return HealthResult(
                bounds.status(of: figure),
                details: [.init("some_percent", some)] + (full.map { [.init("full_percent", $0)] } ?? []))
        }
    }

    /// Open file descriptors, as a share of what the process may open. Healthy, with a word, where `/proc` tells neither.
    /// - Parameters:
    ///   - bounds: Of the share, 0…1.
    ///   - root: Stands before `/proc`; tests bring a folder of their own.
    public static func fileDescriptors(
        name: String = "file_descriptors", criticality: Criticality = .optional,
        bounds: HealthBounds = HealthBounds(degradedAbove: 0.8, unhealthyAbove: 0.95), root: String = ""
    ) -> HealthCheck {
        let files = SystemFiles(root: root)
        return .share(name: name, criticality: criticality, bounds: bounds) {
            // Less the descriptor with which the folder is read.
            guard let open = files.count(in: "/proc/self/fd").map({ max(0, $0 - (root.isEmpty ? 1 : 0)) }),
                let line = files.text("/proc/self/limits")?.split(separator: "\n")
                    .first(where: { $0.hasPrefix("Max open files") }),
                let limit = line.split(separator: " ").dropFirst(3).first.flatMap({ Double($0) })
            else { return nil }
            return (Double(open), limit)
        }
    }
}

/// What tasks may wait for, as the kernel tells it.
public enum PressureResource: String, Sendable, Hashable, CaseIterable {
    /// Memory.
    case memory
    /// Disks.
    case io
    /// Processors.
    case cpu
}

/// `avg10` of one line: `some avg10=0.12 avg60=0.05 avg300=0.01 total=1234`.
private func stalled(_ kind: String, in text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(kind + " ") }
    return line?.split(separator: " ").first { $0.hasPrefix("avg10=") }.flatMap { Double($0.dropFirst(6)) }
}
