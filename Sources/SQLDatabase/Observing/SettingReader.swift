/// Finds the words of a statement that are values: those of a setting, of the options in a definition such as that of an
/// aggregate, and of SQLite's `ATTACH` and `VACUUM INTO`.
struct SettingReader {
    /// Whether words are values now.
    private(set) var areValues = false
    /// The first words of the statement in capitals, at most two.
    private var first: [String] = []
    /// Whether `SET` has been read, after which `=` and `TO` precede a value.
    private var isSet = false
    /// The number of open parentheses, in which a comma precedes the next name.
    private var depth = 0
    /// Whether the value of a setting that other clauses follow has been read.
    private var hasValue = false
    private var isExplained = false

    /// Whether a word is a value.
    mutating func hidesWord(_ word: String) -> Bool {
        guard areValues else { return false }
        if hasValue {
            areValues = false
            return false
        }
        if first.first == "ATTACH" {
            if first.count == 1, word == "DATABASE" { return false }
            return word != "AS" && word != "KEY"
        }
        return true
    }

    /// Follows a value.
    mutating func followValue() { hasValue = areValues && hasOtherClauses && !isDefinition }

    /// Follows a word that is no value.
    mutating func follow(word: String) {
        if first.isEmpty, word == "EXPLAIN" || isExplained && ["QUERY", "PLAN", "ANALYZE", "VERBOSE"].contains(word) {
            isExplained = true
            return
        }
        if first.count < 2, first.isEmpty || word != "OR" && word != "REPLACE" { first.append(word) }
        switch first[0] {
        case "SET":
            // SET name TO value, SET ROLE value, SET SESSION AUTHORIZATION value, SET TIME ZONE value.
            if ["TO", "ROLE", "AUTHORIZATION", "ZONE", "NAMES", "SCHEMA", "CATALOG", "SEED"].contains(word) { begin() }
        case "ALTER", "CREATE":
            if word == "SET" { isSet = true } else if isSet, word == "TO" { begin() }
        case "VACUUM": if word == "INTO" { begin() }
        case "ATTACH": areValues = word != "AS"
        default: break
        }
    }

    /// Follows a symbol.
    mutating func follow(symbol: UInt8) {
        switch symbol {
        case UInt8(ascii: ";"): self = SettingReader()
        case UInt8(ascii: "("):
            depth += 1
            if first.first == "PRAGMA" { begin() }
        case UInt8(ascii: ")"):
            depth -= 1
            if hasOtherClauses { areValues = false }
        case UInt8(ascii: "="):
            if isSet || first.first == "SET" || first.first == "PRAGMA" || isDefinition && depth > 0 { begin() }
        case UInt8(ascii: ","):
            hasValue = false
            if depth > 0, hasOtherClauses { areValues = false }
        default: break
        }
    }

    private mutating func begin() {
        areValues = true
        hasValue = false
    }

    /// Whether the statement has a list of options, whose values may be words: `INITCOND = zero`.
    private var isDefinition: Bool {
        hasOtherClauses && ["AGGREGATE", "TEXT", "TYPE", "COLLATION", "VIRTUAL"].contains(first.last)
    }

    /// Whether a setting may be followed by something else: all but those of roles, databases and the system.
    private var hasOtherClauses: Bool {
        guard let word = first.first, word == "ALTER" || word == "CREATE" else { return false }
        return !["ROLE", "USER", "DATABASE", "SYSTEM"].contains(first.last)
    }
}
