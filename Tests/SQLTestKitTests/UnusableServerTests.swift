import Foundation
import SQLTestKit
import Testing

/// A server that `VITALS_TEST_POSTGRES` names and that cannot be used.
@Suite struct UnusableServerTests {
    @Test(arguments: ["host=127.0.0.1 port=1", "hots=1", "postgres://127.0.0.1:1/x"])
    func `fails within seconds and names the variable`(value: String) async throws {
        let start = ContinuousClock.now
        await #expect(processExitsWith: .success) { [value = value as String] in
            setenv("VITALS_TEST_POSTGRES", value, 1)
            #expect(PostgresTestServer.isAvailable)
            let error = await #expect(throws: SQLTestKitError.self) { try await PostgresTestServer.shared() }
            #expect(error?.code == .serverUnusable)
            #expect(error?.message.contains("VITALS_TEST_POSTGRES") == true)
        }
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
