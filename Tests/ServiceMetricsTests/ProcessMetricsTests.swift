import Foundation
import Testing

@testable import ServiceMetrics

@Suite("Process metrics")
struct ProcessMetricsTests {
    /// A tree of files as the kernel shows them.
    private func figures(_ files: [String: String]) throws -> (ProcessFigures, URL) {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("proc-\(UUID().uuidString)")
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        return (ProcessFigures(root: root.path), root)
    }

    private static let stat =
        "42 (a ) name) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 7 0 12345 1048576 256 18446744073709551615 1"

    @Test func `figures of a process whose name has parentheses and spaces`() throws {
        let (process, root) = try figures([
            "proc/self/stat": Self.stat, "proc/stat": "cpu 1 2\nbtime 1700000000\n",
            "proc/self/limits":
                "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024    4096    files\n",
            "proc/self/fd/0": "", "proc/self/fd/1": "",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect(process.cpuSeconds == 300 / ticks)
        #expect(process.threads == 7)
        #expect(process.virtualBytes == 1_048_576)
        #expect(process.residentBytes == 256 * Double(sysconf(Int32(_SC_PAGESIZE))))
        #expect(process.startSeconds == 1_700_000_000 + 12345 / ticks)
        #expect(process.maxDescriptors == 1024)
        #expect(process.openDescriptors == 1)
    }

    @Test func `memory of a cgroup of version 2`() throws {
        let (process, root) = try figures([
            "proc/self/cgroup": "0::/app\n", "sys/fs/cgroup/app/memory.current": "1000000\n",
            "sys/fs/cgroup/app/memory.stat": "anon 5\ninactive_file 250000\n",
            "sys/fs/cgroup/app/memory.max": "2000000\n", "proc/meminfo": "MemTotal:       8000000 kB\n",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(process.workingSetBytes == 750_000)
        #expect(process.memoryLimitBytes == 2_000_000)
    }

    @Test func `a cgroup of version 2 without a limit has the machine's memory`() throws {
        let (process, root) = try figures([
            "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.current": "1000000\n",
            "sys/fs/cgroup/memory.max": "max\n", "proc/meminfo": "MemTotal:       8000 kB\n",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(process.memoryLimitBytes == 8_192_000)
    }

    @Test func `memory of a cgroup of version 1`() throws {
        let (process, root) = try figures([
            "proc/self/cgroup": "5:cpu:/x\n4:memory:/app\n0::/\n",
            "sys/fs/cgroup/memory/app/memory.usage_in_bytes": "900\n",
            "sys/fs/cgroup/memory/app/memory.stat": "inactive_file 1\ntotal_inactive_file 100\n",
            "sys/fs/cgroup/memory/app/memory.limit_in_bytes": "9223372036854771712\n",
            "proc/meminfo": "MemTotal:       4 kB\n",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(process.workingSetBytes == 800)
        #expect(process.memoryLimitBytes == 4096)
    }

    @Test func `without a cgroup the working set is what is resident`() throws {
        let (process, root) = try figures(["proc/self/stat": Self.stat])
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(process.workingSetBytes == process.residentBytes)
        #expect(process.workingSetBytes != nil)
        #expect(process.memoryLimitBytes == nil)
    }

    @Test(arguments: ["", "42 (x", "42 (x) S 1", "()"])
    func `files that make no sense leave figures out`(stat: String) throws {
        let (_, root) = try figures([
            "proc/self/stat": stat, "proc/self/cgroup": "::\n\n0:", "proc/self/limits": "Max open files",
            "proc/meminfo": "MemTotal:",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        let registry = MetricRegistry()
        try registry.registerProcessMetrics(root: root.path)
        #expect(registry.text().isEmpty)
    }

    #if os(Linux)
        @Test func `the real process shows itself`() throws {
            let registry = MetricRegistry()
            try registry.registerProcessMetrics()
            for name in [
                "process_cpu_seconds_total", "process_resident_memory_bytes", "process_memory_working_set_bytes",
                "process_memory_limit_bytes", "process_open_fds", "process_max_fds", "process_threads",
            ] {
                #expect((registry.value(of: name) ?? 0) > 0, "\(name)")
            }
            let start = try #require(registry.value(of: "process_start_time_seconds"))
            #expect(abs(Date().timeIntervalSince1970 - start) < 86400)
        }
    #endif
}
