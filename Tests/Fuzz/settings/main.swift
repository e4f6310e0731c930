import Foundation

// The first byte chooses the file; the rest is its text. A file is taken or refused with an error that names it.
private let folder = NSTemporaryDirectory() + "vitals-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
atexit { try? FileManager.default.removeItem(atPath: folder) }
private let files = ["database.yml", "monitoring.yml"]

exit(
    fuzz { bytes, count in
        guard count > 1, let bytes else { return 0 }
        let name = files[Int(bytes[0]) % files.count]
        let path = "\(folder)/\(name)"
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes: bytes + 1, count: count - 1)) else {
            return 0
        }
        defer { unlink(path) }
        do {
            let settings = try Settings.load(commandLine: [:], environment: [:], folder: folder)
            precondition((1...1024).contains(settings.pool.size), "a pool of no size is taken")
        } catch let error as SettingsError {
            precondition(!error.description.isEmpty)
        } catch {
            preconditionFailure("an error of another kind: \(error)")
        }
        return 0
    })
