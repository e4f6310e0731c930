import Foundation
import Testing

@testable import HealthChecks

/// Looks at a check once.
func look(_ check: HealthCheck) async throws -> HealthResult {
    let health = HealthRegistry(showsErrors: true)
    health.add(check)
    await health.refresh()
    return try #require(health.report().checks.first?.result)
}

extension HealthResult {
    subscript(_ name: String) -> Double? { details.first { $0.name == name }?.value }
}

@Suite("System checks", .timeLimit(.minutes(1)))
struct SystemCheckTests {
    private let meminfo = "MemTotal:       1000 kB\nMemFree:  100 kB\nMemAvailable:    400 kB\n"

    @Test("memory on cgroup version 1, hybrid with an empty version 2: usage less inactive file against its limit")
    func cgroup1() async throws {
        let root = try FixtureRoot([
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "4:memory:/job/7\n1:cpu:/\n0::/\n",
            "/sys/fs/cgroup/memory/job/7/memory.usage_in_bytes": "700000\n",
            "/sys/fs/cgroup/memory/job/7/memory.limit_in_bytes": "500000\n",
            "/sys/fs/cgroup/memory/job/7/memory.stat": "inactive_file 5\ntotal_inactive_file 300000\n",
        ])
        let result = try await look(.memory(root: root.path))
        #expect(result["working_set_bytes"] == 400_000 && result["limit_bytes"] == 500_000)
        #expect(result.status == .healthy)
        #expect(MemoryFigures(SystemFiles(root: root.path))?.source == .cgroup1)
    }

    @Test("memory on cgroup version 1 inside a container, where only the mount's root is there")
    func cgroup1Container() async throws {
        let root = try FixtureRoot([
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "4:memory:/docker/abc\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "90\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "100\n",
        ])
        #expect(try await look(.memory(root: root.path)).status == .degraded)
    }

    @Test(
        "memory on cgroup version 2: current less inactive file; `max` means the machine's memory",
        arguments: [("1000000", 1_000_000.0, HealthStatus.unhealthy), ("max", 1_024_000.0, .degraded)])
    func cgroup2(limit: String, expected: Double, status: HealthStatus) async throws {
        let root = try FixtureRoot([
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/app.slice\n",
            "/sys/fs/cgroup/app.slice/memory.current": "965000\n",
            "/sys/fs/cgroup/app.slice/memory.max": "\(limit)\n",
            "/sys/fs/cgroup/app.slice/memory.stat": "anon 1\ninactive_file 5000\n",
        ])
        let result = try await look(.memory(root: root.path))
        #expect(result["working_set_bytes"] == 960_000 && result["limit_bytes"] == expected)
        #expect(result.status == status)
    }

    @Test("memory without a cgroup: the machine's memory less what is available")
    func noCgroup() async throws {
        let root = try FixtureRoot(["/proc/meminfo": meminfo])
        let result = try await look(.memory(root: root.path))
        #expect(result["working_set_bytes"] == 600 * 1024 && result["limit_bytes"] == 1000 * 1024)
        let nothing = try FixtureRoot(["/nothing": ""])
        #expect(try await look(.memory(root: nothing.path)).status == .healthy)
    }

    @Test("memory, disk and file descriptors of this machine have sane figures")
    func thisMachine() async throws {
        let disk = try await look(.disk(path: "/tmp"))
        #expect((disk["free_bytes"] ?? 0) > 0)
        #if os(Linux)
            let memory = try await look(.memory())
            let used = try #require(memory["working_set_bytes"])
            let limit = try #require(memory["limit_bytes"])
            #expect(used > 1_000_000 && used <= limit)
            let held = (0..<50).compactMap { _ in FileHandle(forReadingAtPath: "/dev/null") }
            let descriptors = try await look(.fileDescriptors())
            #expect(held.count == 50)
            #expect((descriptors["used"] ?? 0) >= 50 && (descriptors["limit"] ?? 0) >= 256)
        #endif
    }

    @Test("a disk without inodes is as full as one without bytes; a path that is not there is unhealthy")
    func disk() async throws {
        let bounds = HealthBounds(degradedAbove: 0.9, unhealthyAbove: 0.98)
        func status(_ bytes: Double, _ inodes: Double, of total: Double = 100) -> HealthStatus {
            DiskFigures(freeBytes: bytes, bytes: 100, freeInodes: inodes, inodes: total).result(bounds).status
        }
        #expect(status(50, 50) == .healthy)
        #expect(status(5, 50) == .degraded)
        #expect(status(50, 5) == .degraded)
        #expect(status(1, 50) == .unhealthy)
        #expect(status(50, 1) == .unhealthy)
        #expect(status(50, 0, of: 0) == .healthy)
        let missing = try await look(.disk(path: "/no/such/folder"))
        #expect(missing.status == .unhealthy && missing.message?.contains("/no/such/folder") == true)
    }

    @Test("pressure reads `full` of memory and io, `some` of cpu, and is healthy where the kernel offers none")
    func pressure() async throws {
        let text = "some avg10=30.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=12.00 avg60=0.00 avg300=0.00 total=1\n"
        let root = try FixtureRoot([
            "/proc/pressure/memory": text, "/proc/pressure/io": text.replacing("12.00", with: "70.00"),
            "/proc/pressure/cpu": "some avg10=5.00 avg60=0.00 avg300=0.00 total=1\n",
        ])
        let memory = try await look(.pressure(.memory, root: root.path))
        #expect(memory.status == .degraded && memory["full_percent"] == 12 && memory["some_percent"] == 30.5)
        #expect(try await look(.pressure(.io, root: root.path)).status == .unhealthy)
        #expect(try await look(.pressure(.cpu, root: root.path)).status == .healthy)
        let nothing = try FixtureRoot(["/nothing": ""])
        #expect(try await look(.pressure(.memory, root: nothing.path)).status == .healthy)
    }

    @Test("file descriptors are held against the soft limit")
    func fileDescriptors() async throws {
        var files = [
            "/proc/self/limits":
                "Limit      Soft Limit  Hard Limit  Units\nMax open files            10        4096  files\n"
        ]
        for index in 0..<9 { files["/proc/self/fd/\(index)"] = "" }
        let root = try FixtureRoot(files)
        let result = try await look(.fileDescriptors(root: root.path))
        #expect(result["used"] == 9 && result["limit"] == 10 && result.status == .degraded)
    }
}
