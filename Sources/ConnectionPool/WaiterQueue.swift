/// Callers that wait: the more urgent first, the earlier first among equals. Waiting makes more urgent, one step a second.
struct WaiterQueue {
    private struct Entry {
        let id: UInt64
        /// The moment from which on this one would be first among those of priority 0.
        let rank: ContinuousClock.Instant
    }

    private var entries: [Entry] = []
    private var head = 0
    private var gone: Set<UInt64> = []

    var count: Int { entries.count - head - gone.count }
    var isEmpty: Bool { count == 0 }

    /// Adds a caller: a priority of 1 is as good as having come a second earlier.
    mutating func append(_ id: UInt64, priority: Int, now: ContinuousClock.Instant) {
        let entry = Entry(id: id, rank: now - .seconds(priority))
        var place = entries.count
        while place > head, entries[place - 1].rank > entry.rank { place -= 1 }
        entries.insert(entry, at: place)
    }

    /// Removes a caller that gave up. Constant time; the place is freed when its turn comes.
    mutating func remove(_ id: UInt64) {
        gone.insert(id)
        if gone.count > 64, gone.count > (entries.count - head) / 2 {
            entries = entries[head...].filter { !gone.contains($0.id) }
            head = 0
            gone = []
        }
    }

    mutating func popFirst(now: ContinuousClock.Instant) -> UInt64? {
        while head < entries.count {
            let id = entries[head].id
            head += 1
            if head > 64, head * 2 > entries.count {
                entries.removeFirst(head)
                head = 0
            }
            if gone.remove(id) == nil { return id }
        }
        return nil
    }

    mutating func removeAll() -> [UInt64] {
        defer { self = WaiterQueue() }
        return entries[head...].map(\.id).filter { !gone.contains($0) }
    }
}
