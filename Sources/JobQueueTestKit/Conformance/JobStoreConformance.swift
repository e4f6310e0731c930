public import JobQueue

/// What every `JobStore` must do, as cases to run against a fresh store each.
///
/// ```swift
/// @Test(arguments: JobStoreConformance.cases)
/// func `the store conforms`(_ conformance: JobStoreConformance.Case) async throws {
///     try await conformance.run(makeStore())
/// }
/// ```
///
/// The cases use short real times (tens of milliseconds), so that a database's clock can take part.
public enum JobStoreConformance {
    /// One promise of a store.
    public struct Case: Sendable, CustomStringConvertible {
        /// The promise, in words.
        public let name: String
        let body: @Sendable (StoreProbe) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (StoreProbe) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The promise.
        public var description: String { name }

        /// Holds a store against the promise.
        /// - Parameter store: An empty one.
        /// - Throws: ``ConformanceFailure``, or what the store throws.
        public func run(_ store: any JobStore) async throws {
            try await body(StoreProbe(store: store))
        }
    }

    /// All promises.
    public static let cases: [Case] =
        enqueuing + claiming + outcomes + hostile + leases + cancelling + limiting + waiting + following + randomised
}

/// A store that does not keep a promise.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected and what came, and where.
    public let description: String
}

/// A store under test, with shorthands.
struct StoreProbe: Sendable {
    let store: any JobStore

    func expect(
        _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
    ) throws {
        guard !condition else { return }
        throw ConformanceFailure(description: "\(message()) (\(file):\(line))")
    }

    func expectEqual<Value: Equatable>(
        _ found: Value, _ wanted: Value, _ what: String, file: StaticString = #fileID, line: UInt = #line
    ) throws {
        try expect(found == wanted, "\(what): expected \(wanted), found \(found)", file: file, line: line)
    }

    func worker(lease: Duration = .seconds(60)) async throws -> WorkerID {
        try await store.register(WorkerDescription(host: "probe", process: 1, queues: ["q"]), lease: lease)
    }

    @discardableResult
    func enqueue(_ jobs: NewJob...) async throws -> [EnqueueReceipt] { try await store.enqueue(jobs) }

    func claim(
        _ worker: WorkerID, _ limit: Int = 1, queue: String = "q", _ suspicion: JobSuspicion? = nil
    ) async throws -> [ClaimedJob] {
        let claim = QueueClaim(queue: queue, limit: limit, suspicion: suspicion)
        return try await store.exchange(ExchangeRequest(worker: worker, claims: [claim])).claimed
    }

    /// Waits until the jobs of a lost worker are ready once more.
    func rescued(_ jobs: some Sequence<NewJob>) async throws {
        for job in jobs { try await eventually("the rescue") { try await record(job.id).state == .ready } }
    }

    /// Claims exactly one job.
    func one(_ worker: WorkerID, queue: String = "q", file: StaticString = #fileID, line: UInt = #line) async throws
        -> ClaimedJob
    {
        guard let job = try await claim(worker, queue: queue).first else {
            throw ConformanceFailure(description: "no job to claim (\(file):\(line))")
        }
        return job
    }

    /// Tells an outcome. Returns whether it was accepted.
    @discardableResult
    func end(_ job: ClaimedJob, _ worker: WorkerID, _ outcome: JobOutcome = .completed(result: nil)) async throws
        -> Bool
    {
        try await store.exchange(
            ExchangeRequest(worker: worker, acknowledgements: [Acknowledgement(job.reference, outcome)])
        ).rejected.isEmpty
    }

    func record(_ id: JobID, file: StaticString = #fileID, line: UInt = #line) async throws -> JobRecord {
        guard let record = try await store.job(id) else {
            throw ConformanceFailure(description: "job \(id) is not known (\(file):\(line))")
        }
        return record
    }

    func expect(
        _ id: JobID, is state: JobState, file: StaticString = #fileID, line: UInt = #line
    ) async throws {
        let record = try await record(id, file: file, line: line)
        try expectEqual(record.state, state, "state of \(record.kind)", file: file, line: line)
    }

    func untaken() async throws -> [String: Int]? {
        try await store.statistics().first { $0.queue == "q" }?.untaken
    }

    @discardableResult
    func maintain(retention: Duration? = nil) async throws -> MaintenanceReport {
        try await store.maintain(MaintenanceRequest(retention: retention))
    }

    /// Has the store move on time until something holds; gives up after ten seconds and 400 looks. On a machine with
    /// too much to do ten seconds can be a few looks.
    func eventually(
        _ what: String, file: StaticString = #fileID, line: UInt = #line, _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var looks = 0
        while ContinuousClock.now < deadline || looks < 400 {
            try await maintain()
            if try await condition() { return }
            looks += 1
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ConformanceFailure(description: "\(what) did not come true (\(file):\(line))")
    }
}

/// A job to probe with: kind `probe`, queue `q`.
func sample(_ change: (inout NewJob) -> Void = { _ in }) -> NewJob {
    var job = NewJob(kind: "probe", queue: "q", payload: Array("{}".utf8))
    change(&job)
    return job
}
