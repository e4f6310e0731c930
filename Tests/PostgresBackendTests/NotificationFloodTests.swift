import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// Notifications come when they are sent, however many lie in the socket at once: the check of the connection, which
/// would find them at last, is an hour away.
@Suite(needsOwnServer) struct NotificationFloodTests {
    @Test(.timeLimit(.minutes(1))) func `in the clear`() async throws {
        #expect(try await floods(dsn: PostgresServer.shared().makeDatabase(), .disable) > 50_000)
    }

    @Test(.timeLimit(.minutes(1))) func `encrypted`() async throws {
        let count = try await withTLSServer { server, _ in try await floods(dsn: server.dsn(), .require) }
        #expect(count > 50_000)
    }

    private struct Unexpected: Error {}

    private func floods(dsn: String, _ tls: PostgresConfiguration.TLSMode) async throws -> Int {
        let seed: UInt64 = 20_261
        var random = SplitMix64(seed: seed)
        var total = 0
        for round in 0..<40 {
            // A new connection each: what it reads at once grows with what has come.
            try await withDatabase(dsn: dsn, configure: { $0.tls = tls }) { database in
                let sequence = database.notifications(on: ["flood"], checkInterval: .seconds(3600), bufferSize: 10_000)
                var events = sequence.makeAsyncIterator()
                guard case .listening = try await events.next() else { throw Unexpected() }
                for flood in 0..<2 {
                    let count = Int.random(in: 1...1500, using: &random)
                    // A message is 16 bytes longer: the first three end where a read of a power of two ends.
                    let width = [16, 48, 240, Int.random(in: 6...2000, using: &random)].randomElement(using: &random)!
                    _ = try await database.query(
                        """
                        SELECT pg_notify('flood', rpad(n::text || ' ', \(width), 'x'))
                        FROM generate_series(1, \(count)) n
                        """)
                    for number in 1...count {
                        guard case .notification(let note) = try await events.next() else { throw Unexpected() }
                        #expect(note.payload.hasPrefix("\(number) "), "seed \(seed), round \(round), flood \(flood)")
                    }
                    total += count
                }
            }
        }
        print("floods (\(tls)): seed \(seed), 80 floods, \(total) notifications")
        return total
    }
}
