import JobQueue
import SQLDatabase

/// Where the last claim on a queue left off, for each priority: a hint that spares the next claim the dead entries of
/// the jobs claimed before. A job can come to lie below a floor (its transaction committed late, it was retried or
/// rescued), so every second, and whenever a claim came up short, one claim looks from the beginning.
struct QueueFloors {
    struct Floor {
        var runAt: Int64
        var id: JobID
    }

    private var floors: [Int: Floor] = [:]
    private var sweepAt = Duration.zero

    /// Forgets the floors when a second has gone by since it last did.
    mutating func sweep(now: Duration) {
        guard now >= sweepAt else { return }
        clear(now: now)
    }

    mutating func clear(now: Duration) {
        floors = [:]
        sweepAt = now + .seconds(1)
    }

    /// Whether a short claim says nothing about the queue.
    var isRaised: Bool { !floors.isEmpty }

    mutating func raise(priority: Int, runAt: Int64, id: JobID) {
        if let floor = floors[priority], (floor.runAt, floor.id) >= (runAt, id) { return }
        floors[priority] = Floor(runAt: runAt, id: id)
    }

    /// The parameters of the claim statement: priorities, times, ids.
    var parameters: [SQLValue] {
        let lowest = JobID(high: 0, low: 0)
        return [
            .array((0...9).map { .integer(Int64($0)) }),
            .array((0...9).map { .timestamp(microseconds: floors[$0]?.runAt ?? .min) }),
            .array((0...9).map { (floors[$0]?.id ?? lowest).text }),
        ]
    }
}

/// The floors of each worker of this process, which claims the jobs of its own kinds.
struct ClaimFloors {
    private var floors: [WorkerID: [String: QueueFloors]] = [:]

    subscript(worker: WorkerID, queue: String) -> QueueFloors {
        get { floors[worker]?[queue] ?? QueueFloors() }
        _modify { yield &floors[worker, default: [:]][queue, default: QueueFloors()] }
    }

    mutating func forget() { floors = [:] }

    mutating func forget(_ worker: WorkerID) { floors[worker] = nil }

    mutating func forget(_ queue: String) {
        for worker in floors.keys { floors[worker]?[queue] = nil }
    }
}
