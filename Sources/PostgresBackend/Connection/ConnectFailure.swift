import CVitalsLibPQ

/// How far an attempt to connect had come when it failed.
enum ConnectStage: Sendable {
    /// libpq refused the options, or reached nothing at once.
    case parameters
    /// No answer on the network yet.
    case reaching
    case tls
    /// The server authenticates the user and starts the session.
    case authentication
    /// The server's role is compared with the one asked for.
    case role

    init(_ status: ConnStatusType) {
        // Newer values of the enumeration are missing in the headers of older libraries: CHECK_TARGET is 12,
        // CHECK_STANDBY is 13.
        switch status.rawValue {
        case CONNECTION_STARTED.rawValue, CONNECTION_MADE.rawValue: self = .reaching
        case CONNECTION_SSL_STARTUP.rawValue: self = .tls
        case CONNECTION_CHECK_WRITABLE.rawValue, CONNECTION_CONSUME.rawValue, 12, 13: self = .role
        default: self = .authentication
        }
    }
}

/// An attempt to connect that failed, as libpq reports it.
///
/// The server's SQLSTATE decides what kind of failure it is. Only failures that libpq found itself have none; those are
/// classified by the stage and by libpq's own text, which no setting of the server translates.
struct ConnectFailure {
    /// libpq's message in its verbose form: several lines, the SQLSTATE among them where the server reported the error.
    let text: String
    let stage: ConnectStage
    /// Whether the server asked for a password and there was none.
    let lacksPassword: Bool

    /// The error that names the server and what to do.
    func error(server: String, user: String, database: String) -> PostgresError {
        if let (state, words) = serverError {
            return Self.error(state, words, server: server, user: user, database: database)
        }
        let reason = Self.withoutPrefix(firstLine(text))
        if lacksPassword {
            return PostgresError(
                .authenticationFailed, "\(server) asks for the password of user \"\(user)\": set one (\(reason))")
        }
        let lower = text.lowercased()
        func holds(_ parts: String...) -> Bool { parts.contains { lower.contains($0) } }
        if stage == .parameters, !lower.hasPrefix("connection to server"), !holds("could not connect") {
            return PostgresError(.invalidConfiguration, "libpq refuses an option: \(reason)")
        }
        if stage == .role || holds("session is read-only", "session is not read-only", "hot standby mode") {
            return PostgresError(.wrongServerRole, "\(server) has not the role that was asked for (\(reason))")
        }
        let isBroken = holds("syscall", "eof", "reset by peer", "closed the connection", "refused", "timed out")
        if !isBroken, stage == .tls || holds("ssl", "tls", "certificate") {
            return PostgresError(
                .tlsFailed, "TLS with \(server) failed: check sslmode and the certificates (\(reason))")
        }
        if !isBroken, holds("authentication", "sasl", "scram", "channel binding") {
            return PostgresError(
                .authenticationFailed, "\(server) and this client agree on no way to authenticate (\(reason))")
        }
        return PostgresError(
            .unreachable, "\(server) cannot be reached: check host and port, and that the server runs (\(reason))")
    }

    private static func error(
        _ state: SQLState, _ words: String, server: String, user: String, database: String
    ) -> PostgresError {
        func made(_ code: PostgresError.Code, _ text: String) -> PostgresError {
            PostgresError(code, "\(text) (\(words))", sqlState: state)
        }
        switch state.rawValue {
        case "3D000":
            return made(.unknownDatabase, "\(server) has no database \"\(database)\": create it or check the name")
        case "28P01":
            return made(.authenticationFailed, "\(server) refuses the password of user \"\(user)\": check both")
        case "42501":
            return made(
                .permissionDenied, "\(server) does not let user \"\(user)\" use database \"\(database)\": grant CONNECT"
            )
        case "53300":
            return made(
                .tooManyConnections, "\(server) has no connection left: make the pools smaller or raise max_connections"
            )
        case "57P03": return made(.serverNotReady, "\(server) is not ready yet")
        case "08P01": return pooler(words, server: server, user: user, database: database, made)
        default: break
        }
        switch state.category {
        case "28":
            return made(
                .authenticationFailed,
                "\(server) does not let user \"\(user)\" in: check the user name and the server's pg_hba.conf")
        case "22", "42":
            return made(.invalidConfiguration, "\(server) refuses a setting or an option of the session: correct it")
        case "57": return made(.serverNotReady, "\(server) is shutting down or restarting")
        case "08": return made(.unreachable, "\(server) or a proxy before it gives no session")
        case "53": return made(.tooManyConnections, "\(server) has no resources for a session")
        default: return made(.server, "\(server) refuses the session")
        }
    }

    /// PgBouncer's errors all have one SQLSTATE, also those that it passes on from the server, and its own text is never
    /// translated.
    private static func pooler(
        _ words: String, server: String, user: String, database: String,
        _ made: (PostgresError.Code, String) -> PostgresError
    ) -> PostgresError {
        if words.hasPrefix("unsupported startup parameter") {
            return made(
                .invalidConfiguration, "\(server) is a pooler that refuses a setting: set pooling to .transactionPooler"
            )
        }
        if words.hasSuffix("authentication failed") || words.hasPrefix("no such user") {
            return made(
                .authenticationFailed,
                "\(server) does not let user \"\(user)\" in: check the user name and the password")
        }
        if words.hasPrefix("no such database") || words.hasPrefix("database ") && words.hasSuffix("does not exist") {
            return made(.unknownDatabase, "\(server) has no database \"\(database)\": create it or check the name")
        }
        return made(.unreachable, "\(server) or a proxy before it gives no session")
    }

    /// The last SQLSTATE in libpq's text and the server's words: `FATAL:  3D000: database "x" does not exist`. With
    /// `sslmode=prefer` there may be two, one for each try.
    private var serverError: (state: SQLState, words: String)? {
        var found: (SQLState, String)?
        for line in text.split(whereSeparator: \.isNewline) {
            guard let mark = line.firstRange(of: ":  ") else { continue }
            let rest = line[mark.upperBound...].utf8
            let state = rest.prefix(5)
            let isState = state.count == 5 && state.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            guard isState, rest.dropFirst(5).starts(with: ": ".utf8) else { continue }
            found = (SQLState(rawValue: String(Substring(state))), String(Substring(rest.dropFirst(7))))
        }
        return found
    }

    /// The text without libpq's `connection to server at "…" (…), port … failed: ` before it.
    private static func withoutPrefix(_ line: String) -> String {
        guard let prefix = line.firstRange(of: "failed: ") else { return line }
        return firstLine(String(line[prefix.upperBound...]))
    }
}

extension PostgresError {
    /// Whether another attempt to connect fails as well as long as nobody changes the configuration or the server.
    var preventsConnecting: Bool {
        switch code {
        case .invalidConfiguration, .unknownDatabase, .serverTooOld, .tlsFailed, .permissionDenied: true
        // A password provider that failed may work again.
        case .authenticationFailed: underlying == nil
        case .server: sqlState == "55000" || sqlState == "0A000"
        default: false
        }
    }
}
