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
    /// The number of its end; 0 while it has not ended.
    var end: UInt64 = 0
    /// Its number among those that became ready in its queue.
    var arrival: UInt64 = 0
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

    var suspicion: JobSuspicion { JobSuspicion(rescues: lifecycle.rescues, maxRescues: job.maxRescues) }

    func claimed(now: Int64) -> ClaimedJob {
        ClaimedJob(
            id: job.id, run: lifecycle.run, kind: job.kind, queue: job.queue, payload: job.payload,
            attempt: lifecycle.attempt, maxAttempts: job.maxAttempts, waited: .microseconds(max(0, now - runAt)),
            checkpoint: checkpoint, parent: job.parent, metadata: job.metadata, suspicion: suspicion)
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
    private var lanes = (0...9).map { _ in Lane() }
    /// Those under suspicion, who are few.
    private var suspects: [MemoryEntry] = []
    private var arrivals: UInt64 = 0

    init(name: String) { self.name = name }

    func push(_ entry: MemoryEntry) {
        arrivals += 1
        entry.arrival = arrivals
        if entry.suspicion == .clear {
            lanes[entry.job.priority.rawValue].next.append(entry)
        } else {
            suspects.append(entry)
        }
    }

    /// The next ready job of these kinds, under this suspicion or any. Entries that were cancelled while they waited are dropped
    /// on the way.
    func pop(_ kinds: Set<String>?, _ suspicion: JobSuspicion?) -> MemoryEntry? {
        guard counts[JobState.ready.code] > 0 else { return nil }
        let isClear = suspicion ?? .clear == .clear
        if suspects.isEmpty, !isClear { return nil }
        for lane in lanes.indices {
            // They have waited longer than the others of their priority.
            if suspicion != .clear, !suspects.isEmpty, let entry = popSuspect(lane, kinds, suspicion) { return entry }
            if isClear, let entry = lanes[lane].pop(kinds) { return entry }
        }
        return nil
    }

    private func popSuspect(_ priority: Int, _ kinds: Set<String>?, _ suspicion: JobSuspicion?) -> MemoryEntry? {
        suspects.removeAll { $0.state != .ready }
        let found = suspects.firstIndex { entry in
            entry.job.priority.rawValue == priority && kinds?.contains(entry.job.kind) ?? true
                && (suspicion.map { $0 == entry.suspicion } ?? true)
        }
        return found.map { suspects.remove(at: $0) }
    }

    /// Whether jobs under a suspicion are ready.
    func hasSuspects(_ suspicion: JobSuspicion) -> Bool {
        suspects.contains { $0.state == .ready && $0.suspicion == suspicion }
    }

    /// The first ready jobs, in no order within a priority.
    func firstReady(_ count: Int) -> some Sequence<MemoryEntry> {
        [suspects, Array(lanes.lazy.flatMap(\.all))].joined().lazy.filter { $0.state == .ready }.prefix(count)
    }

    /// Lets go of the entries, which hold their queue.
    func removeAll() {
        lanes = []
        suspects = []
    }

    /// When the first of the ready jobs could have run.
    var oldestReady: Int64? {
        guard counts[JobState.ready.code] > 0 else { return nil }
        return (lanes.compactMap(\.oldest) + suspects.filter { $0.state == .ready }.map(\.runAt)).min()
    }

    /// The ready jobs of one priority.
    private struct Lane {
        var next = Fifo<MemoryEntry>()
        /// Those that a worker without code for them has passed over, by kind. All of them came before the first of ``next``.
        var passedOver: [String: Fifo<MemoryEntry>] = [:]

        mutating func pop(_ kinds: Set<String>?) -> MemoryEntry? {
            if !passedOver.isEmpty, let entry = popPassedOver(kinds) { return entry }
            while let entry = next.popFirst() {
                guard entry.state == .ready else { continue }
                guard let kinds, !kinds.contains(entry.job.kind) else { return entry }
                passedOver[entry.job.kind, default: Fifo()].append(entry)
            }
            return nil
        }

        private mutating func popPassedOver(_ kinds: Set<String>?) -> MemoryEntry? {
            var first: (kind: String, arrival: UInt64)?
            for kind in passedOver.keys where kinds?.contains(kind) ?? true {
                while let entry = passedOver[kind]?.first, entry.state != .ready { _ = passedOver[kind]?.popFirst() }
                if let entry = passedOver[kind]?.first {
                    if first.map({ entry.arrival < $0.arrival }) ?? true { first = (kind, entry.arrival) }
                } else {
                    passedOver[kind] = nil
                }
            }
            return first.flatMap { passedOver[$0.kind]?.popFirst() }
        }

        /// Those that were passed over, and the first of the others; also what has been cancelled meanwhile.
        var all: some Sequence<MemoryEntry> {
            [passedOver.values.flatMap(\.elements), Array(next.elements.prefix(2 * QueueStatistics.untakenSample))]
                .joined()
        }

        var oldest: Int64? {
            var moments = passedOver.values.compactMap { $0.first { $0.state == .ready }?.runAt }
            if let moment = next.first(where: { $0.state == .ready })?.runAt { moments.append(moment) }
            return moments.min()
        }
    }
}

/// The jobs of a concurrency key that wait, and how many hold a place.
final class MemoryKey {
    var holders = 0
    var lanes = (0...9).map { _ in Fifo<MemoryEntry>() }

    /// The next that waits, if its limit leaves it a place. Entries that were cancelled while they waited are dropped on the way.
    func popIfFree() -> MemoryEntry? {
        for lane in lanes.indices {
            while let entry = lanes[lane].first {
                let waits = entry.state == .throttled
                if waits, holders >= max(1, entry.job.concurrency?.limit ?? 1) { return nil }
                _ = lanes[lane].popFirst()
                if waits { return entry }
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

    var elements: some Sequence<Element> { items[head...].lazy.compactMap(\.self) }
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
