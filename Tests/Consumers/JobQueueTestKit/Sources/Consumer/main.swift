import JobQueue
import JobQueueTestKit

// A store whose next claim fails, under a clock that only the test moves.
let clock = ManualJobClock()
let store = FaultyJobStore(MemoryJobStore(clock: clock))
store.failAll()
do {
    _ = try await store.jobs(JobFilter())
    print("no failure")
} catch {
    print("as expected:", error, "at", clock.wallMicroseconds())
}
