#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The program that the processes of a pool run. It has to call `JobProcess.run`.
public struct ProcessCommand: Sendable, Hashable {
    /// The path of the executable.
    public var path: String
    /// What follows it on the command line.
    public var arguments: [String]
    /// Added to this process's own environment.
    public var environment: [String: String]

    /// A program.
    public init(path: String, arguments: [String] = [], environment: [String: String] = [:]) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }

    /// This very program with its own arguments.
    public static var sameProgram: ProcessCommand {
        #if os(Linux)
            ProcessCommand(path: "/proc/self/exe", arguments: Array(CommandLine.arguments.dropFirst()))
        #else
            ProcessCommand(path: CommandLine.arguments[0], arguments: Array(CommandLine.arguments.dropFirst()))
        #endif
    }

    /// The variable that tells a program that it is a process of a pool, and by which descriptor it talks.
    static let variable = "VITALS_JOB_PROCESS"
    /// The descriptor by which it talks.
    static let descriptor: Int32 = 3

    /// Starts the program with one end of a pair of sockets.
    /// - Returns: The process, and the other end of the pair.
    func spawn() throws(JobError) -> (process: pid_t, socket: Int32) {
        var ends: [Int32] = [-1, -1]
        #if os(Linux)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Self.failure("socketpair", errno) }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], Self.descriptor)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: it is killed with whatever it started, and a Ctrl-C is for the worker to judge.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))
        var id: pid_t = 0
        let argv = CStrings([CommandLine.arguments.first ?? path] + arguments)
        let envp = CStrings(merged.map { "\($0.key)=\($0.value)" })
        let code = posix_spawn(&id, path, &actions, &attributes, argv.pointers, envp.pointers)
        guard code == 0 else {
            close(ends[0])
            throw Self.failure(path, code)
        }
        return (id, ends[0])
    }

    private var merged: [String: String] {
        var merged: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { merged[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        merged.merge(environment) { $1 }
        merged[Self.variable] = "\(Self.descriptor)"
        return merged
    }

    private static func failure(_ what: String, _ code: Int32) -> JobError {
        JobError(.processDied, "no process for the job could be started: \(what): \(String(cString: strerror(code)))")
    }
}

/// Strings as C wants them for a new process.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
