public import Logging
import VitalsSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The side of a process pool that runs the jobs: a program calls it first thing in its `main`.
///
/// ```swift
/// if JobProcess.isJobChildProcess { await JobProcess.run(register: registerJobs) }
/// let worker = try JobWorker(store: store, configuration: configuration, register: registerJobs)
/// ```
///
/// The process runs one job after the other, as its worker says, and ends when the worker ends, however that ends.
/// Terminating signals are ignored: the worker decides when its processes go.
public enum JobProcess {
    /// Whether this program was started by a worker to run jobs.
    public static var isJobChildProcess: Bool { getenv(ProcessCommand.variable) != nil }

    /// Runs jobs as the worker says, and ends the process when there are no more.
    /// - Parameters:
    ///   - middleware: Goes around every run, the first outermost; the worker's own is not called.
    ///   - sealing: Decrypts payloads, encrypts results and checkpoints; the same as the worker's.
    ///   - client: For jobs that enqueue jobs; the process needs a store of its own for that.
    ///   - logger: What jobs log to.
    ///   - maxPayload: The largest result, in bytes.
    ///   - register: Registers the kinds of jobs, the same as the worker's.
    public static func run(
        middleware: [any JobMiddleware] = [], sealing: (any PayloadSealing)? = nil,
        client: JobClient? = nil, logger: Logger = Logger(label: "job"), maxPayload: Int = 1_048_576,
        register: (inout JobRegistry) -> Void
    ) async -> Never {
        guard let descriptor = getenv(ProcessCommand.variable).flatMap({ Int32(String(cString: $0)) }) else {
            logger.critical("This process was not started by a worker; see JobProcess.isJobChildProcess.")
            exit(64)
        }
        unsetenv(ProcessCommand.variable)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // With a handler that does nothing: a program that a job starts would inherit that they are ignored.
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { signal(number) { _ in } }
        do {
            var registry = JobRegistry()
            register(&registry)
            let engine = try RunEngine(
                registry, middleware: middleware, sealing: sealing, maxPayload: maxPayload)
            let host = ProcessHost(descriptor, engine: engine, client: client, logger: logger)
            await host.serve()
        } catch {
            logger.critical("The jobs of this process cannot be run.", metadata: ["error": "\(error)"])
        }
        exit(70)
    }
}

/// Runs the jobs of a pool's process, one at a time.
private final class ProcessHost: RunLink {
    private struct State {
        var context: JobContext?
        var task: Task<Void, Never>?
        var lastUpdate = Duration.zero
        var nextCheckpoint: Int64 = 0
        var checkpoints: [Int64: CheckedContinuation<String?, Never>] = [:]
    }

    private let descriptor: Int32
    private let engine: RunEngine
    let client: JobClient?
    private let logger: Logger
    private let clock = SystemJobClock()
    private let state = Lock(State())
    private let writing = Lock(())

    init(_ descriptor: Int32, engine: RunEngine, client: JobClient?, logger: Logger) {
        self.descriptor = descriptor
        self.engine = engine
        self.client = client
        self.logger = logger
    }

    /// Says that it is ready, and does not return: the thread that listens ends the process with the worker.
    func serve() async {
        guard NamedThread.start("job-listener", { [self] in listen() }) == 0 else { return }
        send(.ready)
        while true { try? await Task.sleep(for: .seconds(86_400)) }
    }

    /// Listens on a thread of its own, so that a job that blocks everything else cannot keep the process alive.
    private func listen() {
        var stream = MessageStream()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { Self.end() }
            stream.append(buffer[0..<count])
            do {
                while let message = try stream.next() { receive(message) }
            } catch {
                Self.end()
            }
        }
    }

    /// The worker is gone: so is everything here, with what the job started.
    private static func end() -> Never {
        if getpgrp() == getpid() { kill(0, SIGKILL) }
        _exit(0)
    }

    private func receive(_ message: ProcessMessage) {
        switch message {
        case .run(let job):
            let context = engine.context(for: job, logger: logger, link: self)
            state.with { $0.context = context }
            let task = Task { await run(job, context) }
            state.with { $0.task = task }
            if context.isCancelled { task.cancel() }
        case .cancel(let reason):
            let (context, task) = state.with { ($0.context, $0.task) }
            _ = context?.cancel(reason)
            task?.cancel()
        case .checkpointSaved(let number, let error):
            state.with { $0.checkpoints.removeValue(forKey: number) }?.resume(returning: error)
        case .ready, .update, .checkpoint, .committed, .ended: break
        }
    }

    private func run(_ job: ClaimedJob, _ context: JobContext) async {
        let outcome = await engine.run(job, context)
        state.with { ($0.context, $0.task) = (nil, nil) }
        let update = context.takeUpdate()
        send(.ended(outcome, progress: update?.progress, message: update?.message))
    }

    private func send(_ message: ProcessMessage) {
        let bytes = message.encoded
        writing.with { _ in
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    write(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent)
                }
                if count < 0, errno != EINTR { Self.end() }
                sent += max(0, count)
            }
        }
    }

    // MARK: RunLink

    func committed(_ reference: RunReference) { send(.committed) }

    func progressed(_ reference: RunReference) {
        let now = clock.monotonic()
        let context = state.with { state -> JobContext? in
            guard now - state.lastUpdate >= .milliseconds(50) else { return nil }
            state.lastUpdate = now
            return state.context
        }
        guard let update = context?.takeUpdate() else { return }
        send(.update(progress: update.progress, message: update.message))
    }

    func checkpoint(_ reference: RunReference, bytes: [UInt8]) async throws {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<String?, Never>) in
            let number = state.with { state in
                state.nextCheckpoint += 1
                state.checkpoints[state.nextCheckpoint] = continuation
                return state.nextCheckpoint
            }
            send(.checkpoint(number: number, bytes: bytes))
        }
        if let error { throw JobError(.leaseLost, "the checkpoint was not saved: \(error)") }
    }
}
