/// Splits a connection string into its options by libpq's rules: a URI, or keywords and values.
///
/// Nothing is interpreted here; ``ConnectionParameters`` does that. Where libpq accepts a string that is most likely a
/// mistake (an unescaped `@`, a blank inside a URI), the string is refused. No error repeats a part of the string, which
/// may hold a password.
///
/// Source: `conninfo_parse` and `conninfo_uri_parse_options` of PostgreSQL's `fe-connect.c`.
enum ConnectionString {
    typealias Option = (name: String, value: String)

    /// The options in the order of the string; of two with one name the later one applies.
    static func options(of text: String) throws(PostgresError) -> [Option] {
        let bytes = Array(text.utf8)
        if bytes.contains(0) { throw refusal("contains a NUL character") }
        if bytes.allSatisfy(isBlank) {
            throw refusal("is empty; PostgresConfiguration.fromEnvironment() reads the environment alone")
        }
        for scheme in ["postgresql://", "postgres://"] where bytes.starts(with: scheme.utf8) {
            return try uri(bytes.dropFirst(scheme.utf8.count))
        }
        let head = bytes.prefix { $0 != UInt8(ascii: "=") && !isBlank($0) }
        if head.firstRange(of: Array("://".utf8)) != nil {
            throw refusal("must begin with postgresql:// or postgres://, or be keywords and values: host=… dbname=…")
        }
        return try keywords(bytes[...])
    }

    static func refusal(_ text: String) -> PostgresError { PostgresError(.invalidConfiguration, "the DSN \(text)") }

    /// C's `isspace` in the C locale.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    // MARK: Keywords and values

    private static func keywords(_ bytes: ArraySlice<UInt8>) throws(PostgresError) -> [Option] {
        var rest = bytes
        var options: [Option] = []
        func skipBlanks() { rest = rest.drop(while: isBlank) }
        skipBlanks()
        while !rest.isEmpty {
            let name = rest.prefix { $0 != UInt8(ascii: "=") && !isBlank($0) }
            rest = rest.dropFirst(name.count)
            skipBlanks()
            guard rest.popFirst() == UInt8(ascii: "=") else {
                throw refusal("has no \"=\" after the name of option \(options.count + 1)")
            }
            skipBlanks()
            let isQuoted = rest.first == UInt8(ascii: "'")
            if isQuoted { rest.removeFirst() }
            var value: [UInt8] = []
            var isClosed = !isQuoted
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\") {
                    if let escaped = rest.popFirst() { value.append(escaped) }
                } else if isQuoted, byte == UInt8(ascii: "'") {
                    isClosed = true
                    break
                } else if !isQuoted, isBlank(byte) {
                    break
                } else {
                    value.append(byte)
                }
            }
            guard isClosed else { throw refusal("has no closing quote after option \(options.count + 1)") }
            options.append((try string(name), try string(value[...])))
            skipBlanks()
        }
        return options
    }

    // MARK: URIs

    private static let (at, slash, colon, comma, question) = (
        UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "?")
    )

    private static func uri(_ bytes: ArraySlice<UInt8>) throws(PostgresError) -> [Option] {
        if bytes.contains(where: { $0 <= 32 || $0 == 127 }) {
            throw refusal("contains a blank or a control character: write it percent-encoded (%20)")
        }
        var rest = bytes
        var options: [Option] = []
        func add(_ name: String, _ text: some Sequence<UInt8>) throws(PostgresError) {
            let value = try decoded(Array(text)[...])
            if !value.isEmpty { options.append((name, value)) }
        }
        if let end = rest.firstIndex(where: { $0 == at || $0 == slash }), rest[end] == at {
            let credentials = rest[..<end]
            rest = rest[(end + 1)...]
            let user = credentials.prefix { $0 != colon }
            try add("user", user)
            try add("password", credentials.dropFirst(user.count + 1))
        }
        let (hosts, ports) = try servers(&rest)
        try add("host", hosts)
        try add("port", ports)
        if rest.first == slash {
            let database = rest.dropFirst().prefix { $0 != question }
            rest = rest.dropFirst(database.count + 1)
            if database.contains(at) { throw unescaped }
            try add("dbname", database)
        }
        if !rest.isEmpty { options += try query(rest.dropFirst()) }
        return options
    }

    private static var unescaped: PostgresError {
        refusal("holds an \"@\" or \"/\" in its user name or password: write it as %40 or %2F")
    }

    /// The lists of hosts and ports, each separated by commas.
    private static func servers(_ rest: inout ArraySlice<UInt8>) throws(PostgresError) -> ([UInt8], [UInt8]) {
        var hosts: [UInt8] = []
        var ports: [UInt8] = []
        while true {
            if rest.first == UInt8(ascii: "[") {
                guard let end = rest.firstIndex(of: UInt8(ascii: "]")), end > rest.startIndex + 1 else {
                    throw refusal("has an IPv6 address that is empty or has no closing bracket")
                }
                hosts += rest[(rest.startIndex + 1)..<end]
                rest = rest[(end + 1)...]
                if let next = rest.first, ![colon, slash, question, comma].contains(next) {
                    throw refusal("has text between the bracket that closes an IPv6 address and the port")
                }
            } else {
                let host = rest.prefix { ![colon, slash, question, comma].contains($0) }
                if host.contains(at) { throw unescaped }
                hosts += host
                rest = rest.dropFirst(host.count)
            }
            if rest.first == colon {
                let port = rest.dropFirst().prefix { ![slash, question, comma].contains($0) }
                if port.contains(at) { throw unescaped }
                ports += port
                rest = rest.dropFirst(port.count + 1)
            }
            guard rest.first == comma else { return (hosts, ports) }
            rest.removeFirst()
            hosts.append(comma)
            ports.append(comma)
        }
    }

    private static func query(_ bytes: ArraySlice<UInt8>) throws(PostgresError) -> [Option] {
        var options: [Option] = []
        var pairs = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        // One separator at the end is allowed, as is no parameter at all.
        if pairs.last?.isEmpty == true { pairs.removeLast() }
        for (index, pair) in pairs.enumerated() {
            let parts = pair.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw refusal("needs one \"=\" in parameter \(index + 1); write one inside a value as %3D")
            }
            let (name, value) = (try decoded(parts[0]), try decoded(parts[1]))
            // JDBC's way to ask for encryption, which libpq understands.
            options.append(name == "ssl" && value == "true" ? ("sslmode", "require") : (name, value))
        }
        return options
    }

    private static func decoded(_ text: ArraySlice<UInt8>) throws(PostgresError) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                throw refusal("has a % that two hexadecimal digits do not follow")
            }
            if high == 0, low == 0 { throw refusal("contains %00: NUL is not allowed") }
            bytes.append(high << 4 | low)
        }
        return try string(bytes[...])
    }

    private static func string(_ bytes: ArraySlice<UInt8>) throws(PostgresError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw refusal("is not valid UTF-8") }
        return text
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
