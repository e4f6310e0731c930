import Foundation
import ServerTestSupport
import Testing

@Suite("Streams, end to end", .serialized)
struct StreamingTests {
    @Test func `a stream has the bytes of the job with the same seed, in each form`() async throws {
        try await RunningServer.with { server in
            let (id, _) = try await server.generate(
                #"{"preset":"training_exercise","total_patients":200,"seed":9,"output_formats":["ndjson","json"]}"#)
            for format in ["ndjson", "json"] {
                let file = try await server.get("/api/v1/downloads/\(id)?format=\(format)").body
                let got = try await server.get(
                    "/api/v1/streaming/generate?preset=training_exercise&total_patients=200&seed=9&format=\(format)")
                #expect(got.body == file)
                #expect(got.headers["x-seed"] == "9")
                let posted = try await server.post(
                    "/api/v1/streaming/generate?format=\(format)",
                    #"{"preset":"training_exercise","total_patients":200,"seed":9}"#)
                #expect(posted.body == file)
            }
            for query in [
                "total_patients=0", "total_patients=1000001", "total_patients=x", "format=pdf", "seed=x", "a=b",
            ] {
                #expect(try await server.get("/api/v1/streaming/generate?\(query)").status == 422, "\(query)")
            }
            let refused = try await server.post(
                "/api/v1/streaming/generate",
                #"{"preset":"training_exercise","encryption_password":"long enough"}"#)
            #expect(refused.status == 422)
        }
    }

    @Test func `a client that reads nothing holds the stream back, and its going ends it`() async throws {
        try await RunningServer.with(environment: ["MAX_STREAMS": "1"]) { server in
            func streamed() async throws -> Double {
                let scrape = try await server.get("/metrics").text
                let line = scrape.split(separator: "\n").first { $0.hasPrefix("patients_streamed_total ") }
                return line.flatMap { Double($0.split(separator: " ")[1]) } ?? 0
            }
            func memory() throws -> Int {
                let status = try String(contentsOfFile: "/proc/\(server.child.id)/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
                return line.flatMap { Int($0.split(separator: " ", omittingEmptySubsequences: true)[1]) } ?? 0
            }
            var connection: RawConnection? = try RawConnection(port: server.port)
            connection?.send(
                "GET /api/v1/streaming/generate?total_patients=1000000&preset=nato_article_5 HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            #expect(connection?.read(upTo: 1000).text.hasPrefix("HTTP/1.1 200") == true)
            // Until the buffers between are full it goes on, then not at all.
            var last = -1.0
            while try await streamed() != last {
                last = try await streamed()
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(last < 100_000, "\(last) patients for a client that reads none")
            #expect(try memory() < 150_000, "KiB")
            let full = try await server.get("/api/v1/streaming/generate?total_patients=1")
            #expect(full.status == 503 && full.headers["retry-after"] != nil)
            connection = nil
            // The place is free once the server has noticed.
            while try await server.get("/api/v1/streaming/generate?total_patients=1").status != 200 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await streamed() < last + 10_000)
        }
    }
}
