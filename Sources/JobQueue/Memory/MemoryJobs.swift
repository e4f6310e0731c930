/// All jobs of a memory store, and the rules by which they move. Lives under the store's lock; takes the present in
/// microseconds and collects the news for subscribers.
struct MemoryJobs {
    var entries: [JobID: MemoryEntry] = [:]
    var queues: [String: MemoryQueue] = [:]
    var scheduled = MomentHeap<MemoryEntry>()
    var uniqueKeys: [String: JobID] = [:]
    var idempotencyKeys: [String: (id: JobID, createdAt: Int64)] = [:]
    var keys: [String: MemoryKey] = [:]
    var children: [JobID: [JobID]] = [:]
    var liveChildren: [JobID: Int] = [:]
    var dependents: [JobID: [JobID]] = [:]
    var workers: [WorkerID: MemoryWorker] = [:]
    var finished = Fifo<(MemoryEntry, UInt64)>()
    var finishedCount = 0
    /// Workers that are gone, and whose runs have not been rescued.
    var lost: [MemoryWorker] = []
    var hasSubscribers = false
    var news: [JobWakeup] = []
    let maxFinished: Int
    /// How many ends there were.
    private var ends: UInt64 = 0
    /// Ended, and what waits for them not yet looked after.
    private var following = Fifo<MemoryEntry>()
    /// Whether somebody looks after those when all of them are there.
    private var isFollowing = false

    init(maxFinished: Int) { self.maxFinished = maxFinished }

    mutating func queue(_ name: String) -> MemoryQueue {
        if let queue = queues[name] { return queue }
        let queue = MemoryQueue(name: name)
        queues[name] = queue
        return queue
    }

    // MARK: Moving

    /// Changes an entry's lifecycle, keeps the counts, and does what entering the new state asks for.
    @discardableResult
    mutating func move(_ entry: MemoryEntry, now: Int64, _ change: (inout JobLifecycle) -> Bool) -> Bool {
        let before = entry.state
        var lifecycle = entry.lifecycle
        guard change(&lifecycle) else { return false }
        entry.lifecycle = lifecycle
        let after = lifecycle.state
        guard before != after else { return true }
        entry.queue.counts[before.code] -= 1
        if entry.lifecycle.isKeyed { leaveKey(entry, from: before, to: after, now: now) }
        if after.isTerminal {
            end(entry, now: now)
        } else {
            entry.queue.counts[after.code] += 1
            enter(entry, now: now)
        }
        return true
    }

    /// An entry has just come into its state, which is not an end.
    mutating func enter(_ entry: MemoryEntry, now: Int64) {
        switch entry.state {
        case .scheduled:
            scheduled.push(entry, at: entry.runAt)
            if hasSubscribers { news.append(.scheduled) }
        case .throttled:
            let key = key(of: entry)
            key?.lanes[entry.job.priority.rawValue].append(entry)
            if let name = entry.job.concurrency?.key { admit(name, now: now) }
        case .ready:
            entry.worker = nil
            entry.queue.push(entry)
            announce(entry.queue)
        case .blocked:
            entry.worker = nil
            resolveOrFail(entry, now: now)
        case .running, .completed, .dead, .cancelled, .discarded: break
        }
    }

    mutating func announce(_ queue: MemoryQueue) {
        guard hasSubscribers, !queue.isAnnounced, !queue.settings.isPaused else { return }
        queue.isAnnounced = true
        news.append(.ready(queue: queue.name))
    }

    // MARK: Concurrency keys

    mutating func key(of entry: MemoryEntry) -> MemoryKey? {
        guard let limit = entry.job.concurrency else { return nil }
        if let key = keys[limit.key] { return key }
        let key = MemoryKey()
        keys[limit.key] = key
        return key
    }

    private mutating func leaveKey(_ entry: MemoryEntry, from before: JobState, to after: JobState, now: Int64) {
        func holds(_ state: JobState) -> Bool { state == .ready || state == .running }
        guard holds(before) != holds(after), let name = entry.job.concurrency?.key, let key = keys[name] else { return }
        key.holders += holds(after) ? 1 : -1
        if !holds(after) { admit(name, now: now) }
    }

    private mutating func admit(_ name: String, now: Int64) {
        guard let key = keys[name] else { return }
        while let next = key.popIfFree() {
            move(next, now: now) { $0.admit() }
        }
        if key.isIdle { keys[name] = nil }
    }

    // MARK: Ends

    private mutating func end(_ entry: MemoryEntry, now: Int64) {
        entry.finishedAt = now
        if let key = entry.job.uniqueKey, uniqueKeys[key] == entry.job.id { uniqueKeys[key] = nil }
        ends += 1
        entry.end = ends
        finished.append((entry, ends))
        finishedCount += 1
        if finishedCount > maxFinished { dropOldest() }
        guard entry.hasDependents || entry.job.parent != nil else { return }
        // What follows may be other ends, one for each job of a chain: in turn, and not one within the other.
        thenFollow(now: now) { $0.following.append(entry) }
    }

    /// Ends jobs, and then looks after what waits for them.
    private mutating func thenFollow(now: Int64, _ endJobs: (inout MemoryJobs) -> Void) {
        guard !isFollowing else { return endJobs(&self) }
        isFollowing = true
        defer { isFollowing = false }
        endJobs(&self)
        while let entry = following.popFirst() {
            if entry.hasDependents { settleDependents(of: entry, now: now) }
            if let parent = entry.job.parent { childEnded(entry, parent: parent, now: now) }
        }
    }

    private mutating func settleDependents(of entry: MemoryEntry, now: Int64) {
        for id in dependents.removeValue(forKey: entry.job.id) ?? [] {
            guard let dependent = entries[id] else { continue }
            dependent.pending.remove(entry.job.id)
            if entry.state != .completed, dependent.job.whenDependencyFails == .fail {
                fail(dependent, because: entry, now: now)
            } else {
                resolve(dependent, now: now)
            }
        }
    }

    private mutating func childEnded(_ child: MemoryEntry, parent id: JobID, now: Int64) {
        if let live = liveChildren[id] { liveChildren[id] = live > 1 ? live - 1 : nil }
        guard let parent = entries[id], parent.state == .blocked, parent.awaitsChildren else { return }
        if child.state != .completed, parent.job.whenDependencyFails == .fail {
            fail(parent, because: child, now: now)
        } else {
            resolve(parent, now: now)
        }
    }

    /// Lets a blocked job go on when nothing holds it any more.
    mutating func resolve(_ entry: MemoryEntry, now: Int64) {
        guard entry.state == .blocked, entry.pending.isEmpty else { return }
        guard !entry.awaitsChildren || liveChildren[entry.job.id] == nil else { return }
        let delayed = entry.runAt > now
        if !delayed { entry.runAt = now }
        entry.awaitsChildren = false
        move(entry, now: now) { $0.unblock(isDelayed: delayed) }
    }

    /// The same, looking at children that have ended already as well.
    mutating func resolveOrFail(_ entry: MemoryEntry, now: Int64) {
        if entry.state == .blocked, entry.awaitsChildren, entry.job.whenDependencyFails == .fail,
            let failed = failedChild(of: entry)
        {
            fail(entry, because: failed, now: now)
        } else {
            resolve(entry, now: now)
        }
    }

    private func failedChild(of entry: MemoryEntry) -> MemoryEntry? {
        (children[entry.job.id] ?? []).lazy.compactMap { entries[$0] }.first {
            $0.state.isTerminal && $0.state != .completed
        }
    }

    mutating func fail(_ entry: MemoryEntry, because other: MemoryEntry, now: Int64) {
        guard entry.state == .blocked else { return }
        entry.error = Self.reason(id: other.job.id, kind: other.job.kind, state: other.state, error: other.error)
        move(entry, now: now) { $0.failDependency() }
        cancelChildren(of: entry.job.id, reason: "the parent \(entry.job.id) failed", now: now)
    }

    static func reason(id: JobID, kind: String, state: JobState, error: String?) -> String {
        ("\(kind) \(id), which it waits for, is \(state.rawValue)" + (error.map { ": \($0)" } ?? "")).storable
    }

    // MARK: Cancelling

    @discardableResult
    mutating func cancel(_ entry: MemoryEntry, reason: String, now: Int64) -> Bool {
        guard !entry.state.isTerminal else { return false }
        thenFollow(now: now) { state in
            var family = [entry]
            while let member = family.popLast() {
                state.cancelAlone(member, reason: reason, now: now)
                family += state.liveChildren(of: member.job.id)
            }
        }
        return true
    }

    private mutating func cancelAlone(_ entry: MemoryEntry, reason: String, now: Int64) {
        guard !entry.state.isTerminal else { return }
        // The first reason stays; an error of an earlier attempt does not hide it.
        if !entry.lifecycle.cancelRequested { entry.error = reason }
        move(entry, now: now) { $0.cancel() }
        if entry.state == .running, let worker = entry.worker {
            workers[worker]?.cancelRequested.insert(entry.job.id)
            if hasSubscribers { news.append(.cancel(entry.job.id)) }
        }
    }

    private func liveChildren(of id: JobID) -> [MemoryEntry] {
        guard liveChildren[id] != nil else { return [] }
        return (children[id] ?? []).compactMap { entries[$0] }.filter { !$0.state.isTerminal }
    }

    mutating func cancelChildren(of id: JobID, reason: String, now: Int64) {
        for child in liveChildren(of: id) { cancel(child, reason: reason, now: now) }
    }

    // MARK: Removal

    mutating func dropOldest() {
        while let (entry, end) = finished.popFirst() {
            // A job that was retried by hand stands there with its earlier end, too.
            guard entry.end == end, entries[entry.job.id] != nil else { continue }
            remove(entry)
            return
        }
    }

    /// The ended job that has been kept longest.
    mutating func oldestFinished() -> MemoryEntry? {
        while let (entry, end) = finished.first, entry.end != end || entries[entry.job.id] == nil {
            _ = finished.popFirst()
        }
        return finished.first?.0
    }

    mutating func remove(_ entry: MemoryEntry) {
        guard entries.removeValue(forKey: entry.job.id) != nil else { return }
        if entry.end != 0 { finishedCount -= 1 }
        if !children.isEmpty { children[entry.job.id] = nil }
        if !dependents.isEmpty { dependents[entry.job.id] = nil }
        if let parent = entry.job.parent, entries[parent] == nil { children[parent] = nil }
    }
}

/// A registered worker of a memory store. Touched only under the store's lock.
final class MemoryWorker {
    let id: WorkerID
    let description: WorkerDescription
    let startedAt: Int64
    var leaseEnds: Int64
    private(set) var running = PlaceTable<MemoryEntry>()
    var cancelRequested: Set<JobID> = []

    init(id: WorkerID, description: WorkerDescription, startedAt: Int64, leaseEnds: Int64) {
        self.id = id
        self.description = description
        self.startedAt = startedAt
        self.leaseEnds = leaseEnds
    }

    /// A run begins.
    func take(_ entry: MemoryEntry) {
        entry.worker = id
        entry.place = running.insert(entry)
    }

    /// A run has ended.
    func drop(_ entry: MemoryEntry) {
        running.remove(at: entry.place)
        if entry.lifecycle.cancelRequested { cancelRequested.remove(entry.job.id) }
    }
}
