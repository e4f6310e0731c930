import Foundation

/// What a suite is held against: other languages' libraries on the same task, and files the suite needs, in
/// `Benchmarks/Peers/SUITE`.
public struct Peers {
    /// The folder.
    public let folder: String
    private let environment: String

    /// `nil`, with a word on the output, when the folder is not below the current one.
    public init?(suite: String) {
        let here = FileManager.default.currentDirectoryPath
        let places = ["\(here)/Benchmarks/Peers/\(suite)", "\(here)/Peers/\(suite)"]
        guard let folder = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            print("peers: skipped, Benchmarks/Peers/\(suite) is not below the current folder")
            return nil
        }
        self.folder = folder
        environment = "\(here)/.build/peers/\(suite)"
    }

    /// Runs the folder's `run` once, with where it may keep what it builds and the arguments. It prints "name figure" lines;
    /// what else it prints is passed on.
    /// - Throws: ``ProgramFailure``.
    public func figures(_ arguments: [String] = []) throws -> [String: Double] {
        var figures: [String: Double] = [:]
        for line in try run("\(folder)/run", [environment] + arguments).split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, let figure = Double(parts[1]) {
                figures[String(parts[0])] = figure
            } else {
                print("peers: \(line)")
            }
        }
        return figures
    }
}
