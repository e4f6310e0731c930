import Foundation
import ServerTestSupport
import Testing

@Suite("Saved scenarios, end to end", .serialized)
struct ConfigurationRouteTests {
    @Test(arguments: TestDatabase.available)
    func `a scenario is saved, changed by versions, generated from, and removed`(_ database: TestDatabase) async throws
    {
        try await RunningServer.with(database: try await database.address()) { server in
            let made = try await server.post(
                "/api/v1/configurations/", #"{"name":"First","description":"d","scenario":{"total_patients":20}}"#)
            #expect(made.status == 201 && made.headers["etag"] == "\"1\"")
            let id = try #require(try made.json()["id"] as? String)
            #expect(made.headers["location"] == "/api/v1/configurations/\(id)")
            let path = "/api/v1/configurations/\(id)"
            func put(_ count: Int, _ headers: [String: String] = [:]) async throws -> RunningServer.Answer {
                try await server.send(
                    "PUT", path, body: #"{"name":"Second","scenario":{"total_patients":\#(count)}}"#,
                    headers: ["Content-Type": "application/json"].merging(headers) { $1 })
            }
            #expect(try await put(25, ["If-Match": "\"1\""]).headers["etag"] == "\"2\"")
            #expect(try await put(26, ["If-Match": "\"1\""]).status == 412)
            #expect(try await put(26, ["If-Match": "nonsense"]).status == 400)
            #expect(try await put(0).status == 422)
            let old = try await server.get("\(path)?version=1").json()
            #expect(old["name"] as? String == "First")
            #expect((old["scenario"] as? [String: Any])?["total_patients"] as? Int == 20)
            #expect(try await server.get("\(path)?version=9").status == 404)
            #expect(try await server.get("\(path)?version=x").status == 422)
            let (_, job) = try await server.generate(#"{"configuration_id":"\#(id)","seed":1}"#)
            #expect(job["total_patients"] as? Int == 25)
            #expect(
                try await server.post("/api/v1/generation/", #"{"configuration_id":"none"}"#).status == 422)

            for name in ["b", "c"] {
                let more = try await server.post(
                    "/api/v1/configurations/", #"{"name":"\#(name)","scenario":{"total_patients":20}}"#)
                #expect(more.status == 201)
            }
            var seen: Set<String> = []
            var cursor: String?
            repeat {
                let page = try await server.get(
                    "/api/v1/configurations/?limit=2\(cursor.map { "&cursor=\($0)" } ?? "")"
                ).json()
                for entry in page["configurations"] as? [[String: Any]] ?? [] {
                    seen.insert(try #require(entry["id"] as? String))
                }
                cursor = page["next_cursor"] as? String
            } while cursor != nil
            #expect(seen.count == 3 && seen.contains(id))
            #expect(try await server.send("DELETE", path).status == 204)
            #expect(try await server.send("DELETE", path).status == 404)
            #expect(try await server.get(path).status == 404)
            #expect(try await put(5).status == 404)
        }
    }

    @Test(arguments: [
        (#"{"scenario":{"total_patients":20}}"#, 422, "name"), (#"{"name":"","scenario":{}}"#, 422, "name"),
        (#"{"name":"a"}"#, 422, "scenario"), (#"{"name":"a","scenario":{"total_patients":0}}"#, 422, "total_patients"),
        (#"{"name":"a","scenario":{},"owner":"x"}"#, 422, "owner"), (#"{"name":1,"scenario":{}}"#, 422, "name"),
        (#"{"name":"a","description":7,"scenario":{}}"#, 422, "description"), ("[]", 400, "object"), ("{", 400, "JSON"),
    ])
    func `what is no configuration is refused by name`(body: String, status: Int, names: String) async throws {
        try await RunningServer.with { server in
            let answer = try await server.post("/api/v1/configurations/", body)
            #expect(answer.status == status, "\(answer.text)")
            #expect((try answer.json()["detail"] as? String)?.contains(names) == true, "\(answer.text)")
        }
    }

    @Test func `a scenario is checked without being saved, and the references are there`() async throws {
        try await RunningServer.with { server in
            let good = try await server.post("/api/v1/configurations/validate/", guideScenario).json()
            #expect(good["valid"] as? Bool == true)
            let bad = try await server.post("/api/v1/configurations/validate/", #"{"total_patients":0}"#)
            #expect(bad.status == 200)
            let error = try #require((try bad.json()["errors"] as? [[String: Any]])?.first)
            #expect(error["field"] as? String == "total_patients")
            for (name, key) in [
                ("nationalities", "nationalities"), ("condition-types", "condition_types"),
                ("facility-types", "facility_types"),
            ] {
                let found = try await server.get("/api/v1/configurations/reference/\(name)").json()
                #expect(((found[key] as? [Any])?.count ?? 0) > 3, "\(name)")
            }
            let presets = try #require(try await server.get("/api/v1/presets").json()["presets"] as? [[String: Any]])
            for preset in presets {
                let id = try #require(preset["id"] as? String)
                #expect(try await server.get("/api/v1/presets/\(id)").json()["id"] as? String == id)
            }
            #expect(try await server.get("/api/v1/presets/none").status == 404)
        }
    }
}
