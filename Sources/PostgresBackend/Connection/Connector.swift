import CVitalsLibPQ
import DriverExecutors

/// Makes connections: gets the password, looks names up off the loop and tries the servers in their order. Each step has
/// a limit, and all steps together have one.
struct Connector: Sendable {
    let configuration: PostgresConfiguration
    let notices: (@Sendable (PostgresNotice) -> Void)?
    let passwords: PasswordSource

    init(configuration: PostgresConfiguration, notices: (@Sendable (PostgresNotice) -> Void)?) {
        self.configuration = configuration
        self.notices = notices
        passwords = PasswordSource(configuration.password)
    }

    /// What every step of making one connection needs.
    private struct Round {
        let loop: any ReadinessLoop
        let deadline: ContinuousClock.Instant
        var password: String?
        var role: PostgresConfiguration.SessionRole
    }

    /// A session with the first server that will do.
    func connect(on loop: any ReadinessLoop) async throws -> PostgresSession {
        try checkEnvironment()
        var round = Round(
            loop: loop, deadline: .now + configuration.connectBudget, role: configuration.sessionRole)
        round.password = try await passwords.password(within: try limit(of: round, []), on: loop)
        let hosts = configuration.shufflesHosts ? configuration.hosts.shuffled() : configuration.hosts
        // No libpq call asks twice round, so "standby, else any" is two rounds.
        let roles: [PostgresConfiguration.SessionRole] =
            configuration.sessionRole == .preferStandby ? [.standby, .any] : [configuration.sessionRole]
        var errors: [PostgresError] = []
        for role in roles {
            round.role = role
            for host in hosts {
                do {
                    return try await connect(to: host, round, after: errors)
                } catch let error as PostgresError {
                    guard Self.mayTryAnother(error) else { throw error }
                    errors.append(error)
                }
            }
        }
        // As long as one server may come back, it is worth trying again.
        let hopeful = errors.filter { !$0.preventsConnecting }
        throw Self.summary(errors, leading: hopeful.isEmpty ? errors : hopeful)
    }

    private func connect(
        to host: PostgresConfiguration.Host, _ round: Round, after earlier: [PostgresError]
    ) async throws -> PostgresSession {
        let addresses = try await Resolver.addresses(of: host, within: try limit(of: round, earlier), on: round.loop)
        var errors: [PostgresError] = []
        for address in addresses {
            let limit = try limit(of: round, earlier + errors)
            do {
                let server = host.isUnixSocket ? host.name : "\(host.name):\(host.port)"
                let attempt = ConnectAttempt(
                    parameters: parameters(host: host, address: address, role: round.role, password: round.password),
                    server: server, configuration: configuration, limit: limit, notices: NoticeBox(handler: notices),
                    loop: round.loop)
                let session = try await attempt.run()
                if configuration.pooling == .transactionPooler { return session }
                do {
                    try await SettingsCheck(server: server, limit: limit).run(session)
                } catch {
                    session.closeLater()
                    throw error
                }
                return session
            } catch let error as PostgresError {
                guard Self.mayTryAnother(error) else { throw error }
                errors.append(error)
            }
        }
        throw Self.summary(errors, leading: errors)
    }

    /// How long the next step may take.
    private func limit(of round: Round, _ errors: [PostgresError]) throws(PostgresError) -> Duration {
        let left = round.deadline - .now
        guard left > .zero else {
            let cause = errors.last.map { ": \($0.message)" } ?? ""
            throw PostgresError(
                .connectTimeout, "no connection was made within \(configuration.connectBudget)\(cause)",
                underlying: errors.last)
        }
        return min(left, configuration.connectTimeout)
    }

    /// Refuses variables that libpq applies on its own and that no option can override.
    private func checkEnvironment() throws(PostgresError) {
        func value(_ name: String) -> String? {
            PostgresConfiguration.processEnvironment(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        func refusal(_ text: String) -> PostgresError {
            PostgresError(.invalidConfiguration, "the environment variable \(text)")
        }
        if let style = value("PGDATESTYLE"), !style.lowercased().hasPrefix("iso") {
            throw refusal("PGDATESTYLE would change the format of dates, which must be ISO: remove it")
        }
        if let zone = value("PGTZ"), zone.uppercased() != "UTC" {
            throw refusal("PGTZ would change the session's time zone, which is UTC: remove it, or use settings")
        }
        if value("PGHOSTADDR") != nil, configuration.hosts.contains(where: { $0.isUnixSocket && $0.address == nil }) {
            throw refusal("PGHOSTADDR would replace the Unix socket by a network address: remove it")
        }
        if configuration.pooling == .transactionPooler {
            for name in ["PGOPTIONS", "PGGEQO"] where value(name) != nil {
                throw refusal("\(name) sends a setting that a pooler of transactions refuses: remove it")
            }
        }
    }

    private static func mayTryAnother(_ error: PostgresError) -> Bool {
        switch error.code {
        case .authenticationFailed, .unknownDatabase, .invalidConfiguration, .serverTooOld, .permissionDenied: false
        default: true
        }
    }

    private static func summary(_ errors: [PostgresError], leading: [PostgresError]) -> PostgresError {
        // An address where nobody listens says less than one that refused: `localhost` is two addresses.
        let telling = leading.first { $0.code != .unreachable && $0.code != .connectTimeout }
        guard let first = telling ?? leading.first else {
            return PostgresError(.unreachable, "the host has no address")
        }
        let messages = errors.map(\.message).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        guard messages.count > 1 else { return first }
        return PostgresError(
            first.code, messages.joined(separator: "; "), sqlState: first.sqlState, underlying: errors.last)
    }

    /// libpq's parameters.
    private func parameters(
        host: PostgresConfiguration.Host, address: String?, role: PostgresConfiguration.SessionRole, password: String?
    ) -> [(String, String)] {
        // 0 leaves the choice to the system; less than a second is one.
        func seconds(_ duration: Duration) -> String {
            duration <= .zero ? "0" : String(max(1, duration.components.seconds))
        }
        var parameters: [String: String] = [
            "host": host.name, "port": String(host.port), "user": configuration.user,
            "dbname": configuration.databaseName, "application_name": configuration.applicationName,
            "client_encoding": "UTF8", "sslmode": configuration.tls.rawValue, "target_session_attrs": role.rawValue,
            "keepalives": "1", "keepalives_idle": seconds(configuration.keepAliveIdle),
            "keepalives_interval": seconds(configuration.keepAliveInterval),
            "keepalives_count": String(configuration.keepAliveCount), "gssencmode": "disable",
            "fallback_application_name": "vitals",
        ]
        parameters["hostaddr"] = address
        parameters["password"] = password
        parameters["sslrootcert"] = configuration.tlsRootCertificates
        parameters["sslcert"] = configuration.tlsCertificate
        parameters["sslkey"] = configuration.tlsKey
        parameters["tcp_user_timeout"] = configuration.tcpUserTimeout.map { milliseconds($0) }
        parameters.merge(configuration.libpqParameters) { ours, theirs in theirs }
        parameters["options"] = configuration.pooling == .direct ? options : nil
        // libpq looks PGSERVICE up by itself. It must not mix in the settings of another service.
        if PostgresConfiguration.processEnvironment("PGSERVICE")?.isEmpty == false {
            parameters["service"] = configuration.service
        }
        return parameters.map { ($0.key, $0.value) }
    }

    /// The session's settings: sent with the start message, so that they cost no round trip. The driver's own are last,
    /// where nothing overrides them.
    private var options: String {
        var settings = [
            "timezone": "UTC",
            "statement_timeout": configuration.statementTimeout.map { milliseconds($0) } ?? "0",
            "idle_in_transaction_session_timeout": configuration.idleInTransactionTimeout.map { milliseconds($0) }
                ?? "0",
        ]
        settings["lock_timeout"] = configuration.lockTimeout.map { milliseconds($0) }
        for (name, value) in configuration.settings { settings[name.lowercased()] = value }
        var parts = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\(Self.escaped($0.value))" }
        if let extra = configuration.libpqParameters["options"] { parts.append(extra) }
        return
            (parts + [
                "-c DateStyle=ISO", "-c IntervalStyle=postgres", "-c bytea_output=hex", "-c extra_float_digits=1",
                SettingsCheck.mark,
            ]).joined(separator: " ")
    }

    /// In `options` a backslash keeps white space or a backslash as it is.
    private static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            if ConnectionString.isBlank(byte) || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func milliseconds(_ duration: Duration) -> String {
        String(max(1, duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000))
    }
}
