import ArgumentParser
import Foundation

/// How far a run came: written beside the output every second, removed at its end.
struct Checkpoint: Codable {
    /// What must be the same to go on: model, scenario, seed, range, formats.
    var order: String
    /// The first patient that is not written.
    var next: UInt64
    /// Bytes and lines of each file.
    var files: [File]

    struct File: Codable {
        var path: String
        var bytes: Int
        var lines: Int
    }

    func write(to path: String) throws {
        do {
            try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw FileError(path: path, number: errno) }
    }

    /// The state of an earlier run; `nil` where there is none and nothing was written.
    static func read(from path: String, order: String, files: [String]) throws -> Checkpoint? {
        guard let data = FileManager.default.contents(atPath: path) else {
            if let there = files.first(where: FileManager.default.fileExists(atPath:)) {
                throw ValidationError(
                    "--resume: \(there) is there and \(path) is not, so it is finished or of another run; remove it to begin again"
                )
            }
            return nil
        }
        guard let found = try? JSONDecoder().decode(Checkpoint.self, from: data) else {
            throw ValidationError("--resume: \(path) is no state of a run; remove it to begin again")
        }
        guard found.order == order, found.files.map(\.path) == files else {
            throw ValidationError(
                "--resume: \(path) is of a run with another scenario, seed, range, format or model version; repeat its options, or remove it to begin again"
            )
        }
        for file in found.files {
            let size = (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? -1
            guard size >= file.bytes else {
                throw ValidationError(
                    "--resume: \(file.path) has fewer bytes than were written; remove \(path) to begin again")
            }
        }
        return found
    }
}
