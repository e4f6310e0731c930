/// A metric that cannot be registered.
public struct MetricError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of trouble.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case invalidName, invalidLabel, invalidBuckets, invalidStates, invalidAlert, conflict
    }

    /// The kind of trouble.
    public let code: Code
    /// Names the metric and the rule it breaks.
    public let message: String

    /// An error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// One line for a log.
    public var description: String { message }
}
