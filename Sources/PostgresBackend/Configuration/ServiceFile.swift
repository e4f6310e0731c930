#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads one section of `pg_service.conf` by libpq's rules.
///
/// The file is `PGSERVICEFILE`, else `~/.pg_service.conf`; when it has no such section, `pg_service.conf` in
/// `PGSYSCONFDIR`, else in the folders where distributions keep it.
///
/// Source: `parseServiceInfo` and `parseServiceFile` of PostgreSQL's `fe-connect.c`.
struct ServiceFile {
    let environment: @Sendable (String) -> String?

    /// Where libpq of Debian, Red Hat, Homebrew and a plain build look when `PGSYSCONFDIR` is not set.
    private static let folders = [
        "/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc", "/opt/homebrew/etc/postgresql",
        "/usr/local/etc/postgresql", "/usr/local/etc", "/etc/postgresql", "/etc",
    ]

    /// The settings of a service in the order of the file.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration``, which names the file and the line
    ///   but repeats nothing of it.
    func options(of service: String) throws(PostgresError) -> [(name: String, value: String)] {
        var searched: [String] = []
        if let path = environment("PGSERVICEFILE"), !path.isEmpty {
            guard let lines = Self.lines(of: path) else { throw Self.refusal("\(path) cannot be read") }
            if let options = try Self.options(of: service, in: lines, path) { return options }
            searched.append(path)
        } else if let home = environment("HOME"), !home.isEmpty {
            let path = home + "/.pg_service.conf"
            if let lines = Self.lines(of: path), let options = try Self.options(of: service, in: lines, path) {
                return options
            }
            searched.append(path)
        }
        let folders = environment("PGSYSCONFDIR").map { [$0] } ?? Self.folders
        for path in folders.map({ $0 + "/pg_service.conf" }) {
            searched.append(path)
            guard let lines = Self.lines(of: path) else { continue }
            if let options = try Self.options(of: service, in: lines, path) { return options }
        }
        throw PostgresError(
            .invalidConfiguration,
            "the service is in none of \(searched.joined(separator: ", ")): add its section or set PGSERVICEFILE")
    }

    private static func refusal(_ text: String) -> PostgresError {
        PostgresError(.invalidConfiguration, "the service file \(text)")
    }

    private static func options(
        of service: String, in lines: [[UInt8]], _ path: String
    ) throws(PostgresError) -> [(name: String, value: String)]? {
        var found: [(name: String, value: String)]?
        for (index, raw) in lines.enumerated() {
            var line = raw.drop(while: ConnectionString.isBlank)
            while let last = line.last, ConnectionString.isBlank(last) { line.removeLast() }
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            if first == UInt8(ascii: "[") {
                if found != nil { return found }
                if line.dropFirst().starts(with: Array(service.utf8) + [UInt8(ascii: "]")]) { found = [] }
                continue
            }
            guard found != nil else { continue }
            let place = "\(path), line \(index + 1),"
            if line.starts(with: "ldap".utf8) { throw refusal("\(place) asks a directory (LDAP): not supported") }
            guard let mark = line.firstIndex(of: UInt8(ascii: "=")),
                let name = String(validating: line[..<mark], as: UTF8.self),
                let value = String(validating: line[(mark + 1)...], as: UTF8.self), !line.contains(0)
            else { throw refusal("\(place) is not \"name=value\" in UTF-8") }
            if name == "service" { throw refusal("\(place) names another service: not supported") }
            if !ConnectionOptions.known.contains(name) {
                throw refusal("\(path): \(ConnectionOptions.known.describe(unknown: name, position: index + 1))")
            }
            found?.append((name, value))
        }
        return found
    }

    /// The lines of a file; `nil` when it cannot be read.
    private static func lines(of path: String) -> [[UInt8]]? {
        guard !path.utf8.contains(0), let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 24 {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        if ferror(file) != 0 { return nil }
        return bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    }
}
