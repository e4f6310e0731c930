extension PostgresConfiguration {
    /// Checks every setting.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration``, which names the setting. No value
    ///   that may be secret is repeated.
    public func validate() throws(PostgresError) {
        try validateHosts()
        try validateTexts()
        try validateNumbers()
        try validateSettings()
        try validateParameters()
    }

    private func refusal(_ text: String) -> PostgresError { PostgresError(.invalidConfiguration, text) }

    private func validateHosts() throws(PostgresError) {
        if hosts.isEmpty { throw refusal("hosts is empty: name at least one server") }
        for host in hosts {
            if host.name.isEmpty { throw refusal("a host has no name") }
            // A folder's name may contain blanks.
            let lowest: UInt8 = host.isUnixSocket ? 32 : 33
            if host.name.utf8.contains(where: { $0 < lowest || $0 == 127 }) {
                throw refusal("a host's name contains a blank or a control character")
            }
            if host.name.hasPrefix("@") { throw refusal("a host begins with @: abstract sockets are not supported") }
            if !(1...65_535).contains(host.port) {
                throw refusal("port \(host.port) of \(host.name) is outside 1…65535")
            }
            // The zone of a link-local address stands behind a percent sign.
            if let address = host.address, !Resolver.isAddress(String(address.prefix { $0 != "%" })) {
                throw refusal("hostaddr is not a numeric IPv4 or IPv6 address")
            }
        }
    }

    private func validateTexts() throws(PostgresError) {
        if user.isEmpty { throw refusal("user is empty") }
        var texts = [
            ("user", user), ("database", database ?? ""), ("applicationName", applicationName),
            ("tlsRootCertificates", tlsRootCertificates ?? ""), ("tlsCertificate", tlsCertificate ?? ""),
            ("tlsKey", tlsKey ?? ""),
        ]
        if case .value(let value) = password { texts.append(("password", value)) }
        texts += settings.map { ("the setting \($0.key.debugDescription)", $0.key + $0.value) }
        texts += libpqParameters.map { ("libpqParameters[\($0.key.debugDescription)]", $0.key + $0.value) }
        for (name, text) in texts where text.utf8.contains(0) { throw refusal("\(name) contains a NUL character") }
    }

    private func validateNumbers() throws(PostgresError) {
        // PostgreSQL and libpq keep these in 32 bits.
        let longest = Duration.milliseconds(Int(Int32.max))
        for (name, value) in [
            ("connectTimeout", connectTimeout), ("totalConnectTimeout", totalConnectTimeout ?? connectTimeout),
            ("responseGrace", responseGrace),
        ] {
            if value <= .zero { throw refusal("\(name) must be above 0") }
            if value > longest { throw refusal("\(name) must be at most 24 days") }
        }
        for (name, value) in [
            ("statementTimeout", statementTimeout), ("idleInTransactionTimeout", idleInTransactionTimeout),
            ("lockTimeout", lockTimeout), ("tcpUserTimeout", tcpUserTimeout),
        ] {
            guard let value else { continue }
            if value < .milliseconds(1) { throw refusal("\(name) must be at least 1 ms; use nil for no limit") }
            if value > longest { throw refusal("\(name) must be at most 24 days; use nil for no limit") }
        }
        for (name, value) in [("keepAliveIdle", keepAliveIdle), ("keepAliveInterval", keepAliveInterval)]
        where !(.zero...longest).contains(value) {
            throw refusal("\(name) must be from 0, for the system's default, to 24 days")
        }
        if !(0...Int(Int32.max)).contains(keepAliveCount) {
            throw refusal("keepAliveCount must be 0, for the system's default, or more")
        }
        if statementCacheBytes < 0 { throw refusal("statementCacheBytes must be 0 or more") }
        if statementCacheSize < 0 { throw refusal("statementCacheSize must be 0 or more") }
    }

    private func validateSettings() throws(PostgresError) {
        for name in settings.keys {
            let isName = name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || (48...57).contains(byte)
                    || (97...122).contains(byte | 32)
            }
            if name.isEmpty || !isName { throw refusal("the setting \(name.debugDescription) is not a name") }
            if ["client_encoding", "datestyle", "bytea_output"].contains(name.lowercased()) {
                throw refusal("the setting \(name) is the driver's own: remove it")
            }
        }
        guard pooling == .transactionPooler else { return }
        if let name = settings.keys.sorted().first {
            throw refusal(
                "a pooler of transactions keeps no setting for a session: remove \(name) and use ALTER ROLE … SET")
        }
        if libpqParameters["options"] != nil {
            throw refusal(
                "a pooler of transactions accepts no options: remove them (options, PGOPTIONS) and use ALTER ROLE … SET"
            )
        }
    }

    private func validateParameters() throws(PostgresError) {
        let known = ConnectionOptions.known
        for (index, name) in libpqParameters.keys.sorted().enumerated() {
            if let property = ConnectionOptions.reserved[name] {
                throw refusal("libpqParameters cannot hold \(name): set the property \(property)")
            }
            if ConnectionOptions.own.contains(name) || ["client_encoding", "replication", "service"].contains(name) {
                throw refusal("libpqParameters cannot hold \(name), which the driver decides itself")
            }
            if !known.libpq.contains(name) {
                throw refusal("libpqParameters is refused: " + known.describe(unknown: name, position: index + 1))
            }
        }
    }
}
