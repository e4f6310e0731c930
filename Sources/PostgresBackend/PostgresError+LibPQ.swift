import CVitalsLibPQ

extension PostgresError {
    /// What libpq last said of a connection.
    static func connectionMessage(_ connection: OpaquePointer) -> String {
        PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    }

    /// The error of an attempt to connect, classified by libpq's text, which is all libpq 15 tells.
    static func connecting(_ text: String, to server: String, user: String, database: String) -> PostgresError {
        let lower = text.lowercased()
        let reason = cause(text)
        func holds(_ parts: String...) -> Bool { parts.contains { lower.contains($0) } }
        if holds(
            "password authentication failed", "no password supplied", "authentication failed", "peer authentication")
        {
            return PostgresError(
                .authenticationFailed,
                "\(server) does not let user \"\(user)\" in: check the user name and the password (\(reason))")
        }
        if holds("pg_hba.conf") {
            return PostgresError(
                .authenticationFailed,
                "\(server) has no rule that lets user \"\(user)\" in: see its pg_hba.conf (\(reason))")
        }
        if lower.contains("role ") && lower.contains("does not exist") {
            return PostgresError(.authenticationFailed, "\(server) knows no user \"\(user)\": check the user name")
        }
        if lower.contains("database ") && lower.contains("does not exist") {
            return PostgresError(
                .unknownDatabase, "\(server) has no database \"\(database)\": create it or check the name")
        }
        if holds("too many clients", "too many connections", "remaining connection slots") {
            return PostgresError(
                .tooManyConnections,
                "\(server) has no connection left: make the pools smaller or raise max_connections (\(reason))")
        }
        if holds("starting up", "shutting down", "in recovery mode", "not yet accepting", "recovery") && holds("fatal")
        {
            return PostgresError(.serverNotReady, "\(server) is not ready yet (\(reason))")
        }
        if holds("session is read-only", "session is not read-only", "hot standby", "not in hot standby") {
            return PostgresError(.wrongServerRole, "\(server) has not the role that was asked for (\(reason))")
        }
        if holds("ssl", "tls", "certificate") {
            return PostgresError(
                .tlsFailed, "TLS with \(server) failed: check sslmode and the certificates (\(reason))")
        }
        if lower.contains("fatal:") { return PostgresError(.server, "\(server) refuses the session: \(reason)") }
        return PostgresError(
            .unreachable, "\(server) cannot be reached: check host and port, and that the server runs (\(reason))")
    }
}

/// Why a connection failed, without libpq's `connection to server at "…" (…), port … failed: FATAL:  ` before it.
private func cause(_ text: String) -> String {
    let line = firstLine(text)
    guard let prefix = line.firstRange(of: "failed: ") else { return line }
    return firstLine(String(line[prefix.upperBound...]))
}

/// The first of libpq's lines, without its prefix.
func firstLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return line.hasPrefix("ERROR:  ") || line.hasPrefix("FATAL:  ") ? String(line.dropFirst(8)) : line
}
