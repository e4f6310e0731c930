#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

import VitalsSupport

/// A process beside the worker that runs one job at a time.
final class PooledProcess: Sendable {
    /// How a run in it ended.
    enum End: Sendable, Hashable {
        /// By itself, with its last progress.
        case ended(JobOutcome?, progress: Double?, message: String?)
        /// With the process, for the reason given.
        case died(String)
    }

    /// What a run does beside ending.
    struct Listener: Sendable {
        var progressed: @Sendable (_ progress: Double?, _ message: String?) -> Void
        var checkpoint: @Sendable (_ bytes: [UInt8]) async throws -> Void
        var committed: @Sendable () -> Void
    }

    private struct State {
        var isReady = false
        /// It was ended because it was not ready after so long.
        var lateAfter: Duration?
        var death: String?
        var starting: CheckedContinuation<String?, Never>?
        var running: CheckedContinuation<End, Never>?
        var listener: Listener?
        var jobs = 0
        /// Wanted before the job was under way.
        var cancellation: JobCancellation?
    }

    let id: pid_t
    private let state = Lock(State())
    private let socket = Lock<MessageSocket?>(nil)

    /// Starts a process; ``ready()`` waits for it.
    init(_ command: ProcessCommand) throws(JobError) {
        let (id, descriptor) = try command.spawn()
        self.id = id
        do {
            let line = try MessageSocket(
                descriptor, received: { [weak self] in self?.receive($0) },
                ended: { [self] in reap() })
            socket.with { $0 = line }
        } catch {
            kill()
            throw error
        }
    }

    /// How many jobs it has been given.
    var jobs: Int { state.with { $0.jobs } }

    /// Whether it is there.
    var isAlive: Bool { state.with { $0.death == nil } }

    /// Resident bytes; `nil` where the system does not tell.
    var memory: Int? { isAlive ? ProcessMemory.resident(of: Int(id)) : nil }

    /// Waits until it can run jobs, and ends it where that takes too long.
    /// - Throws: ``JobError`` with `processDied`.
    func ready(within limit: Duration) async throws(JobError) {
        let timer = Task.detached(executorPreference: ControlThread.shared) {
            guard (try? await ControlThread.shared.sleep(for: limit)) != nil else { return }
            let isLate = self.state.with { state in
                if !state.isReady { state.lateAfter = limit }
                return !state.isReady
            }
            if isLate { self.kill() }
        }
        defer { timer.cancel() }
        let death = await withCheckedContinuation { (continuation: CheckedContinuation<String?, Never>) in
            let known: String?? = state.with { state in
                if state.isReady || state.death != nil { return .some(state.death) }
                state.starting = continuation
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
        if let death {
            let end =
                state.with { $0.lateAfter }.map { "was not ready after \($0) and \(death)" }
                ?? "\(death) before it was ready"
            throw JobError(.processDied, "the process \(end); does its main call JobProcess.run first of all?")
        }
    }

    /// Runs a job to its end, or the process's.
    func run(_ job: ClaimedJob, _ listener: Listener) async -> End {
        await withCheckedContinuation { (continuation: CheckedContinuation<End, Never>) in
            let death = state.with { state -> String? in
                if let death = state.death { return death }
                state.running = continuation
                state.listener = listener
                state.jobs += 1
                // Under the lock, so that no cancellation overtakes the job it is for.
                send(.run(job))
                if let reason = state.cancellation { send(.cancel(reason)) }
                return nil
            }
            if let death { continuation.resume(returning: .died(death)) }
        }
    }

    /// Cancels the task of the job that it runs, or is about to run.
    func cancel(_ reason: JobCancellation) {
        state.with { state in
            if state.running == nil { state.cancellation = reason } else { send(.cancel(reason)) }
        }
    }

    /// Ends the process at once, with whatever it started.
    func kill() {
        // Under the lock: once it is reaped its id is somebody else's.
        state.with { state in
            guard state.death == nil else { return }
            #if canImport(Darwin)
                _ = Darwin.kill(-id, SIGKILL)
                _ = Darwin.kill(id, SIGKILL)
            #elseif canImport(Musl)
                _ = Musl.kill(-id, SIGKILL)
                _ = Musl.kill(id, SIGKILL)
            #else
                _ = Glibc.kill(-id, SIGKILL)
                _ = Glibc.kill(id, SIGKILL)
            #endif
        }
    }

    /// Lets an idle process go.
    func end() { socket.with { $0 }?.end() }

    private func send(_ message: ProcessMessage) { socket.with { $0 }?.send(message) }

    private func receive(_ message: ProcessMessage) {
        switch message {
        case .ready:
            let waiting = state.with { state in
                state.isReady = true
                defer { state.starting = nil }
                return state.starting
            }
            waiting?.resume(returning: nil)
        case .update(let progress, let message): state.with { $0.listener }?.progressed(progress, message)
        case .checkpoint(let number, let bytes):
            guard let listener = state.with({ $0.listener }) else { return }
            Task {
                do {
                    try await listener.checkpoint(bytes)
                    send(.checkpointSaved(number: number, error: nil))
                } catch {
                    send(.checkpointSaved(number: number, error: "\(error)"))
                }
            }
        case .committed: state.with { $0.listener }?.committed()
        case .ended(let outcome, let progress, let message):
            finish { $0.resume(returning: .ended(outcome, progress: progress, message: message)) }
        case .run, .cancel, .checkpointSaved: break
        }
    }

    private func finish(_ body: (CheckedContinuation<End, Never>) -> Void) {
        let running = state.with { state in
            defer { (state.running, state.listener, state.cancellation) = (nil, nil, nil) }
            return state.running
        }
        if let running { body(running) }
    }

    /// The line is closed: the process has ended, or is to end now.
    private func reap() {
        kill()
        // Seen before it is taken off the system's list, while its id still is its own.
        var info = siginfo_t()
        #if canImport(Darwin)
            while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        #else
            while waitid(P_PID, id_t(id), &info, Int32(WEXITED) | Int32(WNOWAIT)) != 0, errno == EINTR {}
        #endif
        let starting = state.with { state in
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            state.death = signal == 0 ? "ended with code \((status >> 8) & 0xff)" : "was ended by signal \(signal)"
            defer { state.starting = nil }
            return state.starting
        }
        let death = state.with { $0.death } ?? "ended"
        starting?.resume(returning: death)
        finish { $0.resume(returning: .died(death)) }
        socket.with { $0 = nil }
    }
}
