import BenchHarness
import Foundation

/// `vitals-log` on a file of a million lines, against Python's `json` on the first tenth of them; skipped with a word
/// where one of them cannot be run.
func measureAnalysis(_ bench: Bench) async throws {
    guard bench.wants("vitals-log") else { return }
    let folder = FileManager.default.currentDirectoryPath
    let binary = "\(folder)/.build/release/vitals-log"
    guard FileManager.default.isExecutableFile(atPath: binary) else {
        return print(
            "vitals-log: skipped, build it first: swift build -c release --package-path Examples/PatientServer --scratch-path .build --product vitals-log"
        )
    }
    guard let peers = Peers(suite: "logging") else { return }
    let file = FileManager.default.temporaryDirectory.path + "/bench-\(UUID().uuidString).log"
    let tenth = file + ".tenth"
    defer { for path in [file, tenth] { try? FileManager.default.removeItem(atPath: path) } }
    let part = lines(100_000)
    try part.write(to: URL(fileURLWithPath: tenth))
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    for _ in 0..<10 { try handle.write(contentsOf: part) }
    try handle.close()
    let megabytes = Double(part.count) / 1e6
    func seconds(_ program: String, _ arguments: [String]) throws -> Double {
        let start = now()
        _ = try run(program, arguments)
        return Double(now() - start) / 1e9
    }
    let speeds = try await bench.medians([
        { megabytes * 10 / (try seconds(binary, [file])) },
        { megabytes / (try seconds("python3", ["\(peers.folder)/summary.py", tenth])) },
    ])
    bench.record(
        "vitals-log, a million lines", speeds[0], "MB/s", floor: "python json", floorValue: speeds[1],
        target: .ratioAtLeast(5))
}

private func lines(_ count: Int) -> Data {
    var text = Data()
    for index in 0..<count {
        text += Data(
            #"{"ts":"2025-06-01T12:00:00.000000Z","level":"info","msg":"request","logger":"patient-server","request_id":"3f2a9c1b5d7e8f01","bytes":512,"duration_ms":"\#(index % 1000).512","endpoint":"/api/v1/route/\#(index % 20)","method":"GET","path":"/api/v1/route/\#(index % 20)","status":\#(index % 100 == 0 ? 500 : 200)}"#
                .utf8)
        text.append(10)
    }
    return text
}
