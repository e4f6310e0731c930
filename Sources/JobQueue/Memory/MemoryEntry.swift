/// A job in memory, with what the store needs to find its neighbours. Touched only under the store's lock.
final class MemoryEntry {
    let job: NewJob
    let queue: MemoryQueue
    var lifecycle: JobLifecycle
    let createdAt: Int64
    var runAt: Int64
    var startedAt: Int64 = 0
    var finishedAt: Int64 = 0
    var worker: WorkerID?
    /// Where its worker has it, while it runs.
    var place = 0
    var progress: Double?
    var progressMessage: String?
    var checkpoint: [UInt8]?
    var result: [UInt8]?
    var error: String?
    /// Dependencies that have not ended.
    var pending: Set<JobID> = []
    var awaitsChildren: Bool
    var hasDependents = false

    init(job: NewJob, queue: MemoryQueue, lifecycle: JobLifecycle, now: Int64, runAt: Int64) {
        self.job = job
        self.queue = queue
        self.lifecycle = lifecycle
        self.runAt = runAt
        createdAt = now
        awaitsChildren = job.awaitsChildren
    }

    var state: JobState { lifecycle.state }

    func claimed(now: Int64) -> ClaimedJob {
        ClaimedJob(
            id: job.id, run: lifecycle.run, kind: job.kind, queue: job.queue, payload: job.payload,
            attempt: lifecycle.attempt, maxAttempts: job.maxAttempts, waited: .microseconds(max(0, now - runAt)),
            checkpoint: checkpoint, parent: job.parent, metadata: job.metadata)
    }

    var record: JobRecord {
        var record = JobRecord(
            job: job, state: state, createdAt: .init(microseconds: createdAt), runAt: .init(microseconds: runAt))
        record.attempt = lifecycle.attempt
        record.run = lifecycle.run
        record.rescues = lifecycle.rescues
        record.cancelRequested = lifecycle.cancelRequested
        record.startedAt = startedAt == 0 ? nil : .init(microseconds: startedAt)
        record.finishedAt = finishedAt == 0 ? nil : .init(microseconds: finishedAt)
        record.worker = worker
        record.progress = progress
        record.progressMessage = progressMessage
        record.checkpoint = checkpoint
        record.result = result
        record.error = error
        return record
    }
}

/// The ready jobs of a queue by priority, each priority in the order in which its jobs became due.
final class MemoryQueue {
    let name: String
    var settings = QueueSettings()
    var bucket: TokenBucket?
    /// Unfinished jobs by state code, 0…4.
    var counts = [0, 0, 0, 0, 0]
    /// Whether subscribers were told of jobs and none has come up short since.
    var isAnnounced = false
    private var lanes = (0...9).map { _ in Fifo<MemoryEntry>() }

    init(name: String) { self.name = name }

    func push(_ entry: MemoryEntry) {
        lanes[entry.job.priority.rawValue].append(entry)
    }

    /// The next ready job. Entries that were cancelled while they waited are dropped on the way.
    func pop() -> MemoryEntry? {
        guard counts[JobState.ready.code] > 0 else { return nil }
        for lane in lanes.indices {
            while let entry = lanes[lane].popFirst() {
                if entry.state == .ready { return entry }
            }
        }
        return nil
    }

    /// Lets go of the entries, which hold their queue.
    func removeAll() {
        lanes = []
    }

    /// When the first of the ready jobs could have run.
    var oldestReady: Int64? {
        guard counts[JobState.ready.code] > 0 else { return nil }
        return lanes.compactMap { $0.first(where: { $0.state == .ready })?.runAt }.min()
    }
}

/// The jobs of a concurrency key that wait, and how many hold a place.
final class MemoryKey {
    var limit: Int
    var holders = 0
    var lanes = (0...9).map { _ in Fifo<MemoryEntry>() }

    init(limit: Int) { self.limit = limit }

    func pop() -> MemoryEntry? {
        for lane in lanes.indices {
            while let entry = lanes[lane].popFirst() {
                if entry.state == .throttled { return entry }
            }
        }
        return nil
    }

    var isIdle: Bool { holders == 0 && lanes.allSatisfy(\.isEmpty) }
}

/// First in, first out; amortised O(1).
struct Fifo<Element> {
    private var items: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ element: Element) { items.append(element) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        items[head] = nil
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: head <= 65_536)
            head = 0
        } else if head > 1024, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return element
    }

    func first(where matches: (Element) -> Bool) -> Element? {
        for case .some(let element) in items[head...] where matches(element) { return element }
        return nil
    }

    var first: Element? { head < items.count ? items[head] : nil }
}

/// A binary heap of moments; the earliest first, equal ones in the order they came.
struct MomentHeap<Element> {
    private var items: [(moment: Int64, order: UInt64, element: Element)] = []
    private var order: UInt64 = 0

    var first: (moment: Int64, element: Element)? { items.first.map { ($0.moment, $0.element) } }
    var count: Int { items.count }

    mutating func push(_ element: Element, at moment: Int64) {
        order += 1
        items.append((moment, order, element))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(child, parent) else { break }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> Element? {
        guard !items.isEmpty else { return nil }
        items.swapAt(0, items.count - 1)
        let result = items.removeLast().element
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && precedes(child, least) {
                least = child
            }
            if least == parent { break }
            items.swapAt(parent, least)
            parent = least
        }
        return result
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (items[a].moment, items[a].order) < (items[b].moment, items[b].order)
    }
}
