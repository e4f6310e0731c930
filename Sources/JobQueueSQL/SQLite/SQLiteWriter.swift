import JobQueue
import SQLDatabase
import SQLiteBackend

/// Gathers the writing calls of all callers into as few transactions as possible: while one commits, the next one's
/// calls come together. A call that fails is undone by itself; the others of its transaction are not harmed.
final class SQLiteWriter: Sendable {
    private struct Ticket: Sendable {
        var perform: @Sendable (inout SQLiteJobs) -> Void
        var settle: @Sendable ((any Error)?) -> Void
    }

    private struct State {
        var tickets: [Ticket] = []
        var isWorking = false
    }

    private let database: SQLiteDatabase
    private let clock: any JobClock
    private let hub: WakeupHub
    private let state = Lock(State())
    /// How many calls go into one transaction at most.
    private let most = 128

    init(database: SQLiteDatabase, clock: any JobClock, hub: WakeupHub) {
        self.database = database
        self.clock = clock
        self.hub = hub
    }

    /// Runs a call in a transaction, and returns when that is committed. Cancelling the caller's task changes nothing.
    func submit<Result: Sendable>(
        _ body: @escaping @Sendable (inout SQLiteJobs) throws -> Result
    ) async throws -> Result {
        let outcome = Lock<Swift.Result<Result, any Error>?>(nil)
        return try await withCheckedThrowingContinuation { continuation in
            let ticket = Ticket(
                perform: { jobs in
                    let result = Swift.Result { try jobs.inSavepoint(body) }
                    outcome.with { $0 = result }
                },
                settle: { error in
                    let missing = JobError(.storeFailed, "the call did not run")
                    continuation.resume(
                        with: error.map { .failure($0) } ?? outcome.with { $0 } ?? .failure(missing))
                })
            let mustStart = state.with { state in
                state.tickets.append(ticket)
                defer { state.isWorking = true }
                return !state.isWorking
            }
            if mustStart { Task.detached { await self.work() } }
        }
    }

    private func work() async {
        while true {
            let tickets = state.with { state -> [Ticket] in
                let taken = Array(state.tickets.prefix(most))
                state.tickets.removeFirst(taken.count)
                if taken.isEmpty { state.isWorking = false }
                return taken
            }
            if tickets.isEmpty { return }
            do {
                let clock = clock
                let (news, short) = try await database.write { connection in
                    try await connection.withSession { session in
                        var jobs = SQLiteJobs(session: session, now: clock.wallMicroseconds())
                        for ticket in tickets { ticket.perform(&jobs) }
                        return (jobs.news, jobs.short)
                    }
                }
                // In the order of the transactions: a queue found short is announced again by what comes after.
                for queue in short { hub.cameShort(queue) }
                hub.publish(news)
                for ticket in tickets { ticket.settle(nil) }
            } catch {
                for ticket in tickets { ticket.settle(error) }
            }
        }
    }
}

extension SQLiteJobs {
    /// Runs a call, and what follows for concurrency keys, so that both are undone when it throws.
    mutating func inSavepoint<Result>(_ body: (inout SQLiteJobs) throws -> Result) throws -> Result {
        let known = news
        try session.execute("SAVEPOINT vitals_job_call")
        do {
            let result = try body(&self)
            try follow()
            try session.execute("RELEASE vitals_job_call")
            return result
        } catch {
            news = known
            keys = []
            following = []
            if session.isInTransaction {
                try session.executeScript("ROLLBACK TO vitals_job_call; RELEASE vitals_job_call")
            }
            throw error
        }
    }
}
