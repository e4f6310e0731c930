import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Testing

@testable import PatientServer

@Suite("Routes and their description")
struct RouteTests {
    /// A server that is put together and not started.
    private func application() throws -> (ServerApplication, folder: String) {
        let folder = try RunningServer.temporaryFolder()
        let settings = try Settings.load(
            commandLine: ["database": "sqlite://\(folder)/db.sqlite"], environment: [:], folder: nil)
        return (try ServerApplication(settings: settings, logger: Logger(label: "test")), folder)
    }

    @Test func `the OpenAPI document has every route, and no other`() async throws {
        let (application, folder) = try application()
        let routes = Set(
            try application.router().routes.map { route in
                let path = route.path.description
                return "\(route.method.rawValue.lowercased()) /\(path.split(separator: "/").joined(separator: "/"))"
            })
        await application.close()
        try FileManager.default.removeItem(atPath: folder)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(PackageResources.openapi_json)) as? [String: Any])
        #expect(document["openapi"] as? String == "3.1.0")
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let described = Set(
            paths.flatMap { path, methods in
                methods.keys.map { "\($0) /\(path.split(separator: "/").joined(separator: "/"))" }
            })
        // The parts of the pages are no API.
        let parts: Set = ["get /app.js", "get /pictures.js", "get /style.css", "get /docs.js"]
        #expect(routes.subtracting(parts).subtracting(described).isEmpty, "not described")
        #expect(described.subtracting(routes).isEmpty, "described and not there")
    }

    @Test(arguments: [
        ("bytes=0-9", 100, ByteRange.part(0..<10)), ("bytes=90-", 100, .part(90..<100)),
        ("bytes=-10", 100, .part(90..<100)), ("bytes=-1000", 100, .part(0..<100)),
        ("bytes=95-1000", 100, .part(95..<100)),
        ("bytes=0-99999999999999999999", 100, .part(0..<100)), ("bytes=100-", 100, .unsatisfiable),
        ("bytes=-0", 100, .unsatisfiable), ("bytes=0-0", 0, .unsatisfiable), ("bytes=9-0", 100, .ignored),
        ("bytes=a-b", 100, .ignored), ("lines=0-9", 100, .ignored), ("bytes=0-1,5-6", 100, .ignored),
        ("bytes=--5", 100, .ignored), ("bytes=+1-5", 100, .ignored), ("bytes=", 100, .ignored),
    ])
    func `a range is read as RFC 9110 has it`(header: String, length: Int, expected: ByteRange) {
        #expect(ByteRange(header, of: length) == expected)
    }
}
