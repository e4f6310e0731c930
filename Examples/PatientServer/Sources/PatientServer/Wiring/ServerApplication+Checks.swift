import AsyncHTTPClient
import Foundation
import HealthChecks
import JobQueue
import NIOCore
import NIOHTTP1
import NIOSSL
import SQLDatabase
import ServiceIntegration

extension ServerApplication {
    /// What this process looks at, in the background.
    func addChecks() {
        let storage = storage
        health.add(HealthCheck(name: "api", kind: .live, interval: .seconds(5)) { .healthy })
        health.add(watchdog.check())
        health.add(storage.check)
        health.add(
            .poolSaturation(
                degradedAbove: settings.alerts.connectionPoolExhausted.threshold, statistics: storage.statistics))
        health.add(.pendingMigrations { try await Schema.pending(storage.database) })
        health.add(.queueAge { try await storage.jobs.statistics().compactMap(\.oldestReady).max() })
        health.add(.disk(path: folder))
        health.add(.memory())
        health.add(.fileDescriptors())
        health.add(.pressure(.memory))
        health.add(.clockStep())
        if let check = shared.check { health.add(check) }
        if let path = settings.certificate {
            // Read at each look: who renews it puts a new file there.
            health.add(
                .certificateExpiry {
                    guard let own = try NIOSSLCertificate.fromPEMFile(path).first else { throw NoCertificate() }
                    return Date(timeIntervalSince1970: Double(own.notValidAfter))
                })
        }
        for endpoint in settings.endpoints { health.add(.answers(endpoint.name, endpoint.url)) }
        if let address = settings.alertmanager { health.add(.alertmanager(address)) }
    }

    /// Where the process writes.
    private var folder: String {
        guard case .sqlite(let path) = settings.database else { return "/" }
        return path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/" : "."
    }
}

extension HealthCheck {
    /// Whether the Alertmanager that alerts are pushed to takes any.
    static func alertmanager(_ address: String) -> HealthCheck { .answers("alertmanager", "\(address)/-/ready") }

    /// One GET of an address.
    fileprivate static func answers(_ name: String, _ url: String) -> HealthCheck {
        .httpEndpoint(name: name) {
            // Less than the check may take, so that a refused connection is told as one and not as silence.
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .milliseconds(1500))
            // What it says beside the status is not of interest, however long it is.
            return Int(answer.status.code)
        }
    }
}

private struct NoCertificate: Error {}
