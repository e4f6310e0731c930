/// The fields of an `ErrorResponse` or `NoticeResponse`.
struct ErrorFields {
    private var fields: [UInt8: String] = [:]

    init(_ body: UnsafeRawBufferPointer) {
        var reader = MessageReader(body)
        while !reader.isAtEnd {
            let code: UInt8 = reader.integer()
            if code == 0 { break }
            fields[code] = reader.string()
        }
    }

    subscript(code: Character) -> String? { code.asciiValue.flatMap { fields[$0] } }

    /// The severity in English, whatever the server's language.
    var severity: String { self["V"] ?? self["S"] ?? "ERROR" }

    /// Whether the server ends the session.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    var error: PostgresError {
        let state = self["C"].map { SQLState(rawValue: $0) }
        return PostgresError(
            state?.code ?? .server, self["M"] ?? "unknown error", sqlState: state, detail: self["D"], hint: self["H"],
            schema: self["s"], table: self["t"], column: self["c"], constraint: self["n"],
            position: self["P"].flatMap { Int($0) }, routine: self["R"])
    }
}
