public import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

import VitalsSupport

/// Claims jobs from a store, runs them, and tells how they ended.
///
/// ```swift
/// let worker = try JobWorker(store: store, queues: ["default": 8]) { jobs in
///     jobs.register(SendInvoice.self) { parameters, context in try await mailer.send(parameters.invoice) }
/// }
/// try await worker.run()  // until stop() is called or the task is cancelled
/// ```
///
/// The heartbeat and the time limits run on a thread of the worker's own, and so does an acknowledgement that is late, so that
/// jobs that keep all of Swift's threads busy neither lose their lease nor escape their limits.
///
/// A worker never ends because its store is away: it waits longer and longer, up to ten seconds, and goes on. Any
/// number of workers, in any number of processes, may work on one durable store.
public final class JobWorker: Sendable {
    /// How it works.
    public let configuration: JobWorkerConfiguration
    let store: any JobStore
    let engine: RunEngine
    let observer: (any JobObserver)?
    let logger: Logger
    let clock: any JobClock
    let state: Lock<WorkerState>
    let runs = Lock(LiveRuns())
    let dirty = Lock<Set<RunReference>>([])
    /// Where the worker's own loops run.
    private let thread = ControlThread(name: "job-worker")
    /// What ``run()`` waits for.
    private let end = Wakeup()
    let pumps: [Wakeup]
    let maintenanceWakeup = Wakeup()
    let limitsWakeup = Wakeup()
    let lateWakeup = Wakeup()
    let outage = Lock(false)
    let restart = Lock<String?>(nil)
    let pools: ProcessPools
    let schedules: [JobSchedule]
    let jobClient: JobClient

    /// A worker.
    /// - Parameters:
    ///   - store: Where the jobs are.
    ///   - configuration: How it works.
    ///   - schedules: Jobs that come again by the calendar.
    ///   - middleware: Goes around every run, the first outermost.
    ///   - observer: Hears of everything.
    ///   - sealing: Decrypts payloads, encrypts results and checkpoints; the same as the clients'.
    ///   - logger: Gets warnings, and is what jobs log to.
    ///   - clock: What limits and pauses go by.
    ///   - register: Registers the kinds of jobs that the worker runs, with their code. A job of another kind is deferred, for
    ///     a newer worker to claim.
    /// - Throws: ``JobError`` with `invalidConfiguration`.
    public init(
        store: any JobStore, configuration: JobWorkerConfiguration,
        schedules: [JobSchedule] = [], middleware: [any JobMiddleware] = [], observer: (any JobObserver)? = nil,
        sealing: (any PayloadSealing)? = nil, logger: Logger = Logger(label: "jobs"),
        clock: any JobClock = SystemJobClock(), register: (inout JobRegistry) -> Void
    ) throws(JobError) {
        try configuration.validate()
        guard !JobProcess.isJobChildProcess else {
            throw JobError(
                .invalidConfiguration, "this process was started to run another worker's jobs: call JobProcess.run")
        }
        guard Set(schedules.map(\.name)).count == schedules.count else {
            throw JobError(.invalidConfiguration, "schedules: two of them have one name")
        }
        self.configuration = configuration
        self.schedules = schedules
        self.store = store
        self.observer = observer
        self.logger = logger
        self.clock = clock
        pools = ProcessPools(command: configuration.processCommand, observer: observer)
        var registry = JobRegistry()
        register(&registry)
        engine = try RunEngine(
            registry, middleware: middleware, sealing: sealing, maxPayload: configuration.maxPayload)
        state = Lock(
            WorkerState(queues: configuration.queues, batch: configuration.batch, prefetch: configuration.prefetch))
        pumps = (0..<configuration.exchanges).map { _ in Wakeup() }
        jobClient = JobClient(
            store: store, maxPayload: configuration.maxPayload, middleware: middleware, observer: observer,
            sealing: sealing, clock: clock)
    }

    /// Creates a worker with the default settings of ``JobWorkerConfiguration``.
    ///
    /// ```swift
    /// let worker = try JobWorker(store: store, queues: ["default": 8]) { jobs in
    ///     jobs.register(SendInvoice.self) { parameters, context in try await mailer.send(parameters.invoice) }
    /// }
    /// ```
    /// - Parameter queues: How many jobs of each queue run at a time in this worker.
    public convenience init(
        store: any JobStore, queues: [String: Int], schedules: [JobSchedule] = [], middleware: [any JobMiddleware] = [],
        observer: (any JobObserver)? = nil, sealing: (any PayloadSealing)? = nil,
        logger: Logger = Logger(label: "jobs"),
        register: (inout JobRegistry) -> Void
    ) throws(JobError) {
        try self.init(
            store: store, configuration: JobWorkerConfiguration(queues: queues), schedules: schedules,
            middleware: middleware, observer: observer, sealing: sealing, logger: logger, register: register)
    }

    // MARK: Running

    /// Works until ``stop()`` is called or the task is cancelled. A cancelled task gives running jobs
    /// `cancelTimeout`, no `drainTimeout`. Unfinished jobs are returned to their queues before this returns.
    ///
    /// Returns `drainTimeout` and twice `cancelTimeout` after ``stop()`` at the latest, also when the store does not answer.
    public func run() async throws {
        // Tasks of their own: the last outcomes must reach the store although the caller's task is cancelled.
        let loops = Task.detached(executorPreference: thread) { await self.serve() }
        Task.detached(executorPreference: thread) {
            await loops.value
            self.end.fire()
        }
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            stop(immediately: true)
        }
        // What is left of them waits for a store that does not answer, and ends with its call.
        loops.cancel()
        pools.close()
        thread.stop()
    }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepLease() }
            group.addTask { await self.poll() }
            group.addTask { await self.listen() }
            group.addTask { await self.maintain() }
            group.addTask { await self.saveProgress() }
            group.addTask { await self.watchLimits() }
            group.addTask { await self.pumpWhenOthersAreLate() }
            // Among the jobs, whose outcomes they gather: that is the fastest as long as those leave them the threads.
            let pumping = self.pumps.map { pump in Task.detached { await self.pump(pump) } }
            await withTaskCancellationHandler {
                for task in pumping { await task.value }
            } onCancel: {
                for task in pumping { task.cancel() }
            }
            group.cancelAll()
            maintenanceWakeup.fire()
            limitsWakeup.fire()
            lateWakeup.fire()
        }
        guard let worker = state.with({ $0.worker }) else { return }
        do {
            try await store.unregister(worker)
        } catch {
            logger.warning("The worker could not sign off; its lease ends by itself.", metadata: ["error": "\(error)"])
        }
    }

    /// Claims no more jobs. What runs may finish within `drainTimeout`, is cancelled then, and returned to its queue
    /// after another `cancelTimeout`. ``run()`` returns when all is told. May be called from anywhere, more than once.
    public func stop() {
        stop(immediately: false)
    }

    func stop(immediately: Bool) {
        let began = state.with { $0.advance(to: .draining) }
        fire()
        guard began || immediately else { return }
        Task.detached(executorPreference: thread) { [self] in
            if !immediately { try? await clock.sleep(for: configuration.drainTimeout) }
            if state.with({ $0.advance(to: .cancelling) }) {
                for run in runs.with({ $0.all }) { run.cancel(.shutdown) }
            }
            try? await clock.sleep(for: configuration.cancelTimeout)
            if state.with({ $0.advance(to: .returning) }) { returnUnfinished() }
            fire()
            try? await clock.sleep(for: configuration.cancelTimeout)
            state.with { $0.forgetOutcomes() }
            fire()
            end.fire()
        }
    }

    private func returnUnfinished() {
        for run in runs.with({ $0.removeAll() }) {
            logger.warning(
                "A job did not react to being cancelled and is returned to its queue.",
                metadata: ["job_id": "\(run.job.id)", "job_kind": "\(run.job.kind)"])
            _ = state.with { $0.ended(run.reference, at: run.place, .returned) }
            run.kill(JobError(.processDied, "the worker stopped"))
        }
    }

    /// Why the worker should be replaced by a fresh process; `nil` while there is no reason. A job that ignored its
    /// hard limit still runs inside this one, or the process has done as much as `recycling` says.
    public var restartReason: String? { restart.with { $0 } }

    func askForRestart(_ reason: String) {
        let isFirst = restart.with { known in
            guard known == nil else { return false }
            known = reason
            return true
        }
        guard isFirst else { return }
        logger.warning("The worker should be restarted.", metadata: ["reason": "\(reason)"])
        observer?.observe(.restartNeeded(reason: reason))
    }

    /// Jobs that run in this worker now.
    public var runningCount: Int { state.with { $0.running.occupied.count(where: \.element.isStarted) } }

    func fire() {
        pumps.forEach { $0.fire() }
        lateWakeup.fire()
    }

    static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension JobWorker: RunLink {
    package var client: JobClient? { jobClient }

    package func progressed(_ reference: RunReference) {
        dirty.with { _ = $0.insert(reference) }
    }

    package func checkpoint(_ reference: RunReference, bytes: [UInt8]) async throws {
        // A process of a pool may have another cap.
        try JobError.checkCap(of: bytes, .checkpoint, engine.maxPayload)
        let worker = state.with { $0.running.occupied.first { $0.element.reference == reference }?.element.worker }
        guard let worker, try await store.save([RunUpdate(reference, checkpoint: bytes)], worker: worker).isEmpty
        else { throw JobError(.leaseLost, "job \(reference.id) has been taken over; stop working on it") }
    }
}
