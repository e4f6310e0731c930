import ConnectionPool
import DriverExecutors
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

let needsServer: ConditionTrait = .enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL server or its programs")
let needsOwnServer: ConditionTrait = .enabled(
    if: PostgresServer.canStart, "needs PostgreSQL's programs, to stop and freeze a server")

/// The loops of the tests' single connections.
let loops: LoopGroup = {
    do { return try LoopGroup(count: 1, name: "test-loop") } catch { preconditionFailure("\(error)") }
}()

/// Lends a connection of its own to a body and closes it afterwards.
func withConnection<Result>(
    _ configure: (inout PostgresConfiguration) -> Void = { _ in }, dsn: String? = nil, on group: LoopGroup = loops,
    notices: (@Sendable (PostgresNotice) -> Void)? = nil, _ body: (PostgresConnection) async throws -> Result
) async throws -> Result {
    let server = try await PostgresServer.shared()
    var configuration = try PostgresConfiguration(dsn ?? server.dsn())
    configure(&configuration)
    let backend = PostgresConnectionBackend(configuration: configuration, loops: group, notices: notices)
    let connection = try await backend.connect()
    do {
        let result = try await body(connection)
        await backend.close(connection)
        return result
    } catch {
        await backend.close(connection)
        throw error
    }
}

/// Lends a server that speaks TLS, and its certificates.
func withTLSServer<Result>(
    _ body: (PostgresServer, Certificates) async throws -> Result
) async throws -> Result {
    let certificates = try await Certificates()
    defer { certificates.remove() }
    let server = try await PostgresServer.start(settings: [
        "ssl": "on", "ssl_cert_file": certificates.serverCertificate, "ssl_key_file": certificates.serverKey,
        "ssl_ca_file": certificates.authority,
    ])
    do {
        let result = try await body(server, certificates)
        await server.remove()
        return result
    } catch {
        await server.remove()
        throw error
    }
}
