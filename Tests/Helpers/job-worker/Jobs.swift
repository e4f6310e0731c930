import Foundation
import JobQueue

/// What happened, a line each, in a file that several processes append to.
enum Ledger {
    static func note(_ what: String, _ context: JobContext) {
        guard let path = ProcessInfo.processInfo.environment["JOB_LEDGER"] else { return }
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        guard file >= 0 else { return }
        let line = Array("\(what) \(context.id) \(context.run) \(getpid())\n".utf8)
        _ = write(file, line, line.count)
        close(file)
    }
}

/// Sleeps for a while, and says when it began and ended.
struct Work: Job {
    static let kind = "work"
    static let options = JobOptions(retry: .constant(.milliseconds(20), maxAttempts: 50))
    var milliseconds: Int

    func run(_ context: JobContext) async throws {
        Ledger.note("began", context)
        if milliseconds > 0 { try await Task.sleep(for: .milliseconds(milliseconds)) }
        Ledger.note("ended", context)
    }
}

/// Takes its process with it.
struct Crash: Job {
    static let kind = "crash"

    func run(_ context: JobContext) async throws {
        Ledger.note("began", context)
        abort()
    }
}

/// Spins without a look at whether it is cancelled.
struct Stubborn: Job {
    static let kind = "stubborn"
    static let options = JobOptions(
        limits: TimeLimits(soft: .milliseconds(150), hard: .milliseconds(400)), retry: .none)

    func run(_ context: JobContext) async throws {
        Ledger.note("began", context)
        while true { usleep(1000) }
    }
}

/// Takes more and more memory.
struct Hungry: Job {
    static let kind = "hungry"
    static let options = JobOptions(retry: .none)
    var megabytes: Int

    func run(_ context: JobContext) async throws -> Int {
        Ledger.note("began", context)
        var held: [[UInt8]] = []
        for number in 0..<megabytes {
            held.append([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 << 20))
            try await Task.sleep(for: .milliseconds(1))
        }
        return held.reduce(0) { $0 + Int($1[7]) }
    }
}

/// Reports progress, saves a checkpoint, fails once, and goes on from the checkpoint.
struct Steps: Job {
    static let kind = "steps"
    static let options = JobOptions(retry: .constant(.milliseconds(10), maxAttempts: 3))

    func run(_ context: JobContext) async throws -> [Int] {
        if let saved = try context.restore(Int.self) { return [saved, Int(getpid())] }
        context.progress(0.5, "half")
        try await context.checkpoint(41 + context.attempt)
        throw StepsError()
    }

    struct StepsError: Error {}
}

/// Waits until it is cancelled.
struct Patient: Job {
    static let kind = "patient"
    static let options = JobOptions(limits: TimeLimits(soft: .milliseconds(100)), retry: .none)

    func run(_ context: JobContext) async throws {
        Ledger.note("began", context)
        do {
            while true { try await Task.sleep(for: .milliseconds(50)) }
        } catch {
            Ledger.note("cancelled", context)
            throw error
        }
    }
}
