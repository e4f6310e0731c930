import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite struct EnvironmentTests {
    private func configuration(_ dsn: String?, _ environment: [String: String]) throws -> PostgresConfiguration {
        try PostgresConfiguration(dsn, environment: { environment[$0] })
    }

    private func withServiceFile(_ text: String, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/services-\(UUID().uuidString.prefix(8))"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `each variable of libpq sets its property or its option`() throws {
        let made = try configuration(
            nil,
            [
                "PGHOST": "db1,db2", "PGHOSTADDR": "10.0.0.1,10.0.0.2", "PGPORT": "5433", "PGUSER": "app",
                "PGDATABASE": "clinic", "PGPASSWORD": "secret", "PGPASSFILE": "/p", "PGSSLMODE": "verify-ca",
                "PGAPPNAME": "ward", "PGOPTIONS": "-c geqo=off", "PGCONNECT_TIMEOUT": "4",
                "PGTARGETSESSIONATTRS": "read-write", "PGSSLROOTCERT": "/r", "PGSSLCERT": "/c", "PGSSLKEY": "/k",
                "PGSSLCRL": "/l", "PGREQUIREPEER": "postgres", "PGCLIENTENCODING": "LATIN1", "PGKRBSRVNAME": "",
            ])
        #expect(
            made.hosts == [
                .init("db1", port: 5433, address: "10.0.0.1"), .init("db2", port: 5433, address: "10.0.0.2"),
            ])
        #expect(made.user == "app" && made.database == "clinic" && made.fixedPassword == "secret")
        #expect(made.tls == .verifyCA && made.applicationName == "ward" && made.connectTimeout == .seconds(4))
        #expect(made.sessionRole == .readWrite)
        #expect(made.tlsRootCertificates == "/r" && made.tlsCertificate == "/c" && made.tlsKey == "/k")
        #expect(
            made.libpqParameters == [
                "passfile": "/p", "options": "-c geqo=off", "sslcrl": "/l", "requirepeer": "postgres",
            ])
    }

    @Test func `the DSN precedes the service, which precedes the environment and the defaults`() throws {
        let text = """
            # clinics
            [other]
            host=wrong
            [clinic]
              host=db
            port=5433
            port=1
            dbname=from-service
            user=from-service
            [clinic]
            host=again
            """
        try withServiceFile(text) { path in
            let environment = [
                "PGSERVICEFILE": path, "PGPORT": "7", "PGUSER": "from-environment", "PGAPPNAME": "from-environment",
            ]
            let made = try configuration("service=clinic user=from-dsn", environment)
            #expect(made.hosts == [.init("db", port: 5433)])
            #expect(made.user == "from-dsn" && made.database == "from-service")
            #expect(made.applicationName == "from-environment" && made.tls == .prefer)
            let named = try configuration(nil, environment.merging(["PGSERVICE": "clinic"]) { $1 })
            #expect(named.user == "from-service" && named.hosts == [.init("db", port: 5433)])
            #expect(try configuration("postgresql://a@h/?service=clinic", environment).database == "from-service")
            #expect(PostgresConfiguration().user == "postgres")
        }
    }

    @Test func `what is wrong with a service is said with the file and the line, without its values`() throws {
        func refused(_ environment: [String: String], _ dsn: String = "service=clinic") -> String {
            let error = #expect(throws: PostgresError.self) { try configuration(dsn, environment) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.description.contains("hunter2") == false)
            return error?.message ?? ""
        }
        for (line, expected) in [
            ("hunter2", "line 2"), ("service=x", "another service"), ("ldap://hunter2", "LDAP"),
            ("sslmod=hunter2", "did you mean \"sslmode\""), ("port=hunter2", "port in the service file"),
        ] {
            try withServiceFile("[clinic]\n\(line)\n") { path in
                let message = refused(["PGSERVICEFILE": path])
                #expect(message.contains(expected), "\(message)")
            }
        }
        #expect(refused(["PGSERVICEFILE": "/nowhere/services"]).contains("/nowhere/services cannot be read"))
        #expect(refused(["HOME": "/nowhere", "PGSYSCONFDIR": "/none"]).contains("/none/pg_service.conf"))
        #expect(refused(["PGPORT": "hunter2"], "host=h").contains("PGPORT"))
        #expect(refused(["PGSSLMODE": "hunter2"], "host=h").contains("PGSSLMODE"))
    }

    /// `psql` with the same environment and the same DSN reaches the same session.
    @Test(needsOwnServer) func `psql is where we are`() async throws {
        let server = try await PostgresServer.start()
        try await server.run(sql: "CREATE DATABASE oracle")
        try await server.run(sql: "CREATE ROLE oracle LOGIN")
        let directory = try #require(server.directory)
        let services = directory + "/services"
        try Data(
            "[s]\nhost=127.0.0.1\nport=\(server.port)\nuser=oracle\ndbname=oracle\noptions=-c geqo=off\n".utf8
        ).write(to: URL(fileURLWithPath: services))
        let base = ["PGHOST": "127.0.0.1", "PGPORT": "\(server.port)", "PGUSER": "postgres"]
        let service = ["PGSERVICEFILE": services]
        let cases: [(dsn: String?, environment: [String: String])] = [
            (nil, base), (nil, base.merging(["PGDATABASE": "oracle", "PGAPPNAME": "here"]) { $1 }),
            (nil, service.merging(["PGSERVICE": "s"]) { $1 }), ("service=s user=postgres", service),
            (nil, service.merging(["PGSERVICE": "s", "PGUSER": "postgres", "PGDATABASE": "postgres"]) { $1 }),
            ("postgresql:///oracle?user=oracle", base), ("postgresql://oracle@", base), ("dbname='oracle'", base),
            ("postgresql://guarded@/postgres", base.merging(["PGPASSWORD": "secret"]) { $1 }),
            ("user=postgres host=nowhere.invalid", base.merging(["PGHOSTADDR": "127.0.0.1"]) { $1 }),
            ("host=\(directory) user=postgres", ["PGPORT": "\(server.port)"]),
            ("host=127.0.0.1,127.0.0.1 port=1,\(server.port) user=postgres", [:]),
            ("user=postgres", base.merging(["PGOPTIONS": "-c geqo=off -c search_path=a,\\ b"]) { $1 }),
            ("user=postgres options='-c geqo=off'", base.merging(["PGSSLMODE": "disable"]) { $1 }),
        ]
        let sql = """
            SELECT concat_ws('|', current_user, current_database(), inet_server_port(), current_setting('geqo'),
                current_setting('search_path'))
            """
        let psql = try #require(PostgresServer.binaries) + "/psql"
        for (dsn, environment) in cases {
            let seen = try await ChildProcess.run(
                psql, ["-X", "-q", "-A", "-t", "-d", dsn ?? "", "-c", sql],
                environment: environment.merging(["PGCONNECT_TIMEOUT": "10"]) { $1 }
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            let made = try PostgresConfiguration(dsn, environment: { environment[$0] })
            let backend = PostgresConnectionBackend(configuration: made, loops: loops)
            let connection = try await backend.connect()
            let ours = try await connection.query(SQLQuery(unsafe: sql, []))[0].decode(0, as: String.self)
            await backend.close(connection)
            #expect(ours == seen, "\(dsn ?? "") \(environment)")
        }
        await server.remove()
    }

    @Test(needsOwnServer) func `the process's own environment is read, and another service in it is not mixed in`()
        async throws
    {
        let server = try await PostgresServer.shared()
        let services = FileManager.default.temporaryDirectory.path + "/services-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: services) }
        let port = server.port
        try Data(
            """
            [wrong]
            host=127.0.0.1
            port=1
            requirepeer=nobody
            passfile=/nowhere
            [right]
            host=127.0.0.1
            port=\(port)
            user=postgres
            """.utf8
        ).write(to: URL(fileURLWithPath: services))
        await #expect(processExitsWith: .success) { [port = port as Int, services = services as String] in
            setenv("PGSERVICEFILE", services, 1)
            setenv("PGSERVICE", "wrong", 1)
            let wrong = try PostgresConfiguration.fromEnvironment()
            precondition(wrong.hosts == [.init("127.0.0.1", port: 1)])
            let right = try PostgresConfiguration("service=right dbname=postgres")
            precondition(right.hosts == [.init("127.0.0.1", port: port)] && right.libpqParameters.isEmpty)
            let database = try PostgresDatabase(configuration: right)
            _ = try await database.query("SELECT 1")
            await database.shutdown()
            unsetenv("PGSERVICE")
            setenv("PGUSER", "nobody_at_all", 1)
            let named = try PostgresConfiguration("host=h")
            precondition(named.user == "nobody_at_all")
            precondition(PostgresConfiguration().user == "postgres")
            setenv("PGDATESTYLE", "German", 1)
            let styled = try PostgresDatabase(configuration: right)
            do {
                _ = try await styled.query("SELECT 1")
                preconditionFailure("PGDATESTYLE was accepted")
            } catch {
                precondition("\(error)".contains("PGDATESTYLE"))
            }
            await styled.shutdown()
        }
    }
}
