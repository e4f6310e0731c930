import Foundation
import ServerTestSupport
import Testing

@Suite("Many machines", .serialized, .enabled(if: PostgresServer.canStart, "needs PostgreSQL's programs"))
struct ClusterTests {
    /// One seeded source for who is killed when, so that a failure can be had again.
    private struct Dice {
        var state: UInt64
        mutating func roll(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
    }

    private func worker(
        _ database: String, _ folder: String, in namespace: NetworkNamespace? = nil
    ) throws -> ChildProcess {
        try ChildProcess.start(
            ["\(RunningServer.products)/patient-server", "worker", "--workers", "1", "--database", database],
            in: namespace, environment: ["JOB_LEASE": "5s"], output: "\(folder)/worker.log")
    }

    private func files(_ server: RunningServer, _ id: String) async throws -> [Data] {
        var files: [Data] = []
        for format in ["ndjson", "csv"] {
            files.append(try await server.get("/api/v1/downloads/\(id)?format=\(format)").body)
        }
        return files
    }

    @Test func `ten generations outlive the death of servers and workers, byte for byte`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let orders = (0..<10).map {
            #"{"preset":"nato_article_5","total_patients":\#(1500 + $0 * 100),"seed":\#($0),"output_formats":["ndjson","csv"]}"#
        }
        // What one process makes of them.
        var expected: [[Data]] = []
        try await RunningServer.with(["--chunk-size", "100000"]) { server in
            for order in orders { expected.append(try await files(server, try await server.generate(order).id)) }
        }

        let database = try await PostgresServer.shared().makeDatabase()
        let arguments = ["--no-workers", "--chunk-size", "150"]
        var servers: [RunningServer] = []
        for _ in 0..<3 { servers.append(try await RunningServer.start(database: database, arguments)) }
        var workers = try (0..<4).map { _ in try worker(database, folder) }
        var ids: [String] = []
        for (index, order) in orders.enumerated() {
            let accepted = try await servers[index % 3].post(
                "/api/v1/generation/", order, headers: ["Idempotency-Key": "order-\(index)"])
            ids.append(try #require(try accepted.json()["job_id"] as? String))
        }
        var dice = Dice(state: 8)
        var kills = 0
        var open = Set(ids)
        let deadline = ContinuousClock.now + .seconds(150)
        while !open.isEmpty, .now < deadline {
            if kills < 12 {
                kills += 1
                if kills % 3 == 0 {
                    let index = dice.roll(3)
                    servers[index].child.signal(SIGKILL)
                    await servers[index].child.ended()
                    servers[index] = try await RunningServer.start(database: database, arguments)
                } else {
                    let index = dice.roll(4)
                    workers[index].signal(SIGKILL)
                    await workers[index].ended()
                    workers[index] = try worker(database, folder)
                }
            }
            for id in open {
                let job = try await servers[dice.roll(3)].get("/api/v1/jobs/\(id)").json()
                let status = job["status"] as? String ?? ""
                #expect(["queued", "running", "completed"].contains(status), "\(id): \(job)")
                if status == "completed" { open.remove(id) }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(open.isEmpty, "all ten complete; \(open.count) do not")
        #expect(kills >= 6)
        for (index, id) in ids.enumerated() where !open.contains(id) {
            #expect(try await files(servers[(index + 1) % 3], id) == expected[index], "generation \(index)")
        }
        for child in workers { child.signal(SIGTERM) }
        for child in workers { #expect(await child.ended() == 0) }
        for server in servers { #expect(await server.stop() == 0) }
    }

    @Test(.enabled("needs the right to make network namespaces") { await NetworkNamespace.isAvailable() })
    func `servers and workers in networks of their own: what one that is cut off held is finished by the others`()
        async throws
    {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = #"{"preset":"nato_article_5","total_patients":4000,"seed":5,"output_formats":["ndjson","csv"]}"#
        var expected: [Data] = []
        try await RunningServer.with(["--chunk-size", "100000"]) { server in
            expected = try await files(server, try await server.generate(order).id)
        }
        var networks: [NetworkNamespace] = []
        for _ in 0..<7 { networks.append(try await NetworkNamespace()) }
        let postgres = try await PostgresServer.start(
            settings: ["listen_addresses": (["127.0.0.1"] + networks.map(\.hostAddress)).joined(separator: ",")])
        // These addresses are routed nowhere (RFC 2544).
        let rules = "\(try #require(postgres.directory))/data/pg_hba.conf"
        let before = try String(contentsOfFile: rules, encoding: .utf8)
        try (before + "\nhost all all 198.18.0.0/15 trust\n").write(toFile: rules, atomically: false, encoding: .utf8)
        try await postgres.run(sql: "SELECT pg_reload_conf()")
        let key = try await RunningServer.makeKey("test", database: postgres.dsn()).text
        func database(_ index: Int) -> String { postgres.dsn(host: networks[index].hostAddress) }
        var servers: [RunningServer] = []
        for index in 0..<3 {
            servers.append(
                try await RunningServer.start(
                    database: database(index), ["--no-workers", "--chunk-size", "200"], in: networks[index], key: key))
        }
        let workers = try (3..<7).map { try worker(database($0), folder, in: networks[$0]) }
        let accepted = try await servers[0].post("/api/v1/generation/", order)
        let id = try #require(try accepted.json()["job_id"] as? String)
        // One worker and one server are cut off while chunks run: nothing they send is answered or refused.
        while try await servers[1].get("/api/v1/jobs/\(id)").json()["status"] as? String == "queued" {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await networks[3].blackHole()
        try await networks[0].blackHole()
        #expect(try await servers[1].finished(id)["status"] as? String == "completed")
        #expect(try await files(servers[2], id) == expected)
        // They come back, find that others did their work, and end as they should.
        try await networks[3].heal()
        try await networks[0].heal()
        #expect(try await files(servers[0], id) == expected)
        for child in workers { child.signal(SIGTERM) }
        for child in workers { #expect(await child.ended() == 0) }
        for server in servers { #expect(await server.stop() == 0) }
        await postgres.stop()
        for network in networks { await network.remove() }
    }

    @Test func `three servers that start at once on an empty database make one schema`() async throws {
        let database = try await PostgresServer.shared().makeDatabase()
        let servers = try await withThrowingTaskGroup(of: RunningServer.self) { group in
            for _ in 0..<3 { group.addTask { try await RunningServer.start(database: database, ["--no-workers"]) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for server in servers {
            #expect(try await server.get("/api/v1/jobs/").status == 200)
            #expect(await server.stop() == 0)
        }
    }

    @Test func `a rolling restart of servers and workers loses no job and no request`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try await PostgresServer.shared().makeDatabase()
        var servers = [
            try await RunningServer.start(database: database, ["--no-workers", "--chunk-size", "500"]),
            try await RunningServer.start(database: database, ["--no-workers", "--chunk-size", "500"]),
        ]
        var workers = [try worker(database, folder), try worker(database, folder)]
        let accepted = try await servers[0].post(
            "/api/v1/generation/", #"{"preset":"nato_article_5","total_patients":10000,"seed":3}"#)
        let id = try #require(try accepted.json()["job_id"] as? String)
        // A signal before a worker has its handlers would simply end it.
        var seen = 0
        while seen < 2 {
            seen =
                ((try? String(contentsOfFile: "\(folder)/worker.log", encoding: .utf8)) ?? "")
                .components(separatedBy: "worker is ready").count - 1
            try await Task.sleep(for: .milliseconds(20))
        }
        while try await servers[0].get("/api/v1/jobs/\(id)").json()["status"] as? String == "queued" {
            try await Task.sleep(for: .milliseconds(20))
        }
        for index in 0..<2 {
            workers[index].signal(SIGTERM)
            #expect(await workers[index].ended() == 0)
            workers[index] = try worker(database, folder)
            let fresh = try await RunningServer.start(database: database, ["--no-workers"])
            #expect(await servers[index].stop() == 0)
            servers[index] = fresh
            #expect(try await servers[index].get("/api/v1/jobs/\(id)").status == 200)
        }
        #expect(try await servers[1].finished(id)["status"] as? String == "completed")
        for child in workers { child.signal(SIGTERM) }
        for child in workers { #expect(await child.ended() == 0) }
        for server in servers { #expect(await server.stop() == 0) }
    }
}
