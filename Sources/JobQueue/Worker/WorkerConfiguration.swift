/// How a worker works.
public struct JobWorkerConfiguration: Sendable {
    /// How many jobs of each queue run at a time in this worker.
    public var queues: [String: Int]
    /// How often the worker looks for jobs without being told. Jittered by a quarter.
    public var pollInterval: Duration
    /// How long the lease lasts that a heartbeat renews. When a worker dies, its jobs run again after this time.
    public var lease: Duration
    /// How often the lease is renewed; well below ``lease``.
    public var heartbeatInterval: Duration
    /// How often due jobs, lost workers and old history are looked after. Jittered by a quarter.
    public var maintenanceInterval: Duration
    /// How often progress is saved.
    public var progressInterval: Duration
    /// How often queue figures go to the observer; `nil` for never.
    public var statisticsInterval: Duration?
    /// How long running jobs may go on after ``JobWorker/stop()``.
    public var drainTimeout: Duration
    /// How long they may take to react to being cancelled after that; then they are returned.
    public var cancelTimeout: Duration
    /// How many outcomes and claims go into one exchange with the store.
    public var batch: Int
    /// How many exchanges with the store may be under way at a time.
    public var exchanges: Int
    /// Jobs claimed beyond the free slots, for stores with slow round trips and short jobs.
    public var prefetch: Prefetch
    /// Where jobs run that do not say so themselves.
    public var isolation: JobIsolation
    /// The program that processes of a pool run; this very program by default.
    public var processCommand: ProcessCommand
    /// Ends the worker when it has done so much, for whoever starts it to start it again; `nil` for never.
    public var recycling: Recycling?
    /// The largest checkpoint or result, in bytes.
    public var maxPayload: Int
    /// How long ended jobs and keys are kept.
    public var retention: MaintenanceRequest

    /// How many jobs a worker claims beyond its free slots.
    public enum Prefetch: Sendable, Hashable {
        /// None: a claimed job starts at once.
        case none
        /// As many as the worker will have started within this time, judged by how long jobs have taken, at most
        /// ``JobWorkerConfiguration/batch``. What then waits longer than twice this time is given back, uncounted.
        case adaptive(maxHold: Duration)
    }

    /// When a worker asks to be replaced by a fresh process.
    public struct Recycling: Sendable, Hashable {
        /// After so many jobs.
        public var maxJobs: Int?
        /// When the process uses more memory, in bytes.
        public var maxRSS: Int?

        /// Limits.
        public init(maxJobs: Int? = nil, maxRSS: Int? = nil) {
            self.maxJobs = maxJobs
            self.maxRSS = maxRSS
        }
    }

    /// A configuration; only the queues have no default.
    public init(
        queues: [String: Int], pollInterval: Duration = .seconds(1), lease: Duration = .seconds(30),
        heartbeatInterval: Duration = .seconds(5), maintenanceInterval: Duration = .seconds(1),
        progressInterval: Duration = .seconds(1), statisticsInterval: Duration? = nil,
        drainTimeout: Duration = .seconds(20), cancelTimeout: Duration = .seconds(5), batch: Int = 100,
        exchanges: Int = 1, prefetch: Prefetch = .none, isolation: JobIsolation = .inProcess,
        processCommand: ProcessCommand = .sameProgram, recycling: Recycling? = nil, maxPayload: Int = 1_048_576,
        retention: MaintenanceRequest = MaintenanceRequest()
    ) {
        self.queues = queues
        self.pollInterval = pollInterval
        self.lease = lease
        self.heartbeatInterval = heartbeatInterval
        self.maintenanceInterval = maintenanceInterval
        self.progressInterval = progressInterval
        self.statisticsInterval = statisticsInterval
        self.drainTimeout = drainTimeout
        self.cancelTimeout = cancelTimeout
        self.batch = batch
        self.exchanges = exchanges
        self.prefetch = prefetch
        self.isolation = isolation
        self.processCommand = processCommand
        self.recycling = recycling
        self.maxPayload = maxPayload
        self.retention = retention
    }

    /// Checks the values.
    /// - Throws: ``JobError`` with `invalidConfiguration` that names the field.
    public func validate() throws(JobError) {
        func require(_ condition: Bool, _ message: String) throws(JobError) {
            if !condition { throw JobError(.invalidConfiguration, message) }
        }
        try require(!queues.isEmpty, "queues: name at least one")
        for (queue, slots) in queues { try require(slots >= 1, "queues: \(queue) has \(slots) slots; 1 is the least") }
        try require(heartbeatInterval > .zero, "heartbeatInterval: must be above zero")
        try require(lease >= heartbeatInterval * 2, "lease: must be at least twice the heartbeat interval")
        try require(pollInterval > .zero, "pollInterval: must be above zero")
        try require(maintenanceInterval > .zero, "maintenanceInterval: must be above zero")
        try require(progressInterval > .zero, "progressInterval: must be above zero")
        try require((1...10_000).contains(batch), "batch: must be within 1…10000")
        try require((1...16).contains(exchanges), "exchanges: must be within 1…16")
        if case .adaptive(let maxHold) = prefetch {
            try require(maxHold > .zero, "prefetch: maxHold must be above zero")
        }
        if case .processPool(let maxJobs, let maxRSS) = isolation {
            try require(maxJobs >= 1, "isolation: maxJobs must be 1 or more")
            try require(maxRSS.map { $0 > 0 } ?? true, "isolation: maxRSS must be above zero")
        }
    }
}
