#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Says whether the task that runs is cancelled, as `Task.isCancelled` does.
///
/// That counts the task's references twice up and twice down through a generic closure: a quarter of a lease. What it
/// calls itself are two entry points of the concurrency runtime, part of its ABI since Swift 5.5; they are asked for by
/// name, and where a program does not export them the slow way is taken.
struct CurrentTask: Sendable {
    private typealias Find = @Sendable @convention(c) () -> UnsafeRawPointer?
    private typealias Ask = @Sendable @convention(c) (UnsafeRawPointer) -> Bool

    private let find: Find?
    private let ask: Ask?

    static let shared = CurrentTask()

    init() {
        let program = dlopen(nil, RTLD_NOW)
        find = dlsym(program, "swift_task_getCurrent").map { unsafeBitCast($0, to: Find.self) }
        ask = dlsym(program, "swift_task_isCancelled").map { unsafeBitCast($0, to: Ask.self) }
    }

    @inline(__always)
    var isCancelled: Bool {
        guard let find, let ask else { return Task.isCancelled }
        guard let task = find() else { return false }
        return ask(task)
    }
}
