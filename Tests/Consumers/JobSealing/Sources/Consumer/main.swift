import Crypto
import JobQueue
import JobSealing

struct Greet: JobParameters {
    static let kind = "greet"
    var name: String
}

let sealing = try AESGCMSealing(keys: ["2026": SymmetricKey(size: .bits256)], sealingWith: "2026")
let store = MemoryJobStore()
let handle = try await JobClient(store: store, sealing: sealing).enqueue(Greet(name: "world"))
if let record = try await handle.status() {
    print(record.job.payload.count, "bytes:", try record.parameters(as: Greet.self, sealing: sealing).name)
}
