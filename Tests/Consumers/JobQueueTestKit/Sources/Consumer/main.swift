import JobQueue
import JobQueueTestKit

// A store whose calls fail, under a clock that only the test moves.
let clock = ManualJobClock()
let store = FaultyJobStore(MemoryJobStore(clock: clock))
store.failAll()
do {
    _ = try await store.enqueue([])
    print("no failure")
} catch {
    print("as expected:", error, "at", clock.wallMicroseconds())
}
