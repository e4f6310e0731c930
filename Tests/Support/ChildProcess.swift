import Foundation

/// A program the tests started: spawned without a shell, its output in a file, stopped by its id.
public final class ChildProcess: Sendable {
    /// The process id.
    public let id: Int32
    private let status = Guarded<Int32?>(nil)

    private init(id: pid_t) { self.id = id }

    /// What went wrong with a program.
    public struct Failure: Error, CustomStringConvertible {
        /// One line, and the program's last output.
        public let description: String

        /// A failure.
        public init(description: String) { self.description = description }
    }

    /// Starts a program.
    /// - Parameters:
    ///   - program: The path of the executable.
    ///   - arguments: What follows it.
    ///   - environment: Added to this process's own.
    ///   - output: The file its two outputs are appended to; the null device by default.
    ///   - input: A descriptor that becomes its standard input; the null device by default.
    public static func start(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null",
        input: Int32? = nil
    ) throws -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: a Ctrl-C is for the tests alone. No signal blocked, as dispatch's threads have them.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))

        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        _ = reaper
        var id: pid_t = 0
        let code = posix_spawn(&id, program, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(code)))") }
        let child = ChildProcess(id: id)
        reaper.running.with { $0[id] = child }
        if !child.isRunning { reaper.running.with { $0[id] = nil } }
        return child
    }

    /// Takes note of every child's end at once, also of those nobody waits for: Swift Testing, which waits for exit tests
    /// with `waitid`, sees nothing behind a child that has ended and was not waited for.
    private struct Reaper: Sendable {
        let running = Guarded<[pid_t: ChildProcess]>([:])
        /// Only kept: nothing is asked of it after it was made.
        private nonisolated(unsafe) let source: any DispatchSourceSignal

        init() {
            source = DispatchSource.makeSignalSource(signal: SIGCHLD, queue: .global())
            source.setEventHandler { [running] in
                for (id, child) in running.with({ $0 }) where !child.isRunning { running.with { $0[id] = nil } }
            }
            source.resume()
        }
    }

    private static let reaper = Reaper()

    /// Runs a program to its end.
    /// - Throws: ``Failure`` with its output when it does not end with 0.
    @discardableResult
    public static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws
        -> String
    {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        let child = try start(program, arguments, environment: environment, output: output)
        let code = await child.ended()
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard code == 0 else { throw Failure(description: "\(program) ended with \(code): \(text.suffix(2000))") }
        return text
    }

    /// Sends a signal, unless the process has ended.
    public func signal(_ number: Int32) {
        status.with { if $0 == nil { kill(id, number) } }
    }

    /// Whether the process still runs.
    public var isRunning: Bool { poll() == nil }

    /// Waits for the end: the exit code, or 128 and the signal's number.
    @discardableResult
    public func ended() async -> Int32 {
        while true {
            if let code = poll() { return code }
            // The pause is not cut short by cancellation: who stops a server wants it stopped.
            await withCheckedContinuation { continuation in
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(5)) { continuation.resume() }
            }
        }
    }

    private func poll() -> Int32? {
        status.with { known in
            if known != nil { return known }
            var raw: Int32 = 0
            guard waitpid(id, &raw, WNOHANG) == id else { return nil }
            known = (raw & 0x7f) == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            return known
        }
    }
}
