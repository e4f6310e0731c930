import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceIntegration
import ServiceMetrics

extension AlertEvaluator {
    /// The alerts of `config/monitoring.yml`, pushed to Alertmanager where its address is set.
    convenience init(_ settings: Settings, registry: MetricRegistry, logger: Logger) {
        self.init(
            registry: registry, thresholds: settings.alerts.thresholds,
            labels: [
                "service": "patient-server", "env": settings.environment,
                // Of several servers each has alerts of its own: one that is well must not end another's.
                "instance": "\(ProcessInfo.processInfo.hostName):\(settings.port)",
            ], logger: logger,
            push: settings.alertmanager.map(pushing(to:)))
    }
}

/// Alertmanager refused.
private struct NotTaken: Error { let status: UInt }

private func pushing(to address: String) -> @Sendable ([UInt8]) async throws -> Void {
    { body in
        var request = HTTPClientRequest(url: "\(address)/api/v2/alerts")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
        guard response.status.code < 300 else { throw NotTaken(status: response.status.code) }
    }
}
