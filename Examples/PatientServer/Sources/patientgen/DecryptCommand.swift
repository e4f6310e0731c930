import ArgumentParser
import Foundation
import PatientExport

struct DecryptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt", abstract: "Decrypts what --encrypt wrote.",
        discussion: "A file appears only when every record was found whole and unchanged.")

    @Argument(help: "The encrypted file.")
    var file: String

    @Option(name: .shortAndLong, help: "The file to write; standard output by default.")
    var output: String?

    @Option(help: "A file with the password; else PATIENTGEN_PASSWORD, else it is asked for.")
    var passwordFile: String?

    func run() throws {
        let source = open(file, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else {
            throw ValidationError("\(file) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(source) }
        let partial = output.map { $0 + ".part" }
        do {
            let target = try partial.map { path in try FileOutput(path: path) } ?? FileOutput()
            var decryptor = Decryptor(password: try Password.read(file: passwordFile, confirm: false))
            var sealed = [UInt8](repeating: 0, count: 1 << 18)
            var plain: [UInt8] = []
            while true {
                let count = read(source, &sealed, sealed.count)
                guard count >= 0 else { throw FileError(path: file, number: errno) }
                plain.removeAll(keepingCapacity: true)
                guard count > 0 else { break }
                try decryptor.append(sealed[..<count], into: &plain)
                try target.write(plain)
            }
            try decryptor.finish(into: &plain)
            try target.write(plain)
            if let partial, let output, rename(partial, output) != 0 { throw FileError(path: output, number: errno) }
        } catch {
            if let partial { unlink(partial) }
            if let error = error as? ExportError { throw ValidationError("\(file): \(error)") }
            throw error
        }
    }
}
