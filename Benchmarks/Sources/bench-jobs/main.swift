import BenchHarness
import Foundation
import JobQueue
import Logging

// Needs VITALS_TEST_POSTGRES: the DSN of a server with nothing else to do, its durability settings untouched.
// `Scripts/bench jobs` starts one.
guard let dsn = ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] else {
    print("VITALS_TEST_POSTGRES names no server; run Scripts/bench jobs")
    exit(2)
}
LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
let bench = Bench(suite: "jobs")
try await benchMemory(bench)
try await benchSQLite(bench)
try await benchPostgres(bench, dsn: dsn)
try await benchPeers(bench, dsn: dsn)
try bench.finish()
