import Synchronization

/// Finds a series by the values of its labels without a lock: an open-addressed table that is only ever added to.
///
/// Readers follow one pointer to the table and one to an entry; entries never move and are never freed while the cache
/// lives, nor are tables that were outgrown (together they are no larger than the one in use). Writers hold the
/// family's lock.
// Readers see only what was published with release order; everything is freed in `deinit`.
final class SeriesCache: @unchecked Sendable {
    private struct Table {
        let mask: Int
        let slots: UnsafeMutablePointer<Atomic<UnsafeMutableRawPointer?>>
    }

    private struct Entry {
        let hash: UInt64
        let series: Unmanaged<MetricSeries>
        let bytes: UnsafeMutablePointer<UInt8>
        let ends: (Int32, Int32, Int32, Int32)
    }

    /// Points to the table in use; to nothing once the cache is closed. Readers hold it without a reference count.
    let root: UnsafeMutablePointer<Root>
    typealias Root = Atomic<UnsafeMutableRawPointer?>
    private var tables: [UnsafeMutablePointer<Table>] = []
    private var isClosed = false
    private var entries: [UnsafeMutablePointer<Entry>] = []

    init() {
        root = .allocate(capacity: 1)
        root.initialize(to: Atomic(nil))
        install(Self.makeTable(slots: 16))
    }

    deinit {
        for entry in entries {
            entry.pointee.bytes.deallocate()
            entry.pointee.series.release()
            entry.deallocate()
        }
        for table in tables {
            table.pointee.slots.deallocate()
            table.deallocate()
        }
        root.deallocate()
    }

    // MARK: Reading

    /// The series with these values, if it was cached.
    @inline(__always)
    static func find(
        _ root: UnsafeMutablePointer<Root>, _ hash: UInt64, matches: (Int, UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Unmanaged<MetricSeries>? {
        guard let raw = root.pointee.load(ordering: .acquiring) else { return nil }
        let table = raw.assumingMemoryBound(to: Table.self).pointee
        var place = Int(truncatingIfNeeded: hash) & table.mask
        while let found = table.slots[place].load(ordering: .acquiring) {
            let entry = found.assumingMemoryBound(to: Entry.self)
            if entry.pointee.hash == hash, matchesAll(entry, matches) {
                return entry.pointee.series
            }
            place = (place &+ 1) & table.mask
        }
        return nil
    }

    @inline(__always)
    private static func matchesAll(
        _ entry: UnsafeMutablePointer<Entry>, _ matches: (Int, UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        let ends = entry.pointee.ends
        let bytes = UnsafePointer(entry.pointee.bytes)
        func part(_ from: Int32, _ to: Int32) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(start: bytes + Int(from), count: Int(to &- from))
        }
        return matches(0, part(0, ends.0)) && matches(1, part(ends.0, ends.1)) && matches(2, part(ends.1, ends.2))
            && matches(3, part(ends.2, ends.3))
    }

    // MARK: Writing, under the family's lock

    /// Adds a series of one to four labels; the cache keeps it alive.
    func insert(_ series: MetricSeries, hash: UInt64) {
        guard !isClosed else { return }
        let values = series.labelValues
        guard (1...4).contains(values.count) else { return }
        let all = values.flatMap { Array($0.utf8) }
        // Values of a size that no label has are found in the family's dictionary.
        guard all.count < 1 << 20 else { return }
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, all.count))
        for (index, byte) in all.enumerated() { bytes[index] = byte }
        var ends: [Int32] = []
        for value in values { ends.append((ends.last ?? 0) + Int32(value.utf8.count)) }
        while ends.count < 4 { ends.append(ends.last ?? 0) }
        let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
        entry.initialize(
            to: Entry(
                hash: hash, series: .passRetained(series), bytes: bytes, ends: (ends[0], ends[1], ends[2], ends[3])))
        entries.append(entry)
        guard let table = tables.last else { return }
        if entries.count * 2 > table.pointee.mask {
            let larger = Self.makeTable(slots: (table.pointee.mask + 1) * 2)
            for entry in entries { Self.place(entry, in: larger) }
            install(larger)
        } else {
            Self.place(entry, in: table)
        }
    }

    /// From here on nothing is found. What readers may still look at stays.
    func close() {
        isClosed = true
        root.pointee.store(nil, ordering: .releasing)
    }

    private func install(_ table: UnsafeMutablePointer<Table>) {
        tables.append(table)
        root.pointee.store(UnsafeMutableRawPointer(table), ordering: .releasing)
    }

    private static func place(_ entry: UnsafeMutablePointer<Entry>, in table: UnsafeMutablePointer<Table>) {
        let mask = table.pointee.mask
        var place = Int(truncatingIfNeeded: entry.pointee.hash) & mask
        while table.pointee.slots[place].load(ordering: .relaxed) != nil { place = (place &+ 1) & mask }
        table.pointee.slots[place].store(UnsafeMutableRawPointer(entry), ordering: .releasing)
    }

    private static func makeTable(slots count: Int) -> UnsafeMutablePointer<Table> {
        let slots = UnsafeMutablePointer<Atomic<UnsafeMutableRawPointer?>>.allocate(capacity: count)
        for index in 0..<count { (slots + index).initialize(to: Atomic(nil)) }
        let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        table.initialize(to: Table(mask: count - 1, slots: slots))
        return table
    }
}
