/// A case in which the driver answers otherwise than psycopg, on purpose.
struct OracleDecision: Sendable {
    /// The case's id; with `*` at its end, every id that begins so.
    let pattern: String
    let reason: String
    /// Whether the driver must refuse the statement or its answer. Otherwise any answer will do.
    let refuses: Bool

    init(_ pattern: String, refuses: Bool = true, _ reason: String) {
        self.pattern = pattern
        self.refuses = refuses
        self.reason = reason
    }

    /// Whether an answer is as decided. A connection that is lost over it never is.
    func covers(_ test: OracleCase, _ compared: OracleRunner.Compared) -> Bool {
        let isListed = pattern.hasSuffix("*") ? test.id.hasPrefix(pattern.dropLast()) : test.id == pattern
        guard isListed, compared.expected != nil else { return false }
        if !refuses { return true }
        if case .failure = compared.answer { return true } else { return false }
    }

    /// All of them. One that no case needs fails the test.
    static let all = [
        OracleDecision(
            "malformed/two statements",
            "psycopg sends a statement without parameters by the simple protocol; here `executeScript` runs several."),
        OracleDecision(
            "malformed/no parameter", "The server's error differs: psycopg uses the simple protocol, see above."),
        OracleDecision("column timestamp/values", tooLate),
        OracleDecision("column timestamp/coalesce", tooLate),
        OracleDecision("column timestamp/changed", tooLate),
    ]

    private static let tooLate =
        "The year 294,276 is beyond 64 bits of microseconds since 1970: refused with `decoding`."
}
