import Foundation
import ServerTestSupport
import Testing

/// Judges from elsewhere: schemathesis holds the server against its OpenAPI document, Chromium uses its page.
/// `VITALS_TEST_PYTHON` names a Python that has Tests/Validators/requirements.txt.
@Suite("Judges from elsewhere", .serialized)
struct ValidatorTests {
    static let python = ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"]
    static let hasPython = python != nil
    static let hasBrowser =
        hasPython && ["/usr/bin/chromium", "/usr/bin/chromedriver"].allSatisfy(FileManager.default.isExecutableFile)

    @Test(.enabled(if: hasPython, "needs VITALS_TEST_PYTHON"))
    func `schemathesis finds no failure of the server and no breach of its description`() async throws {
        let python = try #require(Self.python)
        let arguments = ["--workers", "1", "--max-patients", "2000"]
        try await RunningServer.with(arguments, environment: ["MAX_STREAMS": "64"]) { server in
            let checks = [
                "not_a_server_error", "status_code_conformance", "content_type_conformance",
                "response_schema_conformance", "response_headers_conformance", "unsupported_method",
            ]
            let program = URL(fileURLWithPath: python).deletingLastPathComponent().path + "/schemathesis"
            // It keeps notes where it runs.
            let output = try await ChildProcess.run(
                "/bin/sh",
                [
                    "-c", "cd \"$0\" && exec \"$@\"", server.folder, program, "run", "\(server.base)/openapi.json",
                    "--checks", checks.joined(separator: ","), "--max-examples",
                    "10", "--seed", "8", "--phases", "examples,coverage,fuzzing", "--request-timeout", "20",
                    "--suppress-health-check", "all", "--max-time", "30", "--warnings", "off",
                ])
            // Every operation but the description it was loaded from.
            let tried = try await Self.operations(of: server) - 1
            for line in ["\(tried) selected / \(tried) total", "Tested: \(tried)", "No issues found"] {
                #expect(output.contains(line), "\(line) is not in \(output.suffix(1500))")
            }
            #expect(!server.log.contains("\"status\":500"))
        }
    }

    /// How many operations the server's own description holds.
    static func operations(of server: RunningServer) async throws -> Int {
        let document = try await server.get("/openapi.json").json()
        let paths = try #require(document["paths"] as? [String: [String: any Sendable]])
        let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options"]
        return paths.values.reduce(0) { $0 + $1.keys.count(where: methods.contains) }
    }

    @Test(.enabled(if: hasBrowser, "needs VITALS_TEST_PYTHON, chromium and chromium-driver"))
    func `a planner builds, starts, follows and looks at a generation in a browser`() async throws {
        let python = try #require(Self.python)
        try await RunningServer.with { server in
            let shots =
                ProcessInfo.processInfo.environment["VITALS_SCREENSHOTS"] ?? "\(server.folder)/screenshots"
            let output = try await ChildProcess.run(
                python, ["\(DocumentTests.root)/Tests/Validators/page.py", server.base, shots])
            #expect(output.contains("the page holds"))
        }
    }
}
