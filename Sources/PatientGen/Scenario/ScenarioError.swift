/// What is wrong with a scenario: the field and the rule it breaks.
public struct ScenarioError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field's path, `front_configs[0].nationality_distribution` for one.
    public let field: String
    /// The rule and what is allowed.
    public let rule: String

    /// An error.
    public init(field: String, rule: String) {
        self.field = field
        self.rule = rule
    }

    /// One line.
    public var description: String { field.isEmpty ? rule : "\(field): \(rule)" }

    /// The path of a key, which may be anybody's text.
    static func path(_ field: String, _ key: String) -> String {
        let key = key.isEmpty ? "“”" : String(key.prefix(60))
        return field.isEmpty ? key : "\(field).\(key)"
    }
}
