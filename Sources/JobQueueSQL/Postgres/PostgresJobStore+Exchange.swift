import ConnectionPool
public import JobQueue
import PostgresBackend
import SQLDatabase

extension PostgresJobStore {
    /// Takes outcomes and hands out jobs: one round trip, one transaction.
    public func exchange(_ request: ExchangeRequest) async throws -> ExchangeReply {
        let acknowledgement = AcknowledgementBatch(request, statements: statements)
        let claims = request.claims.filter { $0.limit > 0 }
        let now = SystemJobClock().monotonic()
        let raised = floors.with { floors in
            claims.map { claim in
                floors[request.worker, claim.queue].sweep(now: now)
                return floors[request.worker, claim.queue]
            }
        }
        var queries = acknowledgement.queries
        for (claim, floor) in zip(claims, raised) {
            queries.append(query(claim, request.worker, floor))
        }
        if !claims.isEmpty {
            queries.append(SQLQuery(unsafe: statements.limitedQueues, [.array(claims.map { .text($0.queue) })]))
        }
        guard !queries.isEmpty else { return ExchangeReply() }
        let results = try await sessions.withConnection { try await $0.pipeline(queries) }
        let outcome = acknowledgement.read(results.prefix(acknowledgement.queries.count).map(\.rows))
        var reply = ExchangeReply(rejected: outcome.rejected)
        let limited = Set((results.last?.rows ?? []).compactMap { claims.isEmpty ? nil : $0.text(0) })
        for (index, claim) in claims.enumerated() {
            let rows = results[acknowledgement.queries.count + index].rows
            var jobs = try take(rows, of: claim, worker: request.worker)
            let missing = claim.limit - jobs.count
            if missing > 0, limited.contains(claim.queue) {
                jobs += try await claimCounted(claim, worker: request.worker)
            } else if missing > 0, raised[index].isRaised, statements.claim(claim.suspicion).takesFloors {
                jobs += try await claimSwept(
                    QueueClaim(queue: claim.queue, limit: missing, suspicion: claim.suspicion), worker: request.worker)
            }
            if jobs.count < claim.limit, claim.takesClear { hub.cameShort(claim.queue) }
            reply.claimed += jobs
        }
        publish(outcome.news)
        await follow(outcome.left)
        return reply
    }

    // MARK: Claims

    private func query(_ claim: QueueClaim, _ worker: WorkerID, _ floors: QueueFloors) -> SQLQuery {
        let (sql, takesFloors) = statements.claim(claim.suspicion)
        let parameters = [worker.text, .text(claim.queue), SQLValue(claim.limit)]
        return SQLQuery(unsafe: sql, takesFloors ? parameters + floors.parameters : parameters)
    }

    /// Reads claimed rows in the order of their urgency, and raises the floors.
    private func take(_ rows: [SQLRow], of claim: QueueClaim, worker: WorkerID) throws -> [ClaimedJob] {
        guard !rows.isEmpty else { return [] }
        let ordered = rows.sorted { a, b in
            (a.int(11), a.moment(6) ?? 0) < (b.int(11), b.moment(6) ?? 0)
        }
        let jobs = try ordered.map { row in
            guard let id = row.jobID(0) else { throw JobError(.storeFailed, "a stored job has no id") }
            return ClaimedJob(
                id: id, run: row.integer(1) ?? 0, kind: row.text(2) ?? "", queue: claim.queue,
                payload: row.bytes(3) ?? [],
                attempt: row.int(4), maxAttempts: row.int(5),
                waited: .microseconds(max(0, (row.moment(7) ?? 0) - (row.moment(6) ?? 0))), checkpoint: row.bytes(8),
                parent: row.jobID(9), metadata: try TextColumn.metadata(row.text(10)),
                suspicion: JobSuspicion(rescues: row.int(12), maxRescues: row.int(13)))
        }
        guard statements.claim(claim.suspicion).takesFloors else { return jobs }
        floors.with { floors in
            for (row, job) in zip(ordered, jobs) {
                floors[worker, claim.queue].raise(
                    priority: row.int(11), runAt: row.moment(6) ?? 0, id: job.id)
            }
        }
        return jobs
    }

    /// Looks from the beginning: nothing lies above the floors.
    private func claimSwept(_ claim: QueueClaim, worker: WorkerID) async throws -> [ClaimedJob] {
        let now = SystemJobClock().monotonic()
        let lowest = floors.with { floors in
            floors[worker, claim.queue].clear(now: now)
            return QueueFloors()
        }
        let query = query(claim, worker, lowest)
        return try take(try await sessions.withConnection { try await $0.run(query).rows }, of: claim, worker: worker)
    }

    /// A claim on a queue with limits of its own: one at a time, under the lock of the queue's row.
    private func claimCounted(_ claim: QueueClaim, worker: WorkerID) async throws -> [ClaimedJob] {
        let name = schema.name
        let rows = try await sessions.withConnection { connection in
            try await connection.withTransaction { connection -> [SQLRow] in
                let found = try await connection.query(
                    SQLQuery(
                        unsafe: """
                            SELECT name, paused, max_concurrent, rate_count, rate_period, tokens, tokens_at,
                                clock_timestamp() FROM \(name).queue WHERE name = $1 FOR UPDATE
                            """, [.text(claim.queue)]))
                guard let row = found.first, !row.flag(1) else { return [] }
                let settings = QueueFigures.settings(row)
                var free = claim.limit
                if let most = settings.maxConcurrent {
                    let running = try await connection.query(
                        SQLQuery(
                            unsafe: "SELECT count(*) FROM \(name).job WHERE state = 4 AND queue = $1",
                            [.text(claim.queue)]))
                    free = min(free, most - (running.first?.int(0) ?? 0))
                }
                let now = row.moment(7) ?? 0
                var bucket = TokenBucket(
                    tokens: row.double(5) ?? Double(settings.rateLimit?.count ?? 0), updated: row.moment(6) ?? now)
                if let limit = settings.rateLimit { free = min(free, bucket.available(limit, now: now)) }
                guard free > 0 else { return [] }
                let claimed = try await connection.query(
                    SQLQuery(
                        unsafe: statements.claimCounted[claim.suspicion] ?? "",
                        [worker.text, .text(claim.queue), SQLValue(free)]))
                if settings.rateLimit != nil {
                    try await connection.execute(
                        SQLQuery(
                            unsafe: "UPDATE \(name).queue SET tokens = $2, tokens_at = $3 WHERE name = $1",
                            [
                                .text(claim.queue), .double(bucket.tokens - Double(claimed.count)),
                                .timestamp(microseconds: bucket.updated),
                            ]))
                }
                return claimed
            }
        }
        return try take(rows, of: claim, worker: worker)
    }
}

/// The outcomes of an exchange as statements, and what their results say.
struct AcknowledgementBatch {
    let queries: [SQLQuery]
    private let references: [RunReference]

    /// A job that has ended or left its place, with what its end must look after.
    struct Left {
        var id: JobID
        var links: Int64
        var key: String?
        var parent: JobID?
        var isEnded: Bool
        var isBlocked = false
    }

    init(_ request: ExchangeRequest, statements: PostgresStatements) {
        var queries: [SQLQuery] = []
        let all = request.acknowledgements
        references = all.map(\.reference)
        func values(_ list: [Acknowledgement], _ value: (Acknowledgement) -> SQLValue) -> SQLValue {
            .array(list.map(value))
        }
        func head(_ list: [Acknowledgement]) -> [SQLValue] {
            [
                request.worker.text, values(list) { $0.reference.id.text },
                values(list) { .integer($0.reference.run) },
            ]
        }
        let completed = all.filter { if case .completed = $0.outcome { true } else { false } }
        if !completed.isEmpty {
            queries.append(
                SQLQuery(
                    unsafe: statements.acknowledgeCompleted,
                    head(completed) + [values(completed) { SQLValue($0.outcome.result) }]))
        }
        let others = all.filter { if case .completed = $0.outcome { false } else { true } }
        if !others.isEmpty {
            queries.append(
                SQLQuery(
                    unsafe: statements.acknowledgeEnded,
                    head(others) + [
                        values(others) { SQLValue(($0.outcome.end ?? .cancelled).code) }, values(others) { _ in .null },
                        values(others) { SQLValue($0.outcome.message) },
                        values(others) { .bool($0.outcome.end == nil) },
                    ]))
        }
        let back = others.filter { $0.outcome.end == nil }
        if !back.isEmpty {
            queries.append(
                SQLQuery(
                    unsafe: statements.putBack,
                    head(back) + [
                        values(back) { SQLValue($0.outcome.place.code) },
                        values(back) { $0.outcome.delay.map { .integer($0) } ?? .null },
                        values(back) { if case .retry = $0.outcome { .integer(0) } else { .integer(1) } },
                        values(back) { SQLValue($0.outcome.message) },
                    ]))
        }
        self.queries = queries
    }

    /// Reads the statements' rows, in their order.
    func read(_ results: [[SQLRow]]) -> (rejected: [RunReference], left: [Left], news: [JobWakeup]) {
        var accepted = 0
        var known: Set<RunReference> = []
        var left: [Left] = []
        var news: Set<JobWakeup> = []
        let isComplete = results.reduce(0) { $0 + $1.count } == references.count
        for rows in results {
            accepted += rows.count
            for row in rows {
                let links = row.integer(2) ?? 0
                let isPutBack = row.values.count > 5
                guard links != 0 || isPutBack || !isComplete, let id = row.jobID(0) else { continue }
                if !isComplete { known.insert(RunReference(id: id, run: row.integer(1) ?? 0)) }
                let state = isPutBack ? JobState(code: row.int(5)) : nil
                if state == .ready { news.insert(.ready(queue: row.text(6) ?? "")) }
                if state == .scheduled { news.insert(.scheduled) }
                // What goes back to its place at once keeps it.
                guard state != .ready, links != 0 || state == .blocked else { continue }
                left.append(
                    Left(
                        id: id, links: links, key: row.text(3), parent: row.jobID(4), isEnded: !isPutBack,
                        isBlocked: state == .blocked))
            }
        }
        return (isComplete ? [] : references.filter { !known.contains($0) }, left, Array(news))
    }
}

extension AcknowledgementBatch.Left {
    /// - Parameter row: Id, run, links, key and parent of a job that has been moved to the history.
    init?(ended row: SQLRow) {
        guard let id = row.jobID(0) else { return nil }
        self.init(id: id, links: row.integer(2) ?? 0, key: row.text(3), parent: row.jobID(4), isEnded: true)
    }
}

extension JobOutcome {
    fileprivate var result: [UInt8]? { if case .completed(let result) = self { result } else { nil } }

    /// The state a job ends in; `nil` where it goes on.
    fileprivate var end: JobState? {
        switch self {
        case .completed: .completed
        case .dead: .dead
        case .discarded: .discarded
        case .cancelled: .cancelled
        case .retry, .snoozed, .waitingForChildren, .returned: nil
        }
    }

    /// Where a job goes on.
    fileprivate var place: JobState {
        switch self {
        case .retry, .snoozed: .scheduled
        case .waitingForChildren: .blocked
        default: .ready
        }
    }

    /// Microseconds until it may go on.
    fileprivate var delay: Int64? {
        switch self {
        case .retry(let delay, _), .snoozed(let delay): delay.microseconds
        default: nil
        }
    }
}
