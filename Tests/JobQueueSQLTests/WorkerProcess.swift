import Foundation
import JobQueue
import TestServers

/// Whether the long variants of tests are wanted.
let runsLong = ProcessInfo.processInfo.environment["VITALS_LONG_TESTS"] == "1"

/// A worker in a process of its own, built beside the tests. It ends with its last reference.
final class WorkerProcess: Sendable {
    static let program: String? = {
        let here = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let path = here.appendingPathComponent("job-worker").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    let child: ChildProcess
    private let output =
        FileManager.default.temporaryDirectory.appendingPathComponent("worker-\(UUID().uuidString)").path

    /// Whether it reacts to signals; it says so first of all.
    var isReady: Bool { FileManager.default.contents(atPath: output)?.isEmpty == false }

    /// Starts one on a store: a DSN or a path. Settings are those of the program.
    init(_ store: String, ledger: LedgerFile, _ settings: [String: Int] = [:]) throws {
        guard let program = Self.program else {
            throw ChildProcess.Failure(description: "the program job-worker is not built")
        }
        child = try ChildProcess.start(
            program, [store] + settings.map { "\($0.key)=\($0.value)" },
            environment: ["JOB_LEDGER": ledger.path, "SWIFT_BACKTRACE": "enable=no"],
            output: output)
    }

    deinit {
        child.signal(SIGKILL)
        try? FileManager.default.removeItem(atPath: output)
    }

    /// Ends it as a power cut would.
    func kill() async {
        child.signal(SIGKILL)
        await child.ended()
    }
}

/// What jobs of worker processes say they did.
struct LedgerFile: Sendable {
    struct Line: Hashable {
        var what: String
        var id: JobID
        var run: Int64
        var process: Int32
    }

    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    var lines: [Line] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 4, let id = JobID(String(parts[1])), let run = Int64(parts[2]),
                let process = Int32(parts[3])
            else { return nil }
            return Line(what: String(parts[0]), id: id, run: run, process: process)
        }
    }

    /// Bytes written so far.
    var size: Int { ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0 }

    func count(_ what: String, _ id: JobID) -> Int { lines.count { $0.what == what && $0.id == id } }
}

/// A job of the program's kinds.
func work(_ milliseconds: Int = 0, _ change: (inout NewJob) -> Void = { _ in }) -> NewJob {
    var job = NewJob(kind: "work", payload: Array(#"{"milliseconds":\#(milliseconds)}"#.utf8), maxAttempts: 50)
    change(&job)
    return job
}

/// A job of one of the program's kinds without properties.
func plain(_ kind: String) -> NewJob { NewJob(kind: kind, payload: Array("{}".utf8)) }

struct TooLate: Error, CustomStringConvertible {
    var description: String
}

/// Looks again until something holds.
func eventually(
    _ what: String, within limit: Duration = .seconds(15), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TooLate(description: "\(what): not within \(limit)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

extension JobStore {
    /// Stores jobs.
    func put(_ jobs: [NewJob]) async throws {
        for receipt in try await enqueue(jobs) where !receipt.isNew { throw TooLate(description: "not new") }
    }

    /// Waits until a job is in a state.
    func wait(_ id: JobID, for state: JobState, within limit: Duration = .seconds(15)) async throws {
        var last: JobRecord?
        do {
            try await eventually("job \(state.rawValue)", within: limit) {
                last = try await job(id)
                return last?.state == state
            }
        } catch let error as TooLate {
            let state = last.map { "\($0.state) run \($0.run) rescues \($0.rescues) \($0.error ?? "")" } ?? "gone"
            throw TooLate(description: "\(error.description); it is \(state)")
        }
    }
}
