import Foundation
import PostgresBackend
import SQLDatabase

/// Processor time in milliseconds, user and system together.
enum ProcessorTime {
    /// What this process has taken.
    static var own: Double { 1000 * Double(clock()) / Double(CLOCKS_PER_SEC) }

    /// What a process, its children and those of them that have ended have taken. 0 where there is no /proc.
    static func family(of parent: Int) -> Double {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let ticks = processes.compactMap(Int.init).reduce(0) { sum, process in
            guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let name = line.lastIndex(of: ")")
            else { return sum }
            // After the name: state, parent, and from the twelfth on utime, stime, cutime, cstime (proc_pid_stat(5)).
            let fields = line[line.index(after: name)...].split(separator: " ")
            guard fields.count > 14 else { return sum }
            if process == parent { return sum + fields[11...14].compactMap { Int($0) }.reduce(0, +) }
            if Int(fields[1]) == parent { return sum + fields[11...12].compactMap { Int($0) }.reduce(0, +) }
            return sum
        }
        return 1000 * Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The process every session of a PostgreSQL server is a child of.
    static func postmaster(of database: PostgresDatabase) async throws -> Int {
        let rows = try await database.query("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int8")
        return try rows[0].decode(0, as: Int.self)
    }
}
