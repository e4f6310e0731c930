import BenchHarness
import Foundation

// `bench-server bare PORT` is the floor: Hummingbird with one route and nothing around it.
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "bare", let port = Int(CommandLine.arguments[2]) {
    try await serveBare(port: port)
    exit(0)
}

let bench = Bench(suite: "server")
guard let server = ProcessInfo.processInfo.environment["VITALS_PATIENT_SERVER"] else {
    print("VITALS_PATIENT_SERVER must name a release build of patient-server; Scripts/bench server sees to it")
    exit(64)
}
try await measureStart(bench, server)
try await measureMiddleware(bench, server)
try await measureUsers(bench, server)
try await measureStreaming(bench, server)
try await measureWorkers(bench, server)
try bench.finish()
