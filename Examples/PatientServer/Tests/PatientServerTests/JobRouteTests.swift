import Foundation
import ServerTestSupport
import Testing

@Suite("Jobs, end to end", .serialized)
struct JobRouteTests {
    private let small = #"{"preset":"training_exercise","total_patients":30,"seed":1}"#

    @Test(arguments: TestDatabase.available)
    func `clients racing on one idempotency key get one job`(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address()) { server in
            let answers = try await withThrowingTaskGroup(of: RunningServer.Answer.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await server.post("/api/v1/generation/", small, headers: ["Idempotency-Key": "order-66"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 202 })
            #expect(Set(try answers.map { try $0.json()["job_id"] as? String }).count == 1)
            let list = try await server.get("/api/v1/jobs/").json()
            #expect((list["jobs"] as? [Any])?.count == 1)
            let other = try await server.post(
                "/api/v1/generation/", #"{"preset":"training_exercise","total_patients":31,"seed":1}"#,
                headers: ["Idempotency-Key": "order-66"])
            #expect(other.status == 409)
            let id = try #require(try answers[0].json()["job_id"] as? String)
            _ = try await server.finished(id)
            #expect(try await server.send("DELETE", "/api/v1/jobs/\(id)").status == 204)
            let late = try await server.post("/api/v1/generation/", small, headers: ["Idempotency-Key": "order-66"])
            #expect(late.status == 409, "its job is gone: \(late.text)")
            let bad = try await server.post("/api/v1/generation/", small, headers: ["Idempotency-Key": "a b"])
            #expect(bad.status == 422)
        }
    }

    @Test(arguments: TestDatabase.available)
    func `jobs are listed once each, the newest first, page by page`(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address(), ["--no-workers"]) { server in
            var made: [String] = []
            for _ in 0..<7 {
                made.append(
                    try #require(try await server.post("/api/v1/generation/", small).json()["job_id"] as? String))
            }
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await server.get("/api/v1/jobs/?limit=3\(cursor.map { "&cursor=\($0)" } ?? "")").json()
                seen += (page["jobs"] as? [[String: Any]] ?? []).compactMap { $0["job_id"] as? String }
                cursor = page["next_cursor"] as? String
            } while cursor != nil
            #expect(seen == made.reversed())
            for query in ["limit=0", "limit=501", "limit=x", "cursor=x"] {
                #expect(try await server.get("/api/v1/jobs/?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test(arguments: TestDatabase.available)
    func `a job is cancelled, run again, and removed`(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address()) { server in
            let accepted = try await server.post(
                "/api/v1/generation/", #"{"preset":"nato_article_5","total_patients":1000000,"seed":3}"#)
            let id = try #require(try accepted.json()["job_id"] as? String)
            #expect(try await server.send("DELETE", "/api/v1/jobs/\(id)").status == 409, "not while it runs")
            #expect(try await server.get("/api/v1/downloads/\(id)").status == 409)
            #expect(try await server.get("/api/v1/jobs/\(id)/results").status == 409)
            #expect(try await server.post("/api/v1/jobs/\(id)/retry", "").status == 409)
            #expect(try await server.post("/api/v1/jobs/\(id)/cancel", "").status == 200)
            #expect(try await server.finished(id)["status"] as? String == "cancelled")
            #expect(try await server.post("/api/v1/jobs/\(id)/cancel", "").status == 200, "again is harmless")
            let again = try await server.post("/api/v1/jobs/\(id)/retry", "")
            #expect(again.status == 200)
            #expect(["queued", "running"].contains(try again.json()["status"] as? String))
            #expect(try await server.post("/api/v1/jobs/\(id)/cancel", "").status == 200)
            _ = try await server.finished(id)
            #expect(try await server.send("DELETE", "/api/v1/jobs/\(id)").status == 204)
            #expect(try await server.get("/api/v1/jobs/\(id)").status == 404)
            #expect(try await server.send("DELETE", "/api/v1/jobs/\(id)").status == 404)
        }
    }

    @Test func `progress only rises, in events that end with the job`() async throws {
        try await RunningServer.with(["--chunk-size", "1000"]) { server in
            let accepted = try await server.post(
                "/api/v1/generation/", #"{"preset":"nato_article_5","total_patients":12000,"seed":3}"#)
            let id = try #require(try accepted.json()["job_id"] as? String)
            let stream = try await server.get("/api/v1/jobs/\(id)/events")
            #expect(stream.headers["content-type"] == "text/event-stream")
            let events = stream.text.components(separatedBy: "\n\n").filter { $0.hasPrefix("event: job\ndata: ") }
            let jobs = try events.map { event in
                try JSONSerialization.jsonObject(with: Data(event.dropFirst("event: job\ndata: ".count).utf8))
                    as? [String: Any]
            }
            let progress = jobs.compactMap { ($0?["progress"] as? NSNumber)?.doubleValue }
            #expect(progress == progress.sorted() && progress.last == 100 && progress.count >= 2, "\(progress)")
            #expect(jobs.last??["status"] as? String == "completed")
        }
    }

    @Test func `any page of results is what the download has at its place`() async throws {
        try await RunningServer.with { server in
            let (id, _) = try await server.generate(
                #"{"preset":"training_exercise","total_patients":123,"seed":1,"output_formats":["json"]}"#)
            let all = try #require(
                try JSONSerialization.jsonObject(with: try await server.get("/api/v1/downloads/\(id)").body) as? [Any])
            var seen: [Any] = []
            for page in 1...3 {
                let answer = try await server.get("/api/v1/jobs/\(id)/results?page=\(page)&per_page=50").json()
                #expect(answer["pages"] as? Int == 3 && answer["total"] as? Int == 123)
                seen += answer["patients"] as? [Any] ?? []
            }
            #expect(seen as NSArray == all as NSArray)
            let beyond = try await server.get("/api/v1/jobs/\(id)/results?page=1000000000&per_page=500").json()
            #expect((beyond["patients"] as? [Any])?.isEmpty == true)
            for query in ["page=0", "per_page=501", "page=-1", "page=1e3", "per_page="] {
                #expect(try await server.get("/api/v1/jobs/\(id)/results?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test func `the jobs command lists, pauses, resumes, cancels and retries`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = "sqlite://\(folder)/jobs.sqlite"
        func jobs(_ arguments: String...) async throws -> String {
            try await RunningServer.command(["jobs"] + arguments, database: database)
        }
        var id = ""
        try await RunningServer.with(database: database, ["--no-workers"]) { server in
            id = try #require(try await server.post("/api/v1/generation/", small).json()["job_id"] as? String)
            #expect(try await jobs("list").contains("generate"))
            #expect(try await jobs("show", id).contains("children  1"))
            #expect(try await jobs("pause").contains("paused"))
            #expect(try await jobs("stats").contains("paused"))
            #expect(try await jobs("resume").contains("resumed"))
            #expect(try await jobs("cancel", id).contains("cancelled"))
            #expect(try await server.get("/api/v1/jobs/\(id)").json()["status"] as? String == "cancelled")
            let retried = try await jobs("retry", id)
            #expect(retried.contains("jobs run again") && !retried.hasPrefix("0"), "\(retried)")
        }
        try await RunningServer.with(database: database) { server in
            let job = try await server.finished(id)
            #expect(job["status"] as? String == "completed")
        }
        await #expect(throws: ChildProcess.Failure.self) { _ = try await jobs("show", "nothing") }
    }
}
