public import JobQueue

/// The error of an assertion about a store's jobs that does not hold.
public struct JobAssertionFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected, where in the test, and which jobs there are: those of the kind first, at most twenty of them, each with its
    /// queue, state and parameters.
    public let description: String
}

extension JobStore {
    /// Checks that jobs of a kind are stored that have not ended.
    ///
    /// ```swift
    /// try await store.assertEnqueued(SendInvoice.self, in: "mail", count: 1) { $0.invoice == 7 }
    /// ```
    /// - Parameters:
    ///   - type: The data of the kind.
    ///   - queue: The queue that the jobs are in; `nil` for any.
    ///   - count: How many jobs match, exactly; `nil` for one or more.
    ///   - sealing: The client's, where it has one.
    ///   - matches: Returns whether a job is meant; all of the kind by default.
    ///   - file: Where the check stands.
    ///   - line: Where the check stands.
    /// - Returns: The jobs that match, the oldest first.
    /// - Throws: ``JobAssertionFailure``, or what `enqueued(_:in:sealing:)` and `matches` throw.
    @discardableResult
    public func assertEnqueued<Parameters: JobParameters>(
        _ type: Parameters.Type, in queue: String? = nil, count: Int? = nil, sealing: (any PayloadSealing)? = nil,
        where matches: @Sendable (Parameters) throws -> Bool = { _ in true }, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [EnqueuedJob<Parameters>] {
        let expectation = EnqueueExpectation(kind: Parameters.kind, queue: queue, count: count)
        let found = try await enqueued(type, in: queue, sealing: sealing).filter { try matches($0.parameters) }
        guard expectation.isMet(by: found.count) else {
            throw try await failure(of: expectation, found: found.count, sealing, at: "\(file):\(line)")
        }
        return found
    }

    /// Checks that no job of a kind is stored that has not ended. The arguments are those of
    /// `assertEnqueued(_:in:count:sealing:where:file:line:)`.
    /// - Throws: ``JobAssertionFailure``, or what `enqueued(_:in:sealing:)` and `matches` throw.
    public func assertNotEnqueued<Parameters: JobParameters>(
        _ type: Parameters.Type, in queue: String? = nil, sealing: (any PayloadSealing)? = nil,
        where matches: @Sendable (Parameters) throws -> Bool = { _ in true }, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        try await assertEnqueued(type, in: queue, count: 0, sealing: sealing, where: matches, file: file, line: line)
    }

    /// Waits until jobs of a kind are stored that have not ended, for code that enqueues them in a task of its own.
    ///
    /// The store is asked again after 5 ms, then less and less often, up to every 50 ms. A job that a worker ends in between is not
    /// seen: let no worker run on the store.
    /// - Parameters:
    ///   - type: The data of the kind.
    ///   - queue: The queue that the jobs are in; `nil` for any.
    ///   - count: How many jobs match, exactly; `nil` for one or more.
    ///   - limit: The longest time to wait, by the system's monotonic clock; 5 s by default.
    ///   - sealing: The client's, where it has one.
    ///   - matches: Returns whether a job is meant; all of the kind by default.
    ///   - file: Where the check stands.
    ///   - line: Where the check stands.
    /// - Returns: The jobs that match, the oldest first.
    /// - Throws: ``JobAssertionFailure`` after `limit`; `CancellationError` when the waiting task is cancelled; or what
    ///   `enqueued(_:in:sealing:)` and `matches` throw.
    @discardableResult
    public func waitUntilEnqueued<Parameters: JobParameters>(
        _ type: Parameters.Type, in queue: String? = nil, count: Int? = nil, within limit: Duration = .seconds(5),
        sealing: (any PayloadSealing)? = nil,
        where matches: @Sendable (Parameters) throws -> Bool = { _ in true }, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [EnqueuedJob<Parameters>] {
        let expectation = EnqueueExpectation(kind: Parameters.kind, queue: queue, count: count, limit: limit)
        let clock = SystemJobClock()
        let end = clock.monotonic() + limit
        var pause = Duration.milliseconds(5)
        while true {
            let found = try await enqueued(type, in: queue, sealing: sealing).filter { try matches($0.parameters) }
            if expectation.isMet(by: found.count) { return found }
            let remaining = end - clock.monotonic()
            guard remaining > .zero else {
                throw try await failure(of: expectation, found: found.count, sealing, at: "\(file):\(line)")
            }
            try await clock.sleep(for: min(pause, remaining))
            pause = min(.milliseconds(50), pause * 2)
        }
    }

    private func failure(
        of expectation: EnqueueExpectation, found: Int, _ sealing: (any PayloadSealing)?, at place: String
    ) async throws -> JobAssertionFailure {
        let live = try await allJobs(JobFilter(states: .unfinished))
        let ended = try await allJobs(JobFilter(states: .ended, kind: expectation.kind))
        let jobs = live.filter { $0.kind == expectation.kind } + ended + live.filter { $0.kind != expectation.kind }
        return JobAssertionFailure(
            description: "expected \(expectation), found \(found) (\(place)); "
                + JobListing(sealing: sealing).text(of: jobs))
    }
}

/// How many jobs of a kind there should be.
private struct EnqueueExpectation: CustomStringConvertible {
    var kind: String
    var queue: String?
    var count: Int?
    var limit: Duration?

    func isMet(by found: Int) -> Bool { count.map { $0 == found } ?? (found > 0) }

    var description: String {
        let number = count.map { $0 == 0 ? "no" : "\($0)" } ?? "at least 1"
        return "\(number) unfinished matching \(kind)" + (queue.map { " in queue \($0)" } ?? "")
            + (limit.map { " within \($0)" } ?? "")
    }
}

/// Jobs as a failed assertion lists them.
private struct JobListing {
    static let most = 20
    static let longest = 200
    let sealing: (any PayloadSealing)?

    func text(of jobs: [JobRecord]) -> String {
        guard !jobs.isEmpty else { return "the store has no unfinished job and none of the kind" }
        let lines = jobs.prefix(Self.most).map {
            "\n  \($0.kind) in \($0.queue), \($0.state.rawValue): \(data(of: $0))"
        }
        let rest = jobs.count > Self.most ? ["\n  and \(jobs.count - Self.most) more"] : []
        return "the store has:" + (lines + rest).joined()
    }

    private func data(of job: JobRecord) -> String {
        let content = SealedContent(.payload, of: job.kind)
        guard let payload = try? SealedForm.open(job.job.payload, for: content, by: sealing) else {
            return "\(job.job.payload.count) bytes that are sealed"
        }
        guard let text = String(validating: payload, as: UTF8.self) else {
            return "\(payload.count) bytes that are no text"
        }
        return text.count > Self.longest ? text.prefix(Self.longest) + "…" : text
    }
}
