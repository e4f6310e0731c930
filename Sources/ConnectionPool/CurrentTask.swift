#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which task runs, as a number, 0 when there is none; and whether it is cancelled.
///
/// `withUnsafeCurrentTask` returns the same, but counts the task's references twice up and twice down through a generic
/// closure: a quarter of a lease. What it calls itself are two entry points of the concurrency runtime, part of its ABI
/// since Swift 5.5; they are asked for by name, and where a program does not export them the slow way is taken.
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
    func callAsFunction() -> (id: UInt, isCancelled: Bool) {
        guard let find, let ask else { return Self.slowly() }
        guard let task = find() else { return (0, false) }
        return (UInt(bitPattern: task), ask(task))
    }

    @inline(never)
    static func slowly() -> (id: UInt, isCancelled: Bool) {
        withUnsafeCurrentTask { (unsafeBitCast($0, to: UInt.self), $0?.isCancelled ?? false) }
    }
}
