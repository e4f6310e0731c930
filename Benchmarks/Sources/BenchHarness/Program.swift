import Foundation

/// A program that could not be run, or did not end well.
public struct ProgramFailure: Error, CustomStringConvertible {
    /// The program, how it ended and its last words.
    public let description: String

    /// A failure with its words.
    public init(description: String) { self.description = description }
}

/// Runs a program to its end and returns its standard output.
/// - Parameters:
///   - program: Its path, or a name to be looked up in `PATH`.
///   - withErrors: Whether what it writes to its standard error belongs to the output.
/// - Throws: ``ProgramFailure``.
public func run(_ program: String, _ arguments: [String], withErrors: Bool = false) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
    process.arguments = program.contains("/") ? arguments : [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    // A file, so that a program that complains at length does not wait for a reader.
    let complaints = FileManager.default.temporaryDirectory.appendingPathComponent("errors-\(UUID().uuidString)")
    try Data().write(to: complaints)
    defer { try? FileManager.default.removeItem(at: complaints) }
    if withErrors {
        process.standardError = output
    } else {
        process.standardError = try FileHandle(forWritingTo: complaints)
    }
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        let words = withErrors ? text : (try? String(contentsOf: complaints, encoding: .utf8)) ?? ""
        throw ProgramFailure(description: "\(program) ended with \(process.terminationStatus): \(words.suffix(2000))")
    }
    return text
}
