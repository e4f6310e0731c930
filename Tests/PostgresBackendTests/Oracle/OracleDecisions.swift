/// A rule by which the driver declares parameters otherwise than psycopg, which answers for these types as well.
enum OracleRule: String, Decodable, CaseIterable, Sendable {
    /// An array of text is `text[]`, so that it comes back as one and functions of arrays take it. psycopg leaves its
    /// type open, so that it also serves as an array of an enum; here that takes a cast: `$1::mood[]`.
    case textArray = "text array"
    /// An array of small integers is `int4[]`: no operator compares `smallint[]` with it.
    case integerArray = "integer array"
    /// A text or NULL that is only tested for NULL is text; psycopg cannot determine its type.
    case nullTest = "null test"
}

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
        OracleDecision("form/bytea_output", "The driver reads the hexadecimal form, which it asks for, and no other."),
        OracleDecision("form/DateStyle", "The driver reads the ISO form, which it asks for, and no other."),
        OracleDecision(
            "form/extra_float_digits", refuses: false, "Binary results have every digit, whatever the setting says."),
    ]

    private static let tooLate =
        "The year 294,276 is beyond 64 bits of microseconds since 1970: refused with `decoding`."
}
