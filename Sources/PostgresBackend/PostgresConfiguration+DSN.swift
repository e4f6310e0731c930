extension PostgresConfiguration {
    /// Reads a DSN: `postgresql://user:password@host1:5432,host2/database?sslmode=require&application_name=clinic`.
    ///
    /// Known parameters set the property of that meaning; the others go to libpq as they are.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration``. The text never repeats the DSN,
    ///   which may hold a password.
    public init(_ dsn: String) throws(PostgresError) {
        self.init()
        func refuse(_ text: String) -> PostgresError { PostgresError(.invalidConfiguration, "the DSN \(text)") }
        guard let scheme = ["postgresql://", "postgres://"].first(where: { dsn.hasPrefix($0) }) else {
            throw refuse("must begin with postgresql:// or postgres://")
        }
        var rest = dsn.dropFirst(scheme.count)
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, !name.isEmpty { user = try Self.decoded(name) }
            if parts.count == 2 { password = .value(try Self.decoded(parts[1])) }
        }
        if let slash = rest.firstIndex(of: "/") {
            let name = rest[rest.index(after: slash)...]
            if !name.isEmpty { database = try Self.decoded(name) }
            rest = rest[..<slash]
        }
        var named: [Host] = []
        for part in rest.split(separator: ",") { named.append(try Self.host(part)) }
        if !named.isEmpty { hosts = named }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw refuse("has a parameter without a value: \(parts[0])") }
            try set(try Self.decoded(parts[0]), to: try Self.decoded(parts[1]))
        }
        try validate()
    }

    private mutating func set(_ name: String, to value: String) throws(PostgresError) {
        func refuse(_ text: String) -> PostgresError { PostgresError(.invalidConfiguration, "\(name) \(text)") }
        func seconds() throws(PostgresError) -> Duration {
            guard let number = Double(value), number >= 0 else { throw refuse("must be a number of seconds") }
            return .seconds(number)
        }
        func milliseconds() throws(PostgresError) -> Duration? {
            guard let number = Int(value), number >= 0 else { throw refuse("must be a number of milliseconds") }
            return number == 0 ? nil : .milliseconds(number)
        }
        switch name {
        case "user": user = value
        case "password": password = .value(value)
        case "dbname": database = value
        case "host":
            let ports = hosts.map(\.port)
            hosts = value.split(separator: ",").enumerated().map {
                Host(String($1), port: $0 < ports.count ? ports[$0] : ports.last ?? 5432)
            }
        case "port":
            let ports = value.split(separator: ",").map { Int($0) }
            for index in hosts.indices {
                guard let port = index < ports.count ? ports[index] : ports.last ?? nil else {
                    throw refuse("must be a number")
                }
                hosts[index].port = port
            }
        case "application_name": applicationName = value
        case "connect_timeout":
            let limit = try seconds()
            if limit > .zero { connectTimeout = limit }
        case "statement_timeout": statementTimeout = try milliseconds()
        case "idle_in_transaction_session_timeout": idleInTransactionTimeout = try milliseconds()
        case "lock_timeout": lockTimeout = try milliseconds()
        case "sslmode":
            guard let mode = TLSMode(rawValue: value) else {
                throw refuse("must be one of \(TLSMode.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            tls = mode
        case "sslrootcert": tlsRootCertificates = value
        case "sslcert": tlsCertificate = value
        case "sslkey": tlsKey = value
        case "target_session_attrs":
            guard let role = SessionRole(rawValue: value) else {
                throw refuse("must be one of \(SessionRole.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            sessionRole = role
        case "load_balance_hosts": shufflesHosts = value == "random"
        case "keepalives_idle": keepAliveIdle = try seconds()
        case "keepalives_interval": keepAliveInterval = try seconds()
        case "keepalives_count":
            guard let count = Int(value) else { throw refuse("must be a number") }
            keepAliveCount = count
        case "tcp_user_timeout": tcpUserTimeout = try milliseconds()
        case "statement_cache_size":
            guard let size = Int(value) else { throw refuse("must be a number") }
            statementCacheSize = size
        default: libpqParameters[name] = value
        }
    }

    private static func host(_ text: Substring) throws(PostgresError) -> Host {
        func number(_ digits: Substring) throws(PostgresError) -> Int {
            guard let port = Int(digits) else {
                throw PostgresError(.invalidConfiguration, "the DSN has a port that is no number")
            }
            return port
        }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let name = String(text[text.index(after: text.startIndex)..<end])
            let tail = text[text.index(after: end)...]
            return Host(name, port: tail.hasPrefix(":") ? try number(tail.dropFirst()) : 5432)
        }
        guard let colon = text.lastIndex(of: ":") else { return Host(try decoded(text)) }
        return Host(try decoded(text[..<colon]), port: try number(text[text.index(after: colon)...]))
    }

    private static func decoded(_ text: Substring) throws(PostgresError) -> String {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else {
                throw PostgresError(.invalidConfiguration, "the DSN has a % that two hex digits do not follow")
            }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
