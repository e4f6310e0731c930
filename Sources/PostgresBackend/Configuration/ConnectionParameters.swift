/// Options of a connection from the connection string, the service file and the environment, in this order of
/// precedence, and their meaning for a ``PostgresConfiguration``.
struct ConnectionParameters {
    /// Where an option was found.
    enum Origin {
        case connectionString
        case serviceFile
        case environment(String)
    }

    private struct Entry {
        var value: String
        var origin: Origin
    }

    private var entries: [String: Entry] = [:]

    /// Collects the options.
    /// - Parameters:
    ///   - explicit: The options of the connection string.
    ///   - environment: Returns the value of an environment variable.
    init(
        explicit: [(name: String, value: String)], environment: @escaping @Sendable (String) -> String?
    ) throws(PostgresError) {
        let known = ConnectionOptions.known
        for (index, option) in explicit.enumerated() {
            // The name of old that libpq still translates.
            if option.name == "requiressl" {
                let mode = option.value.hasPrefix("1") ? "require" : "prefer"
                entries["sslmode"] = Entry(value: mode, origin: .connectionString)
                continue
            }
            guard known.contains(option.name) else {
                throw ConnectionString.refusal(
                    "is refused: " + known.describe(unknown: option.name, position: index + 1))
            }
            entries[option.name] = Entry(value: option.value, origin: .connectionString)
        }
        if let service = entries["service"]?.value ?? environment("PGSERVICE").flatMap({ $0.isEmpty ? nil : $0 }) {
            for (name, value) in try ServiceFile(environment: environment).options(of: service)
            where entries[name] == nil {
                entries[name] = Entry(value: value, origin: .serviceFile)
            }
            if entries["service"] == nil {
                entries["service"] = Entry(value: service, origin: .environment("PGSERVICE"))
            }
        }
        for (name, variable) in known.variables where entries[name] == nil && name != "client_encoding" {
            guard let value = environment(variable), !value.isEmpty, name != "service" else { continue }
            entries[name] = Entry(value: value, origin: .environment(variable))
        }
        if entries["sslmode"] == nil, environment("PGREQUIRESSL")?.hasPrefix("1") == true {
            entries["sslmode"] = Entry(value: "require", origin: .environment("PGREQUIRESSL"))
        }
    }

    /// Sets the properties that the options name.
    func apply(to configuration: inout PostgresConfiguration) throws(PostgresError) {
        configuration.hosts = try hosts(default: configuration.hosts)
        configuration.service = entries["service"]?.value
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            try set(name, entry, in: &configuration)
        }
        if let name = entries["fallback_application_name"]?.value, !name.isEmpty,
            entries["application_name"]?.value.isEmpty != false
        {
            configuration.applicationName = name
        }
    }

    private func refusal(_ name: String, _ text: String) -> PostgresError {
        let place =
            switch entries[name]?.origin {
            case .serviceFile: "\(name) in the service file"
            case .environment(let variable): "the environment variable \(variable)"
            case .connectionString, nil: "\(name) in the DSN"
            }
        return PostgresError(.invalidConfiguration, "\(place) \(text)")
    }

    // MARK: Servers

    /// The servers, by libpq's rules for `host`, `hostaddr` and `port`.
    private func hosts(default hosts: [PostgresConfiguration.Host]) throws(PostgresError) -> [PostgresConfiguration
        .Host]
    {
        func list(_ name: String) -> [String]? {
            guard let text = entries[name]?.value, !text.isEmpty else { return nil }
            return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        if let names, let addresses, names.count != addresses.count {
            throw refusal("hostaddr", "must have as many parts as host has: \(names.count), not \(addresses.count)")
        }
        let count = addresses?.count ?? names?.count ?? 1
        if let ports, ports.count != 1, ports.count != count {
            throw refusal("port", "must be one number, or one for each of the \(count) hosts")
        }
        guard let standard = hosts.first else { return hosts }
        var result: [PostgresConfiguration.Host] = []
        for index in 0..<count {
            let address = addresses.flatMap { $0[index].isEmpty ? nil : $0[index] }
            let name = names.flatMap { $0[index].isEmpty ? nil : $0[index] } ?? address ?? standard.name
            var port = standard.port
            if let ports {
                let text = ports.count == 1 ? ports[0] : ports[index]
                if !text.isEmpty {
                    guard let number = Self.integer(text), (1...65_535).contains(number) else {
                        throw refusal("port", "must be a number from 1 to 65535")
                    }
                    port = number
                }
            }
            result.append(PostgresConfiguration.Host(name, port: port, address: address))
        }
        return result
    }

    /// A decimal number that fits 32 bits, as libpq reads it.
    static func integer(_ text: String) -> Int? {
        let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var digits = text.drop(while: blanks)
        while let last = digits.last, blanks(last) { digits.removeLast() }
        return Int32(digits).map { Int($0) }
    }

    // MARK: Everything else

    private func set(
        _ name: String, _ entry: Entry, in configuration: inout PostgresConfiguration
    ) throws(PostgresError) {
        let value = entry.value
        func number(_ range: ClosedRange<Int>, _ unit: String) throws(PostgresError) -> Int {
            guard let number = Self.integer(value), range.contains(number) else {
                throw refusal(name, "must be a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        let most = 2_000_000
        func milliseconds() throws(PostgresError) -> Duration? {
            let number = try number(0...Int(Int32.max), "milliseconds")
            return number == 0 ? nil : .milliseconds(number)
        }
        func choice<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) throws(PostgresError) -> Value
        where Value.RawValue == String {
            guard let choice = Value(rawValue: value) else {
                throw refusal(name, "must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return choice
        }
        switch name {
        case "host", "hostaddr", "port", "fallback_application_name", "service": break
        case "user": configuration.user = value
        case "password": configuration.password = value.isEmpty ? .none : .value(value)
        case "dbname": configuration.database = value.isEmpty ? nil : value
        case "application_name": if !value.isEmpty { configuration.applicationName = value }
        case "connect_timeout": configuration.connectTimeout = .seconds(try number(1...most, "seconds"))
        case "statement_timeout": configuration.statementTimeout = try milliseconds()
        case "idle_in_transaction_session_timeout": configuration.idleInTransactionTimeout = try milliseconds()
        case "lock_timeout": configuration.lockTimeout = try milliseconds()
        case "sslmode": configuration.tls = try choice(PostgresConfiguration.TLSMode.self)
        case "sslrootcert": configuration.tlsRootCertificates = value.isEmpty ? nil : value
        case "sslcert": configuration.tlsCertificate = value.isEmpty ? nil : value
        case "sslkey": configuration.tlsKey = value.isEmpty ? nil : value
        case "target_session_attrs": configuration.sessionRole = try choice(PostgresConfiguration.SessionRole.self)
        case "pooling": configuration.pooling = try choice(PostgresConfiguration.PoolingMode.self)
        case "load_balance_hosts":
            guard value == "random" || value == "disable" else { throw refusal(name, "must be disable or random") }
            configuration.shufflesHosts = value == "random"
        case "keepalives_idle": configuration.keepAliveIdle = .seconds(try number(0...most, "seconds"))
        case "keepalives_interval": configuration.keepAliveInterval = .seconds(try number(0...most, "seconds"))
        case "keepalives_count": configuration.keepAliveCount = try number(0...most, "probes")
        case "tcp_user_timeout": configuration.tcpUserTimeout = try milliseconds()
        case "statement_cache_size": configuration.statementCacheSize = try number(0...most, "statements")
        case "client_encoding":
            guard ["utf8", "utf-8", "unicode"].contains(value.lowercased()) else {
                throw refusal(name, "must be UTF8: the driver exchanges all text in it")
            }
        case "replication":
            guard ["", "false", "off", "no", "0"].contains(value.lowercased()) else {
                throw refusal(name, "asks for a replication connection: not supported")
            }
        default: if !value.isEmpty { configuration.libpqParameters[name] = value }
        }
    }
}
