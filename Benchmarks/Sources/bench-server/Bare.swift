import Hummingbird
import Logging

/// The same answer as `GET /health/live`, and nothing else.
func serveBare(port: Int) async throws {
    let router = Router()
    router.get("api/v1/health/live") { _, _ in
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: #"{"status":"alive"}"#)))
    }
    var logger = Logger(label: "bare")
    logger.logLevel = .warning
    let application = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
    try await application.runService()
}
