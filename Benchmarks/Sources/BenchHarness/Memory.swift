import Foundation

/// What the kernel says of a process's memory: `VmHWM` is the most that was ever resident, `VmRSS` what is now. Not
/// `getrusage`, whose peak a child takes over from the process that started it.
/// - Parameter process: Its number; this one by default.
/// - Returns: Millions of bytes.
/// - Throws: ``ProgramFailure`` where the kernel does not say.
public func residentMemory(_ key: String, of process: Int32 = getpid()) throws -> Double {
    let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") }),
        let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
    else { throw ProgramFailure(description: "/proc/\(process)/status has no \(key)") }
    return kilobytes * 1024 / 1e6
}

/// Runs this program once more with other arguments, in a process of its own, and returns its words.
/// - Throws: ``ProgramFailure``.
public func runItself(_ arguments: [String]) throws -> [Substring] {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    return try run(program, arguments).split(whereSeparator: \.isWhitespace)
}
