import Foundation
import JobQueue
import JobQueueSQL
import PostgresBackend
import SQLiteBackend

// A worker as a process of its own, for tests to kill, freeze and ask to stop.
//
// Usage: job-worker STORE [name=value …], where STORE is a PostgreSQL DSN or the path of a SQLite file.
// Started by a worker's pool it runs that worker's jobs instead.
// Names: slots, pool (jobs a process), lease, heartbeat, drain, cancel, poll (milliseconds). Appends to the file that JOB_LEDGER names.

if JobProcess.isJobChildProcess { await JobProcess.run(register: registerJobs) }

signal(SIGTERM, SIG_IGN)
signal(SIGPIPE, SIG_IGN)
let stopping = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
    FileHandle.standardError.write(Data("usage: job-worker STORE [name=value …]\n".utf8))
    exit(64)
}
let values = arguments.dropFirst(2).reduce(into: [String: Int]()) { values, argument in
    let parts = argument.split(separator: "=")
    if parts.count == 2, let value = Int(parts[1]) { values[String(parts[0])] = value }
}
let milliseconds = { (name: String, fallback: Int) -> Duration in .milliseconds(values[name] ?? fallback) }

let store: any JobStore
if arguments[1].contains("://") {
    store = try PostgresJobStore(
        database: PostgresDatabase(configuration: PostgresConfiguration(arguments[1])), connections: 2)
} else {
    store = SQLiteJobStore(
        database: try SQLiteDatabase(SQLiteConfiguration(path: arguments[1], synchronous: .normal)))
}
let worker = try JobWorker(
    store: store,
    configuration: JobWorkerConfiguration(
        queues: ["default": values["slots"] ?? 4], pollInterval: milliseconds("poll", 100),
        lease: milliseconds("lease", 1500), heartbeatInterval: milliseconds("heartbeat", 300),
        maintenanceInterval: .milliseconds(200), progressInterval: .milliseconds(50),
        drainTimeout: milliseconds("drain", 2000), cancelTimeout: milliseconds("cancel", 500),
        isolation: values["pool"].map { .processPool(maxJobs: $0) } ?? .inProcess),
    register: registerJobs)

stopping.setEventHandler { worker.stop() }
stopping.resume()
FileHandle.standardOutput.write(Data("ready\n".utf8))
try await worker.run()
exit(0)
