import Foundation
import JobQueueSQL
import JobQueueTestKit
import TestServers
import Testing

@testable import JobQueue

/// A clock on the wall that is wrong.
private struct DriftingClock: JobClock {
    var drift: Duration
    private let base = SystemJobClock()

    init(drift: Duration) { self.drift = drift }

    func wallMicroseconds() -> Int64 { base.wallMicroseconds() + drift.microseconds }
    func monotonic() -> Duration { base.monotonic() }
    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
}

@Suite(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
struct ScheduleTests {
    private func minutely(_ name: String, catchUp: Duration = .zero) throws -> JobSchedule {
        try JobSchedule(name, cron: "* * * * *", catchUp: catchUp) { tick in Count(name: "\(name) \(tick)") }
    }

    @Test func `14. two schedulers whose clocks drift store one job a tick`() async throws {
        try await withPostgres { _, store in
            let schedule = try minutely("drifting", catchUp: .seconds(3600))
            let started = Date()
            // Whole workers, hours apart by their own clocks: the store's clock counts, and each tick once.
            let first = FaultyJobStore(store)
            let second = FaultyJobStore(store)
            try await working(first, clock: DriftingClock(drift: .seconds(3 * 3600)), schedules: [schedule]) { _ in
                let slow = DriftingClock(drift: .seconds(-3 * 3600))
                try await working(second, clock: slow, schedules: [schedule]) { _ in
                    try await eventually("both looked") {
                        first.count(of: .maintain) >= 3 && second.count(of: .maintain) >= 3
                    }
                }
            }
            #expect(first.count(of: .enqueue) >= 1 && second.count(of: .enqueue) >= 1)
            let stored = try await store.jobs(JobFilter())
            let ticks = stored.compactMap { $0.job.metadata["tick"].flatMap(Double.init) }
            #expect(!ticks.isEmpty && ticks.count == stored.count)
            #expect(Set(ticks).count == ticks.count)
            for tick in ticks { #expect(abs(started.timeIntervalSince1970 - tick) < 150) }
        }
    }

    @Test func `14. schedulers that race for the ticks of a day store each of them once`() async throws {
        try await withPostgres { _, store in
            let schedule = try JobSchedule("day", cron: "*/10 * * * *") { _ in Count(name: "day") }
            let client = JobClient(store: store)
            let start = Date(timeIntervalSince1970: 1_767_225_600)
            let new = try await withThrowingTaskGroup(of: Int.self) { group in
                for drift in [-400.0, 0, 7, 400] {
                    group.addTask {
                        var times = ScheduleTimes()
                        var new = 0
                        for minute in 0...1450 {
                            let now = start.addingTimeInterval(Double(minute) * 60 + drift)
                            guard let tick = times.due(schedule, now: now).tick else { continue }
                            let job = try schedule.job(of: tick, client: client)
                            new += try await client.enqueue(prepared: [job]).count(where: \.isNew)
                        }
                        return new
                    }
                }
                return try await group.reduce(0, +)
            }
            let ticks = try await store.jobs(JobFilter(limit: 1000)).compactMap { $0.job.metadata["tick"] }
            #expect(Set(ticks).count == ticks.count)
            #expect(new == ticks.count)
            #expect((144...146).contains(ticks.count))
        }
    }
}
