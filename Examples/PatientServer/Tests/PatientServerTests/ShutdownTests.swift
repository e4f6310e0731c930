import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ServerTestSupport
import Testing

@Suite("Shutdown, end to end", .serialized, .timeLimit(.minutes(2)))
struct ShutdownTests {
    /// What the clients of one test saw.
    private struct Seen: Sendable {
        var isDraining = false
        var answered = 0
        var answeredWhileDraining = 0
        var failures: [String] = []
    }

    /// Asks again and again, on a connection of its own each time, until the service says that it is not ready: as behind
    /// a load balancer.
    private func load(_ server: RunningServer, _ seen: Guarded<Seen>) async {
        while !seen.with({ $0.isDraining }) {
            do {
                let answer = try await server.get("/api/v1/presets", headers: ["Connection": "close"])
                seen.with { seen in
                    if answer.status == 200 {
                        seen.answered += 1
                    } else {
                        seen.failures.append("status \(answer.status)")
                    }
                }
            } catch {
                seen.with { $0.failures.append("\(error)") }
            }
        }
    }

    /// Waits until `health/ready` says no, then asks once more for something else: the server still answers.
    private func watchReady(_ server: RunningServer, _ seen: Guarded<Seen>) async throws -> (code: Int, text: String) {
        while true {
            let ready = try await server.get("/api/v1/health/ready")
            guard ready.status != 200 else { continue }
            seen.with { $0.isDraining = true }
            let other = try await server.get("/api/v1/health/live", headers: ["Connection": "close"])
            if other.status == 200 { seen.with { $0.answeredWhileDraining += 1 } }
            return (ready.status, ready.text)
        }
    }

    @Test(
        "SIGTERM under load: not ready first, every request answered, a download completed, the job kept, exit code 0",
        arguments: TestDatabase.available)
    func underLoad(_ database: TestDatabase) async throws {
        let folder = try RunningServer.temporaryFolder()
        let address = try await database.address() ?? "sqlite://\(folder)/kept.sqlite"
        let server = try await RunningServer.start(
            database: address, environment: ["SHUTDOWN_BUDGET": "20s", "DRAIN_GRACE": "500ms"])
        let accepted = try await server.post(
            "/api/v1/generation/", #"{"preset":"nato_article_5","total_patients":15000,"seed":3}"#)
        let id = try #require(try accepted.json()["job_id"] as? String)

        let seen = Guarded(Seen())
        let download = Task {
            try await server.get("/api/v1/streaming/generate?total_patients=6000&seed=5").text.split(separator: "\n")
                .count
        }
        let clients = (0..<8).map { _ in Task { await load(server, seen) } }
        let watcher = Task { try await watchReady(server, seen) }
        while seen.with({ $0.answered }) < 50 { await Task.yield() }
        let start = ContinuousClock.now
        server.child.signal(SIGTERM)
        let code = await server.child.ended()
        #expect(code == 0)
        #expect(ContinuousClock.now - start < .seconds(20))
        let ready = try await watcher.value
        #expect(ready.code == 503 && ready.text.contains("draining"))
        for client in clients { await client.value }
        let result = seen.with { $0 }
        #expect(result.failures.isEmpty && result.answeredWhileDraining == 1)
        #expect(try await download.value == 6000)
        #expect(!server.log.contains("\"level\":\"critical\""))

        let next = try await RunningServer.start(database: address)
        #expect(try await next.finished(id)["status"] as? String == "completed")
        #expect(await next.stop() == 0)
        for path in [folder, server.folder] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// A stream that its client does not read to the end, and what became of it.
    private func stuckStream(_ server: RunningServer) async throws -> Task<Bool, Never> {
        var request = HTTPClientRequest(
            url: server.base + "/api/v1/streaming/generate?total_patients=1000000&seed=5&format=json")
        request.headers.add(name: "Connection", value: "close")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(100))
        #expect(response.status == .ok)
        let (begun, told) = AsyncStream<Void>.makeStream()
        let reading = Task {
            do {
                for try await _ in response.body {
                    told.finish()
                    if server.child.isRunning { try await Task.sleep(for: .milliseconds(100)) }
                }
                return true
            } catch {
                return false
            }
        }
        for await _ in begun {}
        return reading
    }

    @Test("a download that does not end is cut at the budget, seen by its client as cut, and the exit code is 0")
    func cut() async throws {
        let server = try await RunningServer.start(environment: ["SHUTDOWN_BUDGET": "4s"])
        let reading = try await stuckStream(server)
        let start = ContinuousClock.now
        server.child.signal(SIGTERM)
        #expect(await server.child.ended() == 0)
        let took = ContinuousClock.now - start
        #expect(took >= .seconds(2) && took < .seconds(4.5))
        #expect(await reading.value == false, "the client is not told that it has all")
        try? FileManager.default.removeItem(atPath: server.folder)
    }

    @Test("a second SIGTERM changes nothing: what is under way is finished")
    func twice() async throws {
        let server = try await RunningServer.start(environment: ["SHUTDOWN_BUDGET": "20s"])
        let (begun, told) = AsyncStream<Void>.makeStream()
        let download = Task {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: server.base + "/api/v1/streaming/generate?total_patients=6000&seed=5"),
                timeout: .seconds(60))
            var bytes: [UInt8] = []
            for try await part in response.body {
                told.finish()
                bytes += part.readableBytesView
            }
            return bytes.count { $0 == 10 }
        }
        for await _ in begun {}
        server.child.signal(SIGTERM)
        while true {
            guard let ready = try? await server.get("/api/v1/health/ready"), ready.status == 200 else { break }
        }
        server.child.signal(SIGTERM)
        #expect(try await download.value == 6000)
        #expect(await server.child.ended() == 0)
        try? FileManager.default.removeItem(atPath: server.folder)
    }

    @Test("SIGINT skips the drain: an unfinished download is cut at once, and the exit code is 0")
    func interrupt() async throws {
        let server = try await RunningServer.start(environment: ["DRAIN_GRACE": "60s", "SHUTDOWN_BUDGET": "120s"])
        let reading = try await stuckStream(server)
        let start = ContinuousClock.now
        server.child.signal(SIGINT)
        #expect(await server.child.ended() == 0)
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(await reading.value == false)
        try? FileManager.default.removeItem(atPath: server.folder)
    }
}
