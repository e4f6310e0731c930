public import JobQueue

/// A stored job that has not ended, with its decoded parameters.
public struct EnqueuedJob<Parameters: JobParameters>: Sendable {
    /// The data that the job was enqueued with.
    public let parameters: Parameters
    /// The job's queue, state, start and options.
    public let record: JobRecord

    /// The job's identity.
    public var id: JobID { record.id }
}

extension JobStore {
    /// Returns the jobs of a kind that have not ended, the oldest first: blocked, scheduled, throttled, ready and running ones.
    ///
    /// ```swift
    /// let invoices = try await store.enqueued(SendInvoice.self, in: "mail")
    /// #expect(invoices.map(\.parameters.invoice) == [7, 8])
    /// ```
    /// - Parameters:
    ///   - type: The data of the kind.
    ///   - queue: The queue that the jobs are in; `nil` for any.
    ///   - sealing: The client's, where it has one.
    /// - Throws: `JobError` with `decodingFailed` where a job's stored data does not decode as `type`, or `sealingFailed` where it cannot be
    ///   opened; or what the store throws.
    public func enqueued<Parameters: JobParameters>(
        _ type: Parameters.Type, in queue: String? = nil, sealing: (any PayloadSealing)? = nil
    ) async throws -> [EnqueuedJob<Parameters>] {
        try await allJobs(JobFilter(states: .unfinished, queue: queue, kind: Parameters.kind)).map { record in
            EnqueuedJob(parameters: try record.parameters(as: type, sealing: sealing), record: record)
        }
    }

    /// All jobs that match, the oldest first, whatever the filter's limit.
    func allJobs(_ filter: JobFilter) async throws -> [JobRecord] {
        var page = filter
        page.limit = 1000
        var all: [JobRecord] = []
        while true {
            let jobs = try await self.jobs(page)
            all += jobs
            guard jobs.count == page.limit else { return all.reversed() }
            page.before = jobs.last?.id
        }
    }
}

extension Set<JobState> {
    static var unfinished: Self { Set(JobState.allCases.filter { !$0.isTerminal }) }
    static var ended: Self { Set(JobState.allCases.filter(\.isTerminal)) }
}
