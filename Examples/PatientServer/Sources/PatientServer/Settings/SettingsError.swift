/// A setting that cannot be used. Ends the start with one line and exit code 78 (EX_CONFIG).
struct SettingsError: Error, CustomStringConvertible {
    /// Where it stands: `config/database.yml line 3`, `environment variable PORT`, `command line --port`.
    let place: String
    /// The key.
    let key: String
    /// The rule it breaks and what is allowed.
    let rule: String

    var description: String { "\(place): \(key): \(rule)" }
}
