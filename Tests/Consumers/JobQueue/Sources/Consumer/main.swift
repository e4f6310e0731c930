import JobQueue
import Logging

struct Greet: JobParameters {
    typealias Output = String
    static let kind = "greet"
    var name: String
}

let store = MemoryJobStore()
let worker = try JobWorker(store: store, queues: ["default": 1], logger: Logger(label: "consumer")) { jobs in
    jobs.register(Greet.self) { parameters, _ in "hello \(parameters.name)" }
}
let running = Task { try await worker.run() }
let handle = try await JobClient(store: store).enqueue(Greet(name: "world"))
print(try await handle.waitUntilFinished().state)
worker.stop()
try await running.value
