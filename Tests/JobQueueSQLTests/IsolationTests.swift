import Foundation
import JobQueue
import JobQueueSQL
import JobQueueTestKit
import Logging
import TestServers
import Testing

/// Keeps what it hears.
final class Recorder: JobObserver {
    private let events = Lock<[JobEvent]>([])
    func observe(_ event: JobEvent) { events.with { $0.append(event) } }

    var replacements: [String] {
        events.with { $0.compactMap { if case .processReplaced(let reason) = $0 { reason } else { nil } } }
    }
    var restarts: [String] {
        events.with { $0.compactMap { if case .restartNeeded(let reason) = $0 { reason } else { nil } } }
    }
    var limits: [Bool] {
        events.with { $0.compactMap { if case .limitExceeded(_, let hard) = $0 { hard } else { nil } } }
    }
}

/// Kinds of the program, as the worker in this process must know them.
private struct PoolWork: JobParameters {
    static let kind = "work"
    static let options = JobOptions(retry: .constant(.milliseconds(20), maxAttempts: 50))
    var milliseconds: Int
}
private struct PoolStubborn: JobParameters {
    static let kind = "stubborn"
    static let options = JobOptions(
        limits: TimeLimits(soft: .milliseconds(150), hard: .milliseconds(400)), retry: .none)
}
private struct PoolCrash: JobParameters {
    static let kind = "crash"
    static let options = JobOptions(retry: .constant(.milliseconds(5), maxAttempts: 2))
}
private struct PoolHungry: JobParameters {
    typealias Output = Int
    static let kind = "hungry"
    static let options = JobOptions(retry: .none)
    var megabytes: Int
}
private struct PoolSteps: JobParameters {
    typealias Output = [Int]
    static let kind = "steps"
    static let options = JobOptions(retry: .constant(.milliseconds(10), maxAttempts: 3))
}
private struct PoolPatient: JobParameters {
    static let kind = "patient"
    static let options = JobOptions(limits: TimeLimits(soft: .milliseconds(100)), retry: .none)
}

/// The code is in the program; here nothing of it runs.
private struct RunsElsewhere: Error {}

private func registerKinds(_ jobs: inout JobRegistry) {
    jobs.register(PoolWork.self) { _, _ in throw RunsElsewhere() }
    jobs.register(PoolStubborn.self) { _, _ in throw RunsElsewhere() }
    jobs.register(PoolCrash.self) { _, _ in throw RunsElsewhere() }
    jobs.register(PoolHungry.self) { _, _ in throw RunsElsewhere() }
    jobs.register(PoolSteps.self) { _, _ in throw RunsElsewhere() }
    jobs.register(PoolPatient.self) { _, _ in throw RunsElsewhere() }
}

@Suite(.enabled(if: WorkerProcess.program != nil, "needs the program job-worker"))
struct IsolationTests {
    private let ledger = LedgerFile()
    private let recorder = Recorder()

    /// A worker here whose jobs run in processes of the program.
    private func pooled(
        slots: Int = 2, maxJobs: Int = 100, maxRSS: Int? = nil, command: ProcessCommand? = nil,
        _ body: (JobClient) async throws -> Void
    ) async throws {
        defer { ledger.remove() }
        let store = MemoryJobStore()
        let program = try #require(WorkerProcess.program)
        let worker = try JobWorker(
            store: store,
            configuration: JobWorkerConfiguration(
                queues: ["default": slots], maintenanceInterval: .milliseconds(20),
                progressInterval: .milliseconds(20), drainTimeout: .seconds(1), cancelTimeout: .milliseconds(300),
                isolation: .processPool(maxJobs: maxJobs, maxRSS: maxRSS),
                processCommand: command
                    ?? ProcessCommand(
                        path: program, environment: ["JOB_LEDGER": ledger.path, "SWIFT_BACKTRACE": "enable=no"])),
            observer: recorder, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            register: registerKinds)
        async let running: Void = worker.run()
        do {
            try await body(JobClient(store: store))
        } catch {
            worker.stop()
            try await running
            throw error
        }
        worker.stop()
        try await running
        #expect(worker.restartReason == nil)
    }

    private func processes(_ id: JobID) -> [Int32] { ledger.lines.filter { $0.id == id }.map(\.process) }

    @Test func `a job runs in a process of its own, which runs the next one as well`() async throws {
        var last: Int32 = 0
        try await pooled(slots: 1) { client in
            let first = try await client.enqueue(PoolWork(milliseconds: 0))
            #expect(try await first.waitUntilFinished().state == .completed)
            let second = try await client.enqueue(PoolWork(milliseconds: 0))
            #expect(try await second.waitUntilFinished().state == .completed)
            #expect(processes(first.id).first != getpid())
            #expect(Set(processes(first.id)) == Set(processes(second.id)))
            last = processes(second.id).first ?? 0
        }
        // With the worker go its processes.
        try await eventually("the end of its process") { kill(last, 0) != 0 }
    }

    @Test func `11. a job that ignores its soft limit is killed and its slot works again`() async throws {
        try await pooled(slots: 1) { client in
            let stubborn = try await client.enqueue(PoolStubborn())
            let record = try await stubborn.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.error?.contains("killed") == true)
            #expect(recorder.limits == [false, true])
            let process = try #require(processes(stubborn.id).first)
            #expect(kill(process, 0) != 0)
            let next = try await client.enqueue(PoolWork(milliseconds: 0))
            #expect(try await next.waitUntilFinished().state == .completed)
        }
    }

    @Test func `the soft limit cancels a job in its process, which lives on`() async throws {
        try await pooled(slots: 1) { client in
            let patient = try await client.enqueue(PoolPatient())
            let record = try await patient.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.error?.contains("soft limit") == true)
            #expect(ledger.count("cancelled", patient.id) == 1)
            let next = try await client.enqueue(PoolWork(milliseconds: 0))
            _ = try await next.waitUntilFinished()
            #expect(Set(processes(next.id)) == Set(processes(patient.id)))
        }
    }

    @Test func `a job that is cancelled while its process starts is cancelled in it`() async throws {
        try await pooled(slots: 4) { client in
            let handles = try await client.enqueue((0..<8).map { _ in PoolWork(milliseconds: 60_000) })
            for handle in handles {
                try await eventually("claimed") { try await handle.status()?.state == .running }
                try await handle.cancel()
            }
            for handle in handles { #expect(try await handle.waitUntilFinished().state == .cancelled) }
        }
    }

    @Test func `a crash ends one job and nothing else`() async throws {
        try await pooled { client in
            let bystander = try await client.enqueue(PoolWork(milliseconds: 400))
            let crash = try await client.enqueue(PoolCrash())
            let record = try await crash.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.attempt == 2)
            #expect(record.error?.contains("signal \(SIGABRT)") == true)
            #expect(try await bystander.waitUntilFinished().run == 1)
        }
    }

    @Test func `a job that takes too much memory is killed while it runs`() async throws {
        try await pooled(maxRSS: 200 << 20) { client in
            let modest = try await client.enqueue(PoolHungry(megabytes: 20))
            let greedy = try await client.enqueue(PoolHungry(megabytes: 2000))
            let record = try await greedy.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.error?.contains("memory") == true)
            #expect(try await modest.waitUntilFinished().state == .completed)
        }
    }

    @Test func `a process is replaced after so many jobs`() async throws {
        try await pooled(slots: 1, maxJobs: 3) { client in
            let handles = try await client.enqueue((0..<7).map { _ in PoolWork(milliseconds: 0) })
            for handle in handles { #expect(try await handle.waitUntilFinished().state == .completed) }
            #expect(Set(ledger.lines.map(\.process)).count == 3)
            #expect(recorder.replacements.count { $0.contains("3 jobs") } == 2)
        }
    }

    @Test func `checkpoints and results cross the border`() async throws {
        try await pooled(slots: 1) { client in
            let steps = try await client.enqueue(PoolSteps())
            let record = try await steps.waitUntilFinished()
            #expect(record.state == .completed)
            #expect(try record.result(as: [Int].self).first == 42)
            #expect(record.attempt == 2)
        }
    }

    @Test func `a job that does not react to a request to stop is killed, and is cancelled`() async throws {
        try await pooled(slots: 1) { client in
            let work = try await client.enqueue(PoolWork(milliseconds: 60_000))
            try await eventually("began") { ledger.count("began", work.id) == 1 }
            try await work.cancel()
            #expect(try await work.waitUntilFinished().state == .cancelled)
        }
    }

    @Test func `a program that is no process of a pool puts jobs off and harms nobody`() async throws {
        try await pooled(slots: 1, command: ProcessCommand(path: "/bin/false")) { client in
            let work = try await client.enqueue(PoolWork(milliseconds: 0))
            try await eventually("put off") { try await client.status(work.id)?.state == .scheduled }
            #expect(try await client.status(work.id)?.attempt == 0)
        }
    }

    @Test(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
    func `a killed worker takes its processes along`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { _, store in
            let job = work(60_000)
            try await store.put([job])
            let worker = try WorkerProcess(dsn, ledger: ledger, ["pool": 10])
            try await eventually("began") { ledger.count("began", job.id) == 1 }
            let process = try #require(processes(job.id).first)
            #expect(process != worker.child.id)
            await worker.kill()
            try await eventually("the end of its process") { kill(process, 0) != 0 }
        }
        ledger.remove()
    }
}
