import CVitalsLibPQ
import DriverExecutors

/// Makes connections: looks names up off the loop, tries the servers in their order, each address with a deadline.
struct Connector: Sendable {
    let configuration: PostgresConfiguration
    let notices: (@Sendable (PostgresNotice) -> Void)?

    /// A session with the first server that will do.
    func connect(on loop: any ReadinessLoop) async throws -> PostgresSession {
        let password: String?
        switch configuration.password {
        case .none: password = nil
        case .value(let value): password = value
        case .provider(let provider):
            do {
                password = try await provider()
            } catch let error where !(error is CancellationError) {
                throw PostgresError(.authenticationFailed, "the password provider failed", underlying: error)
            }
        }
        let hosts = configuration.shufflesHosts ? configuration.hosts.shuffled() : configuration.hosts
        // No libpq call asks twice round, so "standby, else any" is two rounds.
        let rounds: [PostgresConfiguration.SessionRole] =
            configuration.sessionRole == .preferStandby ? [.standby, .any] : [configuration.sessionRole]
        var errors: [PostgresError] = []
        for role in rounds {
            for host in hosts {
                do {
                    return try await connect(to: host, role: role, password: password, on: loop)
                } catch let error as PostgresError {
                    guard Self.mayTryAnother(error) else { throw error }
                    errors.append(error)
                }
            }
        }
        throw Self.summary(errors)
    }

    private func connect(
        to host: PostgresConfiguration.Host, role: PostgresConfiguration.SessionRole, password: String?,
        on loop: any ReadinessLoop
    ) async throws -> PostgresSession {
        let addresses = try await Resolver.addresses(of: host.name, within: configuration.connectTimeout)
        var errors: [PostgresError] = []
        for address in addresses {
            do {
                let parameters = self.parameters(host: host, address: address, role: role, password: password)
                let server = host.name.hasPrefix("/") ? host.name : "\(host.name):\(host.port)"
                let attempt = ConnectAttempt(
                    parameters: parameters, server: server, configuration: configuration,
                    notices: NoticeBox(handler: notices), loop: loop)
                return try await attempt.run()
            } catch let error as PostgresError {
                guard Self.mayTryAnother(error) else { throw error }
                errors.append(error)
            }
        }
        throw Self.summary(errors)
    }

    private static func mayTryAnother(_ error: PostgresError) -> Bool {
        switch error.code {
        case .authenticationFailed, .unknownDatabase, .invalidConfiguration, .serverTooOld: false
        default: true
        }
    }

    private static func summary(_ errors: [PostgresError]) -> PostgresError {
        // An address where nobody listens says less than one that refused: `localhost` is two addresses.
        let telling = errors.first { $0.code != .unreachable && $0.code != .connectTimeout }
        guard let first = telling ?? errors.first else {
            return PostgresError(.unreachable, "the host has no address")
        }
        let messages = errors.map(\.message).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        guard messages.count > 1 else { return first }
        return PostgresError(first.code, messages.joined(separator: "; "), underlying: errors.last)
    }

    /// libpq's parameters.
    private func parameters(
        host: PostgresConfiguration.Host, address: String?, role: PostgresConfiguration.SessionRole, password: String?
    ) -> [(String, String)] {
        func seconds(_ duration: Duration) -> String { String(max(1, duration.components.seconds)) }
        var parameters: [String: String] = [
            "host": host.name, "port": String(host.port), "user": configuration.user,
            "dbname": configuration.databaseName, "application_name": configuration.applicationName,
            "client_encoding": "UTF8", "sslmode": configuration.tls.rawValue, "target_session_attrs": role.rawValue,
            "keepalives": "1", "keepalives_idle": seconds(configuration.keepAliveIdle),
            "keepalives_interval": seconds(configuration.keepAliveInterval),
            "keepalives_count": String(configuration.keepAliveCount), "options": options, "gssencmode": "disable",
            "fallback_application_name": "vitals",
        ]
        parameters["hostaddr"] = address
        parameters["password"] = password
        parameters["sslrootcert"] = configuration.tlsRootCertificates
        parameters["sslcert"] = configuration.tlsCertificate
        parameters["sslkey"] = configuration.tlsKey
        parameters["tcp_user_timeout"] = configuration.tcpUserTimeout.map { milliseconds($0) }
        parameters.merge(configuration.libpqParameters) { ours, theirs in theirs }
        if let extra = configuration.libpqParameters["options"] { parameters["options"] = options + " " + extra }
        return parameters.map { ($0.key, $0.value) }
    }

    /// The session's settings: sent with the start message, so that they cost no round trip.
    private var options: String {
        var settings = [
            "DateStyle": "ISO", "bytea_output": "hex", "extra_float_digits": "1",
            "statement_timeout": configuration.statementTimeout.map { milliseconds($0) } ?? "0",
            "idle_in_transaction_session_timeout": configuration.idleInTransactionTimeout.map { milliseconds($0) }
                ?? "0",
        ]
        settings["lock_timeout"] = configuration.lockTimeout.map { milliseconds($0) }
        settings.merge(configuration.settings) { $1 }
        return settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\(Self.escaped($0.value))" }.joined(
            separator: " ")
    }

    /// In `options` a backslash keeps a blank or a backslash as it is.
    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            if character == " " || character == "\\" { text.append("\\") }
            text.append(character)
        }
    }

    private func milliseconds(_ duration: Duration) -> String {
        String(max(1, duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000))
    }
}
