import Interleaving

/// Whether a mutation leaves a check out; `patch.py` puts the question into the pool's sources.
func isRemoved(_ check: StaticString) -> Bool { Interleaving.isRemoved(check) }

// Stand in for those of the standard library, whose names they hide in this module: whoever waits stops its thread, and a
// new task is a new thread of the program.

struct Task<Success: Sendable, Failure: Error>: Sendable {
    fileprivate let model: ModelTask

    func cancel() { model.cancel() }
}

extension Task where Success == Void, Failure == Never {
    @discardableResult
    init(@_implicitSelfCapture operation: @escaping @Sendable () async -> Void) {
        let model = ModelTask()
        self.model = model
        scheduler.spawn { runToEnd(model, operation) }
    }

    @discardableResult
    static func detached(
        executorPreference: (any TaskExecutor)? = nil, operation: @escaping @Sendable () async -> Void
    ) -> Self { Self(operation: operation) }
}

extension Task where Success == Never, Failure == Never {
    static var isCancelled: Bool {
        ModelTask.current?.isCancelled ?? false
    }

    static func checkCancellation() throws { if isCancelled { throw CancellationError() } }

    /// Only the system's clock sleeps so, and no program uses that.
    static func sleep(for duration: Duration, clock: ContinuousClock) async throws {
        scheduler.fail("a program used the system's clock")
    }
}

nonisolated(nonsending) func withTaskCancellationHandler<Result>(
    operation: () async throws -> Result, @_implicitSelfCapture onCancel: @escaping @Sendable () -> Void
) async rethrows -> Result {
    guard let task = ModelTask.current else { return try await operation() }
    task.begin(onCancel)
    defer { task.end() }
    return try await operation()
}

struct UnsafeContinuation<Value, Failure: Error>: Sendable {
    fileprivate let gate: Gate
}

extension UnsafeContinuation where Value == Void, Failure == Never {
    func resume() {
        if gate.isOpen { scheduler.fail("a continuation was resumed twice") }
        scheduler.open(gate)
    }
}

nonisolated(nonsending) func withUnsafeContinuation(_ body: (UnsafeContinuation<Void, Never>) -> Void) async {
    let gate = Gate(isOpen: false)
    body(UnsafeContinuation(gate: gate))
    scheduler.pass(gate, closing: false, "await", "wakes up")
}

/// Whether the task that runs is cancelled. The other source of it is the runtime, which knows nothing of the program's threads.
struct CurrentTask: Sendable {
    static let shared = CurrentTask()

    var isCancelled: Bool { ModelTask.current?.isCancelled ?? false }
}
