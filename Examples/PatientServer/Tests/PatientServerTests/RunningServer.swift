import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ServerTestSupport
import Testing

/// The real binary, started on a free loopback port in a temporary folder, spoken to over HTTP.
final class RunningServer: Sendable {
    let child: ChildProcess
    let folder: String
    let port: Int
    private let host: String
    private let key: String?
    var base: String { "http://\(host):\(port)" }
    var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    private init(child: ChildProcess, folder: String, host: String, port: Int, key: String?) {
        self.child = child
        self.folder = folder
        self.host = host
        self.port = port
        self.key = key
    }

    /// The folder that holds the products of this build.
    static let products: String = {
        let test =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return (test as NSString).deletingLastPathComponent
    }()

    static func temporaryFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.path + "/patient-server-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Starts `serve` and waits until it is ready.
    /// - Parameter database: the address; a SQLite file of its own by default.
    /// - Parameter namespace: the network it lives in; there it is asked with a key.
    static func start(
        database: String? = nil, _ arguments: [String] = [], environment: [String: String] = [:],
        folder: String? = nil, in namespace: NetworkNamespace? = nil, key: String? = nil
    ) async throws -> RunningServer {
        let folder = try folder ?? temporaryFolder()
        let port = try TestPort.free()
        let command =
            [
                "\(products)/patient-server", "serve", "--host", namespace == nil ? "127.0.0.1" : "0.0.0.0", "--port",
                "\(port)", "--database", database ?? "sqlite://\(folder)/db.sqlite",
            ] + arguments
        let child = try ChildProcess.start(command, in: namespace, environment: environment, output: "\(folder)/log")
        let server = RunningServer(
            child: child, folder: folder, host: namespace?.address ?? "127.0.0.1", port: port, key: key)
        while true {
            if let ready = try? await server.get("/api/v1/health/ready"), ready.status == 200 { return server }
            guard child.isRunning else {
                throw ChildProcess.Failure(description: "the server ended before it was ready:\n\(server.log)")
            }
            await Task.yield()
        }
    }

    /// Starts a server, lends it and ends it, also when the body throws. The end must be clean.
    static func with(
        database: String? = nil, _ arguments: [String] = [], environment: [String: String] = [:],
        _ body: (RunningServer) async throws -> Void
    ) async throws {
        let server = try await start(database: database, arguments, environment: environment)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        #expect(await server.stop() == 0, "the server ends with 0")
    }

    /// Ends the server as an operator would.
    @discardableResult
    func stop() async -> Int32 {
        child.signal(SIGTERM)
        let code = await child.ended()
        try? FileManager.default.removeItem(atPath: folder)
        return code
    }

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
        /// The body as a JSON object.
        func json() throws -> [String: any Sendable] {
            guard let object = try JSONSerialization.jsonObject(with: body) as? [String: any Sendable] else {
                throw ChildProcess.Failure(description: "not a JSON object: \(text.prefix(500))")
            }
            return object
        }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers: headers)
    }

    func post(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send(
            "POST", path, body: body, headers: ["Content-Type": "application/json"].merging(headers) { $1 })
    }

    func send(_ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        var request = HTTPClientRequest(url: base + path)
        request.method = .RAW(value: method)
        if let key { request.headers.add(name: "X-API-Key", value: key) }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let buffer = try await response.body.collect(upTo: 1 << 30)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $0 + ", " + $1 },
            body: Data(buffer.readableBytesView))
    }

    /// One figure of the scrape, its labels as they are written there.
    func metric(_ name: String) async throws -> Double {
        let line = try await get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        guard let figure = line.flatMap({ Double($0.dropFirst(name.count + 1)) }) else {
            throw ChildProcess.Failure(description: "the scrape has no \(name)")
        }
        return figure
    }

    /// Posts a generation and waits for its end.
    func generate(_ body: String) async throws -> (id: String, job: [String: any Sendable]) {
        let accepted = try await post("/api/v1/generation/", body)
        guard accepted.status == 202, let id = try accepted.json()["job_id"] as? String else {
            throw ChildProcess.Failure(description: "not accepted: \(accepted.status) \(accepted.text)")
        }
        return (id, try await finished(id))
    }

    /// Waits until a job is at rest.
    func finished(_ id: String) async throws -> [String: any Sendable] {
        while true {
            let job = try await get("/api/v1/jobs/\(id)").json()
            if let status = job["status"] as? String, ["completed", "failed", "cancelled"].contains(status) {
                return job
            }
            await Task.yield()
        }
    }
}

extension ChildProcess {
    /// Starts a program in a network of its own, or in the tests' own.
    static func start(
        _ command: [String], in namespace: NetworkNamespace?, environment: [String: String] = [:], output: String
    ) throws -> ChildProcess {
        let words = (namespace.map { ["/usr/bin/env", "ip", "netns", "exec", $0.name] } ?? []) + command
        return try start(words[0], Array(words.dropFirst()), environment: environment, output: output)
    }
}
