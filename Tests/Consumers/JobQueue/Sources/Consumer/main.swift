import JobQueue
import Logging

struct Greet: Job {
    static let kind = "greet"
    var name: String
    func run(_ context: JobContext) async throws -> String { "hello \(name)" }
}

let store = MemoryJobStore()
let worker = try JobWorker(
    store: store, jobs: [Greet.self], configuration: JobWorkerConfiguration(queues: ["default": 1]),
    logger: Logger(label: "consumer"))
let running = Task { try await worker.run() }
let handle = try await JobClient(store: store).enqueue(Greet(name: "world"))
print(try await handle.finished().state)
worker.stop()
try await running.value
