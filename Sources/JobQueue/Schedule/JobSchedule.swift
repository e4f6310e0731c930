#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A job that comes again by the calendar: given to workers, which store one job a tick between them all.
///
/// ```swift
/// let nightly = try JobSchedule("nightly-report", cron: "30 2 * * MON-FRI", timeZone: "Europe/Berlin") { tick in
///     Report(day: tick)
/// }
/// let worker = try JobWorker(store: store, queues: ["default": 8], schedules: [nightly], register: register)
/// ```
///
/// Every worker that knows the schedule tries to store the job of a tick, under a key made of the schedule's name and
/// the tick: the first one does. The store's clock says when it is time, so that the clocks of the hosts do not matter.
/// The key is an idempotency key, kept for ``MaintenanceRequest/keyRetention``.
public struct JobSchedule: Sendable {
    /// What tells it from other schedules; workers that know a schedule of the same name share its ticks.
    public let name: String
    /// When.
    public let cron: CronExpression
    /// The time zone's name.
    public let timeZone: String
    /// How late a tick may be stored that came while no worker ran. Of several that were missed the last one counts.
    public let catchUp: Duration
    private let ticks: CronTicks
    private let prepare: @Sendable (Date, JobClient) throws -> NewJob

    /// A schedule.
    /// - Parameters:
    ///   - name: What tells it from others.
    ///   - cron: Five fields, a nickname such as `@daily`, or an interval such as `@every 90s`; see ``CronExpression``.
    ///   - timeZone: A name of the IANA database, `Europe/Berlin`; UTC by default. Intervals do not depend on it.
    ///   - options: As for any other job. A `uniqueKey` keeps a tick from being stored while the last one's job is
    ///     unfinished. An `idempotencyKey` is not used.
    ///   - catchUp: How late a tick may be stored; zero for not at all, at most a day.
    ///   - parameters: Creates the parameters of a tick's job.
    /// - Throws: ``JobError`` with `invalidSchedule`.
    public init<Parameters: JobParameters>(
        _ name: String, cron: String, timeZone: String = "UTC", options: EnqueueOptions = EnqueueOptions(),
        catchUp: Duration = .zero, parameters: @escaping @Sendable (_ tick: Date) -> Parameters
    ) throws(JobError) {
        guard (1...500).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw JobError(
                .invalidSchedule,
                "a schedule's name must have 1 to 500 bytes and no zero byte, since it is part of a key; this has "
                    + "\(name.utf8.count) bytes")
        }
        guard catchUp >= .zero, catchUp <= .seconds(86_400) else {
            throw JobError(.invalidSchedule, "\(name): catchUp must be within zero and a day")
        }
        self.name = name
        self.cron = try CronExpression(cron)
        self.timeZone = timeZone
        self.catchUp = catchUp
        ticks = CronTicks(expression: self.cron, zone: try ZoneRules(identifier: timeZone))
        prepare = { tick, client in
            var options = options
            options.idempotencyKey = "schedule:\(name):\(Int64(tick.timeIntervalSince1970))"
            options.metadata["schedule"] = name
            options.metadata["tick"] = String(Int64(tick.timeIntervalSince1970))
            return try client.prepare(parameters(tick), options: options)
        }
    }

    /// Returns the first tick after a moment. Ticks are whole seconds.
    ///
    /// They are at most 40 years apart, unless the clocks of the time zone leap over ticks of an open hour: the result is
    /// `nil` where there is none within a century.
    public func next(after moment: Date) -> Date? {
        let seconds = moment.microseconds.flooredQuotient(1_000_000)
        return ticks.next(after: seconds).map { Date(timeIntervalSince1970: Double($0)) }
    }

    func job(of tick: Date, client: JobClient) throws -> NewJob { try prepare(tick, client) }
}

/// Which ticks of some schedules are due: a value that is asked with the store's time.
struct ScheduleTimes: Sendable {
    private var last: [String: Date] = [:]

    /// The tick of a schedule to store now, and the one after it.
    mutating func due(_ schedule: JobSchedule, now: Date) -> (tick: Date?, next: Date?) {
        var moment = last[schedule.name] ?? now.addingTimeInterval(-schedule.catchUp.inSeconds)
        var due: Date?
        defer { last[schedule.name] = moment }
        while let next = schedule.next(after: moment) {
            guard next <= now else { return (due, next) }
            due = next
            moment = next
        }
        return (due, nil)
    }

    /// A tick could not be stored: it is due again.
    mutating func failed(_ schedule: JobSchedule, tick: Date) {
        last[schedule.name] = tick.addingTimeInterval(-1)
    }
}
