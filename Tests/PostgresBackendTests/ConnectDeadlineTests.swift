import ConnectionPool
import DriverExecutors
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Each step of connecting that never ends: the attempt ends at its limit, and at once when it is cancelled.
@Suite(needsOwnServer) struct ConnectDeadlineTests {
    /// A password provider that ignores cancellation until it is opened.
    private final class Gate: Sendable {
        private let state = Guarded<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.with { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.with { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func time(_ body: () async -> Void) async -> Duration { await ContinuousClock().measure { await body() } }

    @Test func `a provider that never returns ends at the limit, and hanging calls are bounded`() async throws {
        let gate = Gate()
        var configuration = try await PostgresConfiguration(PostgresServer.shared().dsn(user: "guarded"))
        configuration.connectTimeout = .milliseconds(50)
        configuration.password = .provider {
            await gate.pass()
            return "secret"
        }
        let connector = Connector(configuration: configuration, notices: nil)
        for number in 1...PasswordSource.mostHanging {
            let error = await #expect(throws: PostgresError.self) { try await connector.connect(on: loops.next()) }
            #expect(error?.code == .connectTimeout)
            #expect(error?.message.contains("password provider") == true)
            #expect(connector.passwords.hangingCalls == number)
        }
        // No further call is begun.
        let error = await #expect(throws: PostgresError.self) { try await connector.connect(on: loops.next()) }
        #expect(error?.message.contains("have not returned") == true)
        #expect(connector.passwords.hangingCalls == PasswordSource.mostHanging)
        gate.open()
        try await waitUntil { connector.passwords.hangingCalls == 0 }
        // On a busy machine the limit may pass before the server has answered.
        var session: PostgresSession?
        for _ in 0..<100 where session == nil { session = try? await connector.connect(on: loops.next()) }
        try await #require(session).close()
    }

    @Test func `a cancelled attempt leaves a provider that hangs at once`() async throws {
        let (gate, asked) = (Gate(), Guarded(false))
        var configuration = try await PostgresConfiguration(PostgresServer.shared().dsn(user: "guarded"))
        configuration.password = .provider {
            asked.with { $0 = true }
            await gate.pass()
            return "secret"
        }
        let connector = Connector(configuration: configuration, notices: nil)
        let attempt = Task { _ = try await connector.connect(on: loops.next()) }
        try await waitUntil { asked.with { $0 } }
        attempt.cancel()
        await #expect(throws: CancellationError.self) { try await attempt.value }
        #expect(connector.passwords.hangingCalls == 1)
        gate.open()
        try await waitUntil { connector.passwords.hangingCalls == 0 }
    }

    @Test func `a password with a NUL is refused`() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await withConnection({ $0.password = .provider { "sec\0ret" } }) { _ in }
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("sec") == false)
    }

    /// Bytes of the server after which nothing comes: none; its answer to the question for TLS; a part of the TLS
    /// handshake or of the authentication; a part of the session's start.
    @Test(arguments: [
        (false, 0), (false, 1), (false, 12), (false, 40), (false, 200), (true, 0), (true, 1), (true, 300), (true, 1500),
    ])
    func `a silent server ends the attempt at the limit, at whatever stage`(encrypted: Bool, bytes: Int) async throws {
        let certificates = encrypted ? try await Certificates() : nil
        defer { certificates?.remove() }
        var settings: [String: String] = [:]
        if let certificates {
            settings = [
                "ssl": "on", "ssl_cert_file": certificates.serverCertificate, "ssl_key_file": certificates.serverKey,
            ]
        }
        let server = encrypted ? try await PostgresServer.start(settings: settings) : try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.stall(afterBytes: bytes)
        if bytes == 0 { proxy.blackHole() }
        let dsn = server.dsn(user: "guarded", password: "secret", host: "127.0.0.1", port: proxy.port)
        let taken = await time {
            let error = await #expect(throws: PostgresError.self) {
                try await withConnection({ $0.connectTimeout = .milliseconds(300) }, dsn: dsn) { _ in }
            }
            #expect(error?.code == .connectTimeout, "\(error?.message ?? "")")
        }
        #expect(taken < .seconds(5))
        proxy.heal()
        if bytes > 0 {
            proxy.cut()
            proxy.stall(afterBytes: bytes)
            let seen = proxy.accepted
            let attempt = Task { try await withConnection(dsn: dsn) { _ in } }
            try await waitUntil { proxy.accepted > seen }
            try await Task.sleep(for: .milliseconds(50))
            let start = ContinuousClock.now
            attempt.cancel()
            await #expect(throws: CancellationError.self) { try await attempt.value }
            #expect(ContinuousClock.now - start < .seconds(2))
        }
        if encrypted { await server.remove() }
    }

    /// A cut is no refusal, wherever it happens: another attempt may succeed.
    @Test(arguments: [false, true])
    func `a connection that is cut while it is made never counts as refused for good`(encrypted: Bool) async throws {
        let certificates = encrypted ? try await Certificates() : nil
        defer { certificates?.remove() }
        let settings = certificates.map {
            ["ssl": "on", "ssl_cert_file": $0.serverCertificate, "ssl_key_file": $0.serverKey]
        }
        let server = try await PostgresServer.start(settings: settings ?? [:])
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        let dsn = server.dsn(user: "guarded", password: "secret", host: "127.0.0.1", port: proxy.port)
        var failures = 0
        for bytes in stride(from: 1, to: 2500, by: encrypted ? 61 : 13) {
            proxy.cut(afterBytes: bytes)
            do {
                try await withConnection({ $0.tls = encrypted ? .require : .disable }, dsn: dsn) { _ in }
            } catch let error as PostgresError {
                failures += 1
                #expect(!error.preventsConnecting, "\(bytes): \(error)")
            }
            proxy.heal()
        }
        #expect(failures > 10)
        await server.remove()
    }

    @Test func `a shutdown does not wait for a provider that hangs`() async throws {
        let (gate, asked) = (Gate(), Guarded(false))
        var configuration = try await PostgresConfiguration(PostgresServer.shared().dsn(user: "guarded"))
        configuration.password = .provider {
            asked.with { $0 = true }
            await gate.pass()
            return "secret"
        }
        let database = try PostgresDatabase(configuration: configuration)
        let query = Task { try await database.query("SELECT 1") }
        let listener = Task {
            for try await event in database.notifications(on: ["a"]) { Issue.record("\(event)") }
        }
        try await waitUntil { asked.with { $0 } }
        let taken = await time { await database.shutdown() }
        #expect(taken < .seconds(5))
        await #expect(throws: PoolError.self) { try await query.value }
        try await listener.value
        gate.open()
    }

    @Test func `all addresses together have a limit`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.blackHole()
        let hosts = Array(repeating: PostgresConfiguration.Host("127.0.0.1", port: proxy.port), count: 50)
        let taken = await time {
            let error = await #expect(throws: PostgresError.self) {
                try await withConnection({
                    $0.hosts = hosts
                    $0.connectTimeout = .milliseconds(200)
                    $0.totalConnectTimeout = .milliseconds(700)
                }) { _ in }
            }
            #expect(error?.code == .connectTimeout)
        }
        #expect(taken < .seconds(5))
        #expect(proxy.accepted <= 5)
    }

    @Test func `a task that is cancelled before it connects opens nothing`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.blackHole()
        let (stream, go) = AsyncStream<Void>.makeStream()
        let attempt = Task {
            for await _ in stream {}
            try await withConnection(dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { _ in }
        }
        attempt.cancel()
        go.finish()
        await #expect(throws: CancellationError.self) { try await attempt.value }
    }

    @Test func `a look-up that hangs ends at the limit and at cancellation`() async throws {
        let loop = loops.next()
        let held = DispatchSemaphore(value: 0)
        let nothing = try await TimeLimit.wait(.milliseconds(50), on: loop) { (call: PendingCall<Int>) in
            BlockingCalls.shared.run {
                held.wait()
                call.finish(1)
            }
        }
        #expect(nothing == nil)
        let waiting = Task {
            try await TimeLimit.wait(.seconds(60), on: loop) { (call: PendingCall<Int>) in
                BlockingCalls.shared.run {
                    held.wait()
                    call.finish(1)
                }
            }
        }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        held.signal()
        held.signal()
    }
}
