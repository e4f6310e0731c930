import CVitalsLibPQ

extension PostgresError {
    /// What libpq last said of a connection.
    static func connectionMessage(_ connection: OpaquePointer) -> String {
        PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    }
}

/// The first of libpq's lines, without its prefix.
func firstLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return line.hasPrefix("ERROR:  ") || line.hasPrefix("FATAL:  ") ? String(line.dropFirst(8)) : line
}
