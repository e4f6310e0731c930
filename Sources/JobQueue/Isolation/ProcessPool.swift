import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Idle processes, ready for the next job; as many processes as jobs run at a time, and no more.
final class ProcessPool: Sendable {
    let command: ProcessCommand
    let maxJobs: Int
    let maxRSS: Int?
    /// How long a process may take until it can run jobs.
    private let startLimit: Duration
    private let observer: (any JobObserver)?
    private let state = Lock(State())

    private struct State {
        var idle: [PooledProcess] = []
        var starting: [pid_t: PooledProcess] = [:]
        var isClosed = false
    }

    init(
        command: ProcessCommand, maxJobs: Int, maxRSS: Int?, observer: (any JobObserver)?,
        startLimit: Duration = .seconds(30)
    ) {
        self.command = command
        self.startLimit = startLimit
        self.maxJobs = maxJobs
        self.maxRSS = maxRSS
        self.observer = observer
    }

    /// A process that waits for a job: one that has run jobs before, or a new one.
    func take() async throws(JobError) -> PooledProcess {
        while let process = state.with({ $0.idle.popLast() }) {
            if process.isAlive { return process }
        }
        let process = try PooledProcess(command)
        let isClosed = state.with { state in
            state.starting[process.id] = process
            return state.isClosed
        }
        defer { state.with { _ = $0.starting.removeValue(forKey: process.id) } }
        if isClosed { process.kill() }
        try await process.ready(within: startLimit)
        return process
    }

    /// Takes a process back after a job, or replaces it.
    func give(_ process: PooledProcess) {
        let reason = replacement(of: process)
        let isKept = state.with { state in
            guard reason == nil, !state.isClosed else { return false }
            state.idle.append(process)
            return true
        }
        if !isKept { process.end() }
        if let reason { observer?.observe(.processReplaced(reason: reason)) }
    }

    private func replacement(of process: PooledProcess) -> String? {
        if !process.isAlive { return "it ended in the middle of a job" }
        if process.jobs >= maxJobs { return "\(process.jobs) jobs done" }
        if let maxRSS, let memory = process.memory, memory > maxRSS {
            return "\(memory) bytes of memory, above \(maxRSS)"
        }
        return nil
    }

    /// Processes that are not ready yet.
    var startingCount: Int { state.with { $0.starting.count } }

    /// Lets all idle processes go, and those that are given back later. Those that are starting have no job to end.
    func close() {
        let (idle, starting) = state.with { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.idle, Array(state.starting.values))
        }
        for process in idle { process.end() }
        for process in starting { process.kill() }
    }
}

/// The pools of a worker: one for each way in which kinds of jobs want to be isolated.
final class ProcessPools: Sendable {
    private let command: ProcessCommand
    private let observer: (any JobObserver)?
    private let pools = Lock<[JobIsolation: ProcessPool]>([:])

    init(command: ProcessCommand, observer: (any JobObserver)?) {
        self.command = command
        self.observer = observer
    }

    /// The pool for a kind; `nil` where its jobs run inside the worker.
    func pool(for isolation: JobIsolation) -> ProcessPool? {
        guard case .processPool(let maxJobs, let maxRSS) = isolation else { return nil }
        return pools.with { pools in
            if let pool = pools[isolation] { return pool }
            let pool = ProcessPool(command: command, maxJobs: maxJobs, maxRSS: maxRSS, observer: observer)
            pools[isolation] = pool
            return pool
        }
    }

    func close() {
        for pool in pools.with({ Array($0.values) }) { pool.close() }
    }
}
