import CVitalsLibPQ
import Foundation
import TestServers
import Testing

@testable import PostgresBackend

private let nothing: @Sendable (String) -> String? = { _ in nil }

@Suite struct DSNTests {
    @Test func `a URI is read in all its parts`() throws {
        let configuration = try PostgresConfiguration(
            "postgres://us%65r:p%40ss%3Aword@db1:5433,[::1]:5434,db3/cli%20nic?sslmode=verify-full&connect_timeout=3&tcp_user_timeout=0&sslcrl=x&target_session_attrs=primary&statement_timeout=0&pooling=direct",
            environment: nothing)
        #expect(configuration.user == "user")
        #expect(configuration.fixedPassword == "p@ss:word")
        #expect(configuration.hosts == [.init("db1", port: 5433), .init("::1", port: 5434), .init("db3", port: 5432)])
        #expect(configuration.database == "cli nic")
        #expect(configuration.tls == .verifyFull)
        #expect(configuration.connectTimeout == .seconds(3))
        #expect(configuration.tcpUserTimeout == nil)
        #expect(configuration.statementTimeout == nil)
        #expect(configuration.sessionRole == .primary)
        #expect(configuration.libpqParameters == ["sslcrl": "x"])
    }

    @Test func `keywords and values are read with libpq's quotes`() throws {
        let configuration = try PostgresConfiguration(
            #" host=db1,db2 hostaddr=10.0.0.1,::1 port = 5433 dbname='my db' password='it\'s' user=a\ b keepalives_idle=0"#,
            environment: nothing)
        #expect(
            configuration.hosts == [
                .init("db1", port: 5433, address: "10.0.0.1"), .init("db2", port: 5433, address: "::1"),
            ])
        #expect(configuration.database == "my db")
        #expect(configuration.fixedPassword == "it's")
        #expect(configuration.user == "a b")
        #expect(configuration.keepAliveIdle == .zero)
    }

    @Test func `a socket folder can be named as host`() throws {
        for dsn in [
            "postgresql:///clinic?host=/var/run/postgresql&port=6543&user=app",
            "postgresql://app@%2Fvar%2Frun%2Fpostgresql:6543/clinic",
            "host=/var/run/postgresql port=6543 user=app dbname=clinic",
        ] {
            let configuration = try PostgresConfiguration(dsn, environment: nothing)
            #expect(configuration.hosts == [.init("/var/run/postgresql", port: 6543)])
            #expect(configuration.databaseName == "clinic")
        }
        let blank = try PostgresConfiguration("host='/tmp/my sockets' user=app", environment: nothing)
        #expect(blank.hosts == [.init("/tmp/my sockets")])
        let zone = try PostgresConfiguration("host=h hostaddr=fe80::1%eth0 user=app", environment: nothing)
        #expect(zone.hosts == [.init("h", address: "fe80::1%eth0")])
    }

    @Test func `a misspelled option is refused with the nearest name`() throws {
        for (dsn, name) in [
            ("postgresql://h/db?sslmod=require", "sslmode"), ("host=h conect_timeout=3", "connect_timeout"),
            ("host=h statement_timout=3", "statement_timeout"), ("host=h SSLMODE=require", "sslmode"),
        ] {
            let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(dsn, environment: nothing) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains("did you mean \"\(name)\"") == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: [
        "", "  ", "mysql://localhost", "jdbc:postgresql://h/db", "postgresql://h:port/db", "postgresql://h:0/db",
        "postgresql://h/db?sslmode=maybe", "postgresql://h/db?connect_timeout=soon", "postgresql://h/db?novalue",
        "postgresql://u:%zz@h/db", "postgresql://u:hunter2/x@h/db", "postgresql://u:12/hunter2@h/db",
        "postgresql://u:hun@ter2@h/db", "postgresql://h/db?connect_timeout=inf",
        "postgresql://h/db?connect_timeout=nan",
        "postgresql://h/db?connect_timeout=-1", "postgresql://h/db?connect_timeout=1e400", "host=h connect_timeout=0",
        "postgresql://h/db?connect_timeout=99999999999999999999", "postgresql://h/db?keepalives_idle=1e400",
        "postgresql://h/db?statement_timeout=-5", "postgresql://h/db?statement_timeout=9223372036854775807",
        "postgresql://h/db?tcp_user_timeout=inf", "postgresql://h/db?statement_cache_size=-1", "host=h port=5432,5433",
        "host=a,b hostaddr=10.0.0.1", "hostaddr=db.example", "host=@abstract", "host=h user=''", "host=h dbname='x",
        "host=h hunter2", "host=h client_encoding=LATIN1", "host=h replication=database", "postgresql://h/%00",
        "postgresql://h/%ff", "host=h\0dbname=x", "postgresql://u:p w@h/db", "service=''",
    ])
    func `a wrong DSN is refused without repeating its values`(dsn: String) throws {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(dsn, environment: nothing) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("ter2") == false)
    }

    @Test func `options of libpq are checked when they are set in code`() throws {
        func refused(_ change: (inout PostgresConfiguration) -> Void) -> String {
            var configuration = PostgresConfiguration()
            change(&configuration)
            return #expect(throws: PostgresError.self) { try configuration.validate() }?.message ?? ""
        }
        #expect(refused { $0.libpqParameters = ["sslcrll": "x"] }.contains("did you mean \"sslcrl\""))
        #expect(refused { $0.libpqParameters = ["host": "x"] }.contains("property hosts"))
        #expect(refused { $0.libpqParameters = ["client_encoding": "LATIN1"] }.contains("client_encoding"))
        #expect(refused { $0.libpqParameters = ["passfile": "a\0b"] }.contains("NUL"))
        #expect(refused { $0.settings = ["search_path": "a\0b"] }.contains("NUL"))
        #expect(refused { $0.settings = ["datestyle": "German"] }.contains("driver's own"))
        #expect(refused { $0.settings = ["a b": "c"] }.contains("not a name"))
        #expect(refused { $0.password = .value("hunter2\0") } == "password contains a NUL character")
        #expect(refused { $0.user = "a\0" }.contains("user"))
        #expect(refused { $0.database = "a\0" }.contains("database"))
        #expect(refused { $0.hosts = [.init("a\0b")] }.contains("control character"))
        #expect(refused { $0.connectTimeout = .seconds(Int64.max) }.contains("connectTimeout"))
        #expect(refused { $0.statementTimeout = .seconds(Int64.max) }.contains("statementTimeout"))
        #expect(refused { $0.lockTimeout = .nanoseconds(1) }.contains("lockTimeout"))
        #expect(refused { $0.keepAliveIdle = .seconds(-1) }.contains("keepAliveIdle"))
        var configuration = PostgresConfiguration()
        configuration.libpqParameters = ["sslcrl": "x", "keepalives": "0"]
        try configuration.validate()
    }
}

/// The parser against libpq's own, on generated strings: it agrees or refuses.
@Suite struct DSNOracleTests {
    private let secret = "Geheim7"

    /// libpq's reading of a string: the options that are set, or `nil` when it refuses.
    private func libpq(_ text: String) -> [String: String]? {
        guard let first = PQconninfoParse(text, nil) else { return nil }
        defer { PQconninfoFree(first) }
        var options: [String: String] = [:]
        var next = first
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            next += 1
        }
        return options
    }

    private func ours(_ text: String) -> [String: String]? {
        guard let options = try? ConnectionString.options(of: text) else { return nil }
        guard options.allSatisfy({ ConnectionOptions.known.libpq.contains($0.name) || $0.name == "requiressl" }) else {
            return nil
        }
        return Dictionary(
            options.map { $0.name == "requiressl" ? ("sslmode", $0.value == "1" ? "require" : "prefer") : $0 },
            uniquingKeysWith: { $1 })
    }

    private func uri(_ random: inout SplitMix64) -> String {
        func pick(_ parts: [String]) -> String { parts[Int.random(in: 0..<parts.count, using: &random)] }
        var text = pick(["postgresql://", "postgres://", "postgresql://", "Postgres://", "postgresql:/"])
        text += pick([
            "", "", "app@", "app:\(secret)@", ":\(secret)@", "a%20b:\(secret)%40%2F@", "a:\(secret)/@",
            "a:\(secret)@x@",
        ])
        for index in 0..<Int.random(in: 1...3, using: &random) {
            if index > 0 { text += "," }
            text += pick([
                "", "db", "10.0.0.1", "[::1]", "[::1", "[]", "%2Ftmp", "h%2Ci", "[fe80::1%25eth0]", "db.example",
            ])
            text += pick(["", "", ":5432", ":", ":x", ":5433", ":99999"])
        }
        text += pick(["", "/", "/clinic", "/cli%20nic", "/%zz", "/a/b", "/ü", "/a@b", "/%41%"])
        for index in 0..<Int.random(in: 0...3, using: &random) {
            text += index == 0 ? "?" : pick(["&", "&", "&&"])
            text += pick([
                "sslmode=require", "host=/tmp", "port=1", "user=other", "password=\(secret)", "dbname=x", "ssl=true",
                "ssl=false", "nonsense=\(secret)", "sslmode", "application_name=a%20b", "a=b=c", "connect_timeout=",
                "=x", "options=-c%20a%3Db", "hostaddr=1.2.3.4", "requiressl=1", "sslmode=disable&",
            ])
        }
        return text
    }

    private func keywords(_ random: inout SplitMix64) -> String {
        func pick(_ parts: [String]) -> String { parts[Int.random(in: 0..<parts.count, using: &random)] }
        var text = pick(["", " ", "\t\n"])
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            text += pick(["host", "port", "dbname", "user", "password", "sslmode", "options", "nonsense", "", "Host"])
            text += pick(["=", "=", "=", " = ", "\n=\t", "", "=="])
            text += pick([
                "db", "'my db'", "'it\\'s'", "\\'", "a\\ b", "''", "", "'open", "\(secret)", "'\(secret)", "a\\",
                "'a'b",
                "ü", "a'b", "\\\\", "'a''b'", "5432",
            ])
            text += pick([" ", " ", "  ", "\u{0B}", "\n", ""])
        }
        return text
    }

    @Test func `on generated strings the parser agrees with libpq or refuses`() throws {
        var random = SplitMix64(seed: 17)
        var (agreed, refused, both) = (0, 0, 0)
        for number in 0..<3000 {
            let text = number.isMultiple(of: 2) ? uri(&random) : keywords(&random)
            let theirs = libpq(text)
            switch (ours(text), theirs) {
            case (let mine?, let theirs?):
                agreed += 1
                #expect(mine == theirs, "\(text.debugDescription)")
            case (_?, nil): Issue.record("libpq refuses \(text.debugDescription)")
            case (nil, _?): refused += 1
            case (nil, nil): both += 1
            }
            // Whatever becomes of it, no error shows the password.
            do {
                _ = try PostgresConfiguration(text, environment: nothing)
            } catch {
                #expect(!error.description.contains(secret), "\(text.debugDescription)")
                #expect(!"\(error.message) \(error.detail ?? "")".contains(secret))
                #expect(error.code == .invalidConfiguration)
            }
        }
        // The corpus holds enough of each kind, and hardly anything good is refused.
        #expect(agreed > 500 && both > 500, "agreed \(agreed), both refused \(both), refused alone \(refused)")
        #expect(refused * 3 < agreed, "agreed \(agreed), refused alone \(refused)")
    }
}

extension PostgresConfiguration {
    /// The password where it is a fixed one.
    var fixedPassword: String? { if case .value(let value) = password { value } else { nil } }
}
