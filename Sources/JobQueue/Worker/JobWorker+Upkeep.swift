import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JobWorker {
    /// Has the store move on what time moves: every interval, or earlier when a job or a schedule is due earlier.
    func maintain() async {
        var lastStatistics = clock.monotonic()
        var times = ScheduleTimes()
        while !Task.isCancelled {
            var pause = configuration.maintenanceInterval * Double.random(in: 0.75...1.25)
            do {
                let report = try await store.maintain(configuration.retention)
                tell(report)
                if state.with({ $0.heard(report, now: clock.monotonic()) }) { fire() }
                if let next = report.nextDue { pause = min(pause, max(.milliseconds(1), next)) }
                if let now = report.now, let next = await Self.keep(schedules, &times, now: now, by: self) {
                    pause = min(pause, max(.milliseconds(1), .seconds(next.timeIntervalSince(now))))
                }
                if let interval = configuration.statisticsInterval, clock.monotonic() - lastStatistics >= interval {
                    lastStatistics = clock.monotonic()
                    observer?.observe(.statistics(try await store.statistics()))
                }
            } catch {
                observer?.observe(.storeUnavailable(error: error, retryIn: pause))
            }
            await maintenanceWakeup.wait(atMost: pause, clock: clock)
        }
    }

    private func tell(_ report: MaintenanceReport) {
        if report.rescued + report.poisoned > 0 {
            observer?.observe(.rescued(count: report.rescued, poisoned: report.poisoned))
        }
        for warning in report.warnings {
            logger.warning("The job store needs attention.", metadata: ["reason": "\(warning)"])
            observer?.observe(.storeWarning(warning))
        }
    }

    /// Stores what the schedules have due. Returns the moment of the next tick.
    private static func keep(
        _ schedules: [JobSchedule], _ times: inout ScheduleTimes, now: Date, by worker: JobWorker
    ) async -> Date? {
        var soonest: Date?
        for schedule in schedules {
            let (tick, next) = times.due(schedule, now: now)
            if let next { soonest = min(soonest ?? next, next) }
            guard let tick else { continue }
            do {
                let receipts = try await worker.jobClient.enqueue(
                    prepared: [schedule.job(of: tick, client: worker.jobClient)])
                if let stored = receipts.first, stored.isNew {
                    worker.observer?.observe(.scheduled(name: schedule.name, id: stored.id))
                }
            } catch {
                worker.logger.error(
                    "A schedule's job could not be stored; it is tried again.",
                    metadata: ["schedule": "\(schedule.name)", "error": "\(error)"])
                times.failed(schedule, tick: tick)
                soonest = now.addingTimeInterval(1)
            }
        }
        return soonest
    }
}
