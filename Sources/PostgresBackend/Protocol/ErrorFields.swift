/// The fields of an `ErrorResponse` or `NoticeResponse`.
struct ErrorFields {
    private var fields: [UInt8: String] = [:]

    init(_ body: UnsafeRawBufferPointer) {
        var reader = MessageReader(body)
        while !reader.isAtEnd {
            let code: UInt8 = reader.integer()
            if code == 0 { break }
            let text = reader.string()
            if reader.isOverrun { break }
            fields[code] = text
        }
    }

    subscript(code: Character) -> String? { code.asciiValue.flatMap { fields[$0] } }

    /// The severity in English, whatever the server's language.
    var severity: String { self["V"] ?? self["S"] ?? "ERROR" }

    /// Whether the server ends the session.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    /// The server's message without the values that errors of class 22 quote from data: `invalid input syntax for type
    /// integer: "…"`. Which quotation marks stand around them depends on the server's language.
    static func withoutValues(_ message: String, _ state: SQLState?) -> String {
        guard state?.category == "22" else { return message }
        let marks: Set<Character> = ["\"", "'", "«", "»", "„", "“", "”", "‘", "’", "‹", "›", "「", "『", "`"]
        guard let start = message.firstIndex(where: { marks.contains($0) }) else { return message }
        return message[..<start] + "… (value withheld)"
    }

    private func code(_ state: SQLState?) -> PostgresError.Code {
        guard let code = state?.code else { return .server }
        return isFatal && state == "08P01" ? .connectionLost : code
    }

    var error: PostgresError {
        let state = self["C"].map { SQLState(rawValue: $0) }
        let message = self["M"] ?? "unknown error"
        return PostgresError(
            code(state), Self.withoutValues(message, state), serverMessage: message, sqlState: state, detail: self["D"],
            hint: self["H"],
            schema: self["s"], table: self["t"], column: self["c"], constraint: self["n"],
            position: self["P"].flatMap { Int($0) }, routine: self["R"])
    }
}
