import CVitalsLibPQ

/// The names of all options that a connection string may hold.
struct ConnectionOptions: Sendable {
    /// The options of the libpq in use, and those that this driver adds.
    static let known = ConnectionOptions()

    /// The options of the libpq in use.
    let libpq: Set<String>
    /// The environment variable of each option that has one.
    let variables: [String: String]

    /// Options of this driver that older libraries do not know, or that none does.
    static let own: Set<String> = [
        "statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout", "statement_cache_size", "pooling",
        "load_balance_hosts",
    ]

    /// Options that are properties of ``PostgresConfiguration``, or that the driver decides itself.
    static let reserved: [String: String] = [
        "host": "hosts", "hostaddr": "hosts", "port": "hosts", "dbname": "database", "user": "user",
        "password": "password", "application_name": "applicationName", "connect_timeout": "connectTimeout",
        "sslmode": "tls", "sslrootcert": "tlsRootCertificates", "sslcert": "tlsCertificate", "sslkey": "tlsKey",
        "target_session_attrs": "sessionRole", "load_balance_hosts": "shufflesHosts",
        "keepalives_idle": "keepAliveIdle", "keepalives_interval": "keepAliveInterval",
        "keepalives_count": "keepAliveCount", "tcp_user_timeout": "tcpUserTimeout",
    ]

    private init() {
        var names: Set<String> = []
        var variables: [String: String] = [:]
        // An empty string has no options of its own: what comes back is the list of all names.
        if let first = PQconninfoParse("", nil) {
            var next = first
            while let keyword = next.pointee.keyword {
                let name = String(cString: keyword)
                names.insert(name)
                if let variable = next.pointee.envvar { variables[name] = String(cString: variable) }
                next += 1
            }
            PQconninfoFree(first)
        }
        libpq = names
        self.variables = variables
    }

    /// Whether an option has this name.
    func contains(_ name: String) -> Bool { libpq.contains(name) || Self.own.contains(name) }

    /// Describes an unknown name. The name itself is repeated only where it is a slip of a known one: in a malformed
    /// string it may be a part of a password.
    func describe(unknown name: String, position: Int) -> String {
        let candidates = libpq.union(Self.own).sorted()
        let nearest = candidates.map { (name: $0, distance: Self.distance($0, name)) }
            .min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= 2, nearest.distance < nearest.name.utf8.count / 2 else {
            return "option \(position) has a name that neither libpq nor this driver knows"
        }
        return "option \(position), \"\(name)\", is unknown: did you mean \"\(nearest.name)\"?"
    }

    /// The number of insertions, removals and replacements that lead from one name to another.
    static func distance(_ first: String, _ second: String) -> Int {
        let (rows, columns) = (Array(first.utf8), Array(second.lowercased().utf8.prefix(64)))
        var costs = Array(0...columns.count)
        for (row, byte) in rows.enumerated() {
            var diagonal = costs[0]
            costs[0] = row + 1
            for (column, other) in columns.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = costs[column + 1]
                costs[column + 1] = min(replaced, diagonal + 1, costs[column] + 1)
            }
        }
        return costs[columns.count]
    }
}
