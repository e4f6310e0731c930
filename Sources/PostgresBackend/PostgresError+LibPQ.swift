import CVitalsLibPQ

extension PostgresError {
    /// The error in a result.
    init(result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            guard let byte = code.asciiValue, let text = PQresultErrorField(result, Int32(byte)) else { return nil }
            return String(cString: text)
        }
        let state = field("C").map { SQLState(rawValue: $0) }
        let message =
            field("M") ?? PQresultErrorMessage(result).map { firstLine(String(cString: $0)) } ?? "unknown error"
        self.init(
            state?.code ?? .connectionLost, message, sqlState: state, detail: field("D"), hint: field("H"),
            schema: field("s"), table: field("t"), column: field("c"), constraint: field("n"),
            position: field("P").flatMap(Int.init))
    }

    /// The error of a connection that broke.
    static func lost(_ connection: OpaquePointer) -> PostgresError {
        let text = firstLine(connectionMessage(connection))
        return PostgresError(
            .connectionLost, text.isEmpty ? "the connection was lost" : "the connection was lost: \(text)")
    }

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
