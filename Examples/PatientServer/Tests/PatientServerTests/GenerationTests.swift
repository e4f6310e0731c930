import Foundation
import ServerTestSupport
import Testing

/// The scenario of the guide: 1,440 patients over eight days.
let guideScenario = """
    {"total_patients":1440,"days_of_fighting":8,"base_date":"2025-06-01","intensity":"high","tempo":"sustained",
     "warfare_types":{"conventional":true,"artillery":true,"drone":true},
     "special_events":{"mass_casualty":true},"environmental_conditions":{"night_operations":true},
     "injury_mix":{"Disease":0.52,"Non-Battle Injury":0.33,"Battle Injury":0.15}}
    """

@Suite("Generation, end to end", .serialized)
struct GenerationTests {
    @Test("a scenario becomes a job, the job becomes patients", arguments: TestDatabase.available)
    func slice(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address()) { server in
            let accepted = try await server.post("/api/v1/generation/", #"{"scenario": \#(guideScenario), "seed": 7}"#)
            #expect(accepted.status == 202)
            let id = try #require(try accepted.json()["job_id"] as? String)
            #expect(accepted.headers["location"] == "/api/v1/jobs/\(id)")

            let job = try await server.finished(id)
            #expect(job["status"] as? String == "completed")
            #expect((job["progress"] as? NSNumber)?.doubleValue == 100)

            let ndjson = try await server.get("/api/v1/downloads/\(id)?format=ndjson")
            #expect(ndjson.status == 200)
            let lines = ndjson.text.split(separator: "\n")
            #expect(lines.count == 1440)
            let first = try #require(
                try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: any Sendable])
            for key in [
                "id", "nationality", "injury_type", "triage_category", "final_status", "demographics",
                "movement_timeline",
            ] {
                #expect(first[key] != nil, "a patient has \(key)")
            }

            let csv = try await server.get("/api/v1/downloads/\(id)?format=csv")
            #expect(csv.status == 200)
            #expect(csv.text.split(separator: "\r\n").count == 1441, "a header and a row a patient")
        }
    }

    @Test("the same seed gives the same bytes, another seed gives others", arguments: TestDatabase.available)
    func determinism(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address()) { server in
            var bodies: [Data] = []
            for seed in [7, 7, 8] {
                let (id, _) = try await server.generate(#"{"scenario": \#(guideScenario), "seed": \#(seed)}"#)
                bodies.append(try await server.get("/api/v1/downloads/\(id)?format=ndjson").body)
            }
            #expect(bodies[0] == bodies[1])
            #expect(bodies[0] != bodies[2])
        }
    }

    @Test("a bare scenario is accepted as well, and a preset with a count")
    func forms() async throws {
        try await RunningServer.with { server in
            let (bare, _) = try await server.generate(guideScenario)
            #expect(
                try await server.get("/api/v1/downloads/\(bare)?format=ndjson").text.split(separator: "\n").count
                    == 1440)
            let (preset, _) = try await server.generate(
                #"{"preset": "training_exercise", "total_patients": 25, "seed": 1}"#)
            #expect(
                try await server.get("/api/v1/downloads/\(preset)?format=ndjson").text.split(separator: "\n").count
                    == 25)
        }
    }

    @Test("SIGTERM hands a running job back, and the next server finishes it", arguments: TestDatabase.available)
    func handedBack(_ database: TestDatabase) async throws {
        let folder = try RunningServer.temporaryFolder()
        let address = try await database.address() ?? "sqlite://\(folder)/kept.sqlite"
        let first = try await RunningServer.start(database: address)
        let accepted = try await first.post(
            "/api/v1/generation/", #"{"preset":"nato_article_5","total_patients":12000,"seed":3}"#)
        let id = try #require(try accepted.json()["job_id"] as? String)
        #expect(await first.stop() == 0)

        let second = try await RunningServer.start(database: address)
        let job = try await second.finished(id)
        #expect(job["status"] as? String == "completed")
        #expect(await second.stop() == 0)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
