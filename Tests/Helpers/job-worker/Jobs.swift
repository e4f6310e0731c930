import Foundation
import JobQueue

/// What happened, a line each, in a file that several processes append to.
enum Ledger {
    static func note(_ what: String, _ context: JobContext) {
        guard let path = ProcessInfo.processInfo.environment["JOB_LEDGER"] else { return }
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        guard file >= 0 else { return }
        let line = Array("\(what) \(context.id) \(context.fencingToken) \(getpid())\n".utf8)
        _ = write(file, line, line.count)
        close(file)
    }
}

/// Sleeps for a while, and notes when it began and ended.
struct Work: JobParameters {
    static let kind = "work"
    static let options = JobOptions(retry: .constant(.milliseconds(20), maxAttempts: 50))
    var milliseconds: Int
}

/// Ends its process.
struct Crash: JobParameters {
    static let kind = "crash"
}

/// Spins without checking whether it is cancelled.
struct Stubborn: JobParameters {
    static let kind = "stubborn"
    static let options = JobOptions(
        limits: TimeLimits(soft: .milliseconds(150), hard: .milliseconds(400)), retry: .none)
}

/// Allocates more and more memory.
struct Hungry: JobParameters {
    typealias Output = Int
    static let kind = "hungry"
    static let options = JobOptions(retry: .none)
    var megabytes: Int
}

/// Reports progress, saves a checkpoint, fails once, and continues from the checkpoint.
struct Steps: JobParameters {
    typealias Output = [Int]
    static let kind = "steps"
    static let options = JobOptions(retry: .constant(.milliseconds(10), maxAttempts: 3))

    struct StepsError: Error {}
}

/// Waits until it is cancelled.
struct Patient: JobParameters {
    static let kind = "patient"
    static let options = JobOptions(limits: TimeLimits(soft: .milliseconds(100)), retry: .none)
}

/// Registers the kinds above, for a worker and for the processes of its pool.
func registerJobs(_ jobs: inout JobRegistry) {
    jobs.register(Work.self) { parameters, context in
        Ledger.note("began", context)
        if parameters.milliseconds > 0 { try await Task.sleep(for: .milliseconds(parameters.milliseconds)) }
        Ledger.note("ended", context)
    }
    jobs.register(Crash.self) { _, context in
        Ledger.note("began", context)
        abort()
    }
    jobs.register(Stubborn.self) { _, context in
        Ledger.note("began", context)
        while true { usleep(1000) }
    }
    jobs.register(Hungry.self) { parameters, context in
        Ledger.note("began", context)
        var held: [[UInt8]] = []
        for number in 0..<parameters.megabytes {
            held.append([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 << 20))
            try await Task.sleep(for: .milliseconds(1))
        }
        return held.reduce(0) { $0 + Int($1[7]) }
    }
    jobs.register(Steps.self) { _, context in
        if let saved = try context.restore(Int.self) { return [saved, Int(getpid())] }
        context.progress(0.5, "half")
        try await context.checkpoint(41 + context.attempt)
        throw Steps.StepsError()
    }
    jobs.register(Patient.self) { _, context in
        Ledger.note("began", context)
        do {
            while true { try await Task.sleep(for: .milliseconds(50)) }
        } catch {
            Ledger.note("cancelled", context)
            throw error
        }
    }
}
