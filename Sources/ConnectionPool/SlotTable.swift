import Synchronization

/// The part of the pool that leases touch without a lock: a bit for every idle slot, and a cell of each slot's own.
///
/// Bit 62 of every word means *slow*: there are waiters, or the pool is suspended or shut down, and who acquires or
/// returns must take the pool's lock. Setting that bit and taking out the idle bits is one atomic exchange, so a
/// connection that comes back at that moment is either among those bits or sees the mark: no wake-up is lost.
/// The holder of the lock that has set the mark owns all idle slots.
///
/// Words and cells come in groups of 62 slots that are added when the pool grows and never move. This value only points
/// at them, so that a lease counts no references; its maker frees them with ``free()``.
// Cells are reached only by the owner of their slot, which the atomic words hand from one to the next; what others
// read at a scrape is atomic.
struct SlotTable: @unchecked Sendable {
    struct Group: ~Copyable {
        let word = Atomic<UInt64>(0)
        let cells: UnsafeMutablePointer<SlotCell>
    }

    struct Header: ~Copyable {
        let groupCount = Atomic<Int>(0)
        /// What returns are held against without the lock.
        let size: Atomic<Int>
        let generation = Atomic<UInt64>(0)
    }

    static let slow: UInt64 = 1 << 62
    private static let mostGroups = SlotSet.words(for: PoolConfiguration.largest * 2)

    let header: UnsafeMutablePointer<Header>
    private let groups: UnsafeMutablePointer<Group>

    init(capacity: Int, size: Int) {
        header = .allocate(capacity: 1)
        header.initialize(to: Header(size: Atomic(size)))
        groups = .allocate(capacity: Self.mostGroups)
        reserve(capacity: capacity)
    }

    /// Takes all connections out.
    func takeConnections() -> [AnyObject] {
        (0..<groupCount * SlotSet.slotsPerWord).compactMap { slot in
            defer { cell(slot).pointee.connection = nil }
            return cell(slot).pointee.connection?.takeRetainedValue()
        }
    }

    /// Ends the table, which holds no connection any more.
    func free() {
        for index in 0..<groupCount {
            groups[index].cells.deinitialize(count: SlotSet.slotsPerWord)
            groups[index].cells.deallocate()
        }
        groups.deinitialize(count: groupCount)
        groups.deallocate()
        header.deinitialize(count: 1)
        header.deallocate()
    }

    @inline(__always)
    private var groupCount: Int { header.pointee.groupCount.load(ordering: .acquiring) }

    /// Room for so many slots. Under the pool's lock.
    func reserve(capacity: Int) {
        let wanted = SlotSet.words(for: capacity)
        while groupCount < wanted {
            let index = groupCount
            let cells = UnsafeMutablePointer<SlotCell>.allocate(capacity: SlotSet.slotsPerWord)
            for slot in 0..<SlotSet.slotsPerWord { (cells + slot).initialize(to: SlotCell()) }
            (groups + index).initialize(to: Group(cells: cells))
            header.pointee.groupCount.store(index + 1, ordering: .releasing)
        }
    }

    func contains(_ slot: Int) -> Bool { slot >= 0 && slot < groupCount * SlotSet.slotsPerWord }

    /// The cell of a slot.
    @inline(__always)
    func cell(_ slot: Int) -> UnsafeMutablePointer<SlotCell> {
        if slot < SlotSet.slotsPerWord { return groups[0].cells + slot }
        return groups[slot / SlotSet.slotsPerWord].cells + slot % SlotSet.slotsPerWord
    }

    /// Takes the lowest idle slot; -1 when there is none, or the lock has to be taken.
    @inline(__always)
    func take() -> Int {
        for index in 0..<groupCount {
            var seen = groups[index].word.load(ordering: .acquiring)
            while seen != 0 {
                if seen & Self.slow != 0 { return -1 }
                let (done, found) = groups[index].word.weakCompareExchange(
                    expected: seen, desired: seen & (seen &- 1), successOrdering: .acquiringAndReleasing,
                    failureOrdering: .acquiring)
                if done { return index &* SlotSet.slotsPerWord &+ seen.trailingZeroBitCount }
                seen = found
            }
        }
        return -1
    }

    /// Adds a slot to the idle ones; `false` when the lock has to be taken.
    @inline(__always)
    func put(_ slot: Int) -> Bool {
        let index = slot < SlotSet.slotsPerWord ? 0 : slot / SlotSet.slotsPerWord
        let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: slot &- index &* SlotSet.slotsPerWord)
        var seen = groups[index].word.load(ordering: .relaxed)
        while seen & Self.slow == 0 {
            let (done, found) = groups[index].word.weakCompareExchange(
                expected: seen, desired: seen | bit, successOrdering: .acquiringAndReleasing,
                failureOrdering: .relaxed)
            if done { return true }
            seen = found
        }
        return false
    }

    /// Marks all words slow and takes out the idle bits. Under the pool's lock.
    func seize(into idle: inout SlotSet) {
        for index in 0..<groupCount {
            idle.words[index] = groups[index].word.exchange(Self.slow, ordering: .acquiringAndReleasing) & ~Self.slow
        }
    }

    /// Puts idle bits back. Under the pool's lock, after ``seize(into:)``.
    func restore(_ idle: borrowing SlotSet, slow: Bool) {
        for index in 0..<groupCount {
            groups[index].word.store(idle.words[index] | (slow ? Self.slow : 0), ordering: .releasing)
        }
    }

    /// How many slots are idle at this moment, unless an event holds their bits.
    var idleCount: Int {
        (0..<groupCount).reduce(0) {
            $0 + (groups[$1].word.load(ordering: .relaxed) & ~Self.slow).nonzeroBitCount
        }
    }
}

/// What belongs to one slot. The first half is its owner's alone; the second is written by the owner and read by all.
struct SlotCell: ~Copyable {
    /// The connection, retained.
    var connection: Unmanaged<AnyObject>?
    var expires: UInt64 = 0
    var generation: UInt64 = 0
    var idleSince: UInt64 = 0
    /// When it last worked, as far as is known: at its return, and at each check since.
    var seenAt: UInt64 = 0

    /// Since when it is lent; 0 when it is not.
    let leasedSince = Atomic<UInt64>(0)
    /// Which loan the closure that holds it is; 0 when none does. See ``LoanMarks``.
    let loan = Atomic<UInt64>(0)
    /// Where that closure's mark lies.
    let markPlace = Atomic<UInt>(0)
    /// The slot that the closure around that closure holds; -1 for none.
    let outerSlot = Atomic<Int>(-1)
    let file = Atomic<UInt>(0)
    let line = Atomic<UInt>(0)
    /// The ``leasedSince`` of the lease that was reported as a suspected leak: its return is to be reported.
    let reported = Atomic<UInt64>(0)
    let leases = Atomic<UInt64>(0)
    let nanosecondsInUse = Atomic<UInt64>(0)
    let uses: UseBuckets = UseBuckets()

    /// Notes that it is lent.
    @inline(__always)
    func lend(at site: AcquisitionSite, now: UInt64) {
        file.store(site.filePointer, ordering: .relaxed)
        line.store(site.line, ordering: .relaxed)
        leases.store(leases.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        leasedSince.store(now, ordering: .relaxed)
    }

    /// Notes that it was not lent after all; returns for how long it seemed to be.
    func retract(now: UInt64) -> (held: UInt64, wasReported: Bool) {
        let since = leasedSince.load(ordering: .relaxed)
        leases.store(leases.load(ordering: .relaxed) &- 1, ordering: .relaxed)
        leasedSince.store(0, ordering: .relaxed)
        return (now.since(since), since != 0 && reported.load(ordering: .relaxed) == since)
    }

    /// Notes that it came back; returns how long it was lent.
    @inline(__always)
    func takeBack(now: UInt64) -> (held: UInt64, wasReported: Bool) {
        let since = leasedSince.load(ordering: .relaxed)
        let held = now.since(since)
        let wasReported = reported.load(ordering: .relaxed) == since
        leasedSince.store(0, ordering: .relaxed)
        nanosecondsInUse.store(nanosecondsInUse.load(ordering: .relaxed) &+ held, ordering: .relaxed)
        uses.record(held)
        return (held, wasReported)
    }

    var site: AcquisitionSite {
        AcquisitionSite(filePointer: file.load(ordering: .relaxed), line: line.load(ordering: .relaxed))
    }
}

/// The buckets of ``DurationHistogram``, each an atomic of which one at a time is the writer.
struct UseBuckets: ~Copyable {
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        counts = .allocate(capacity: DurationHistogram.bucketCount)
        for bucket in 0..<DurationHistogram.bucketCount { (counts + bucket).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: DurationHistogram.bucketCount)
        counts.deallocate()
    }

    @inline(__always)
    func record(_ nanoseconds: UInt64) {
        let bucket = DurationHistogram.bucket(nanoseconds)
        counts[bucket].store(counts[bucket].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    func add(to histogram: inout DurationHistogram) {
        for bucket in 0..<DurationHistogram.bucketCount {
            histogram.counts[bucket] &+= counts[bucket].load(ordering: .relaxed)
        }
    }
}
