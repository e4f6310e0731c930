import JobQueue
import JobQueueTestKit
import Testing

@Suite struct MemoryJobStoreTests {
    @Test(arguments: JobStoreConformance.cases)
    func `the memory store conforms`(_ conformance: JobStoreConformance.Case) async throws {
        await #expect(throws: Never.self) { try await conformance.run(MemoryJobStore()) }
    }
}
