import ArgumentParser
import Foundation

/// A password from a file, the environment or the terminal; never from the command line, which others can read.
enum Password {
    static let variable = "PATIENTGEN_PASSWORD"

    static func read(file: String?, confirm: Bool) throws -> String {
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ValidationError("--password-file \(file) cannot be read; is it there, and may it be read?")
            }
            return try check(
                String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines), "the file \(file)")
        }
        if let value = ProcessInfo.processInfo.environment[variable] {
            return try check(value, "the variable \(variable)")
        }
        let first = try prompt("Password: ")
        if confirm, try prompt("The same again: ") != first { throw ValidationError("the two passwords differ") }
        return try check(first, "the password")
    }

    private static func check(_ password: String, _ source: String) throws -> String {
        guard !password.isEmpty else { throw ValidationError("\(source) is empty; a password needs a character") }
        return password
    }

    private static func prompt(_ text: String) throws -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        var settings = termios()
        guard terminal >= 0, tcgetattr(terminal, &settings) == 0 else {
            throw ValidationError(
                "a password is needed and there is no terminal to ask on; give --password-file FILE or \(variable)")
        }
        defer { close(terminal) }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = tcsetattr(terminal, TCSAFLUSH, &silent)
        defer { _ = tcsetattr(terminal, TCSAFLUSH, &settings) }
        let handle = FileHandle(fileDescriptor: terminal)
        handle.write(Data(text.utf8))
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while Foundation.read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        handle.write(Data("\n".utf8))
        return String(decoding: line, as: UTF8.self)
    }
}
