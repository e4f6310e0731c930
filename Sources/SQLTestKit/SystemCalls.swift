#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The value of a variable of the process's environment; `nil` when it is not set or empty.
func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
}

/// The text of the last error of a system call.
func lastSystemError() -> String { String(cString: strerror(errno)) }

/// Returns the reading and the writing end of a channel that programs started by this process do not inherit.
func makePipe() throws(SQLTestKitError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    // Where the system allows it, in one step: another thread may start a program at any time.
    #if canImport(Glibc)
        let code = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
    #elseif canImport(Musl)
        let code = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, &ends)
    #else
        let code = pipe(&ends)
        if code == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
    #endif
    guard code == 0 else { throw SQLTestKitError(.system, "no pipe could be created: \(lastSystemError())") }
    return (ends[0], ends[1])
}

/// Starts a program in a process group of its own, so that a Ctrl-C does not reach it.
/// - Parameters:
///   - program: The path of the executable.
///   - arguments: The arguments after the program's name.
///   - input: The descriptor that becomes its standard input.
///   - output: The file that its output is appended to.
/// - Returns: The process id.
func spawn(_ program: String, _ arguments: [String], input: Int32, output: String) throws(SQLTestKitError) -> pid_t {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
    #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of the concurrency runtime may block signals; the program must not inherit that.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, program, &actions, &attributes, &words, environ)
    guard code == 0 else {
        throw SQLTestKitError(.system, "\(program) could not be started: \(String(cString: strerror(code)))")
    }
    return id
}
