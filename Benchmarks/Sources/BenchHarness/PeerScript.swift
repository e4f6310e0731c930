import Foundation

/// Other languages' libraries on the same task: `Benchmarks/Peers/SUITE/run`, which prints "name figure" lines.
public struct PeerScript {
    private let script: String
    private let environment: String

    /// `nil` when the script is not below the current folder.
    public init?(suite: String) {
        let folder = FileManager.default.currentDirectoryPath
        let paths = ["Benchmarks/Peers/\(suite)/run", "Peers/\(suite)/run"].map { "\(folder)/\($0)" }
        guard let script = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
        self.script = script
        environment = "\(folder)/.build/peers/\(suite)"
    }

    /// Runs it once, with what to measure and for how long.
    public func figures(_ arguments: [String]) throws -> [String: Double] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = [environment] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PeerFailure(code: process.terminationStatus) }
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Double)? in
            let parts = line.split(separator: " ")
            return parts.count == 2 ? Double(parts[1]).map { (String(parts[0]), $0) } : nil
        }
        return Dictionary(pairs) { $1 }
    }
}

/// A peer script that failed.
public struct PeerFailure: Error, CustomStringConvertible {
    let code: Int32
    /// One line.
    public var description: String { "the peers' script ended with \(code)" }
}
