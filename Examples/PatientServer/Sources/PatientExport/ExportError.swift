/// Why something could not be exported or read back.
public struct ExportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case compressionFailed, invalidFormat, wrongPassword, tampered, truncated, invalidOption
    }

    /// What went wrong.
    public let code: Code
    /// What to do about it.
    public let message: String

    /// An error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
