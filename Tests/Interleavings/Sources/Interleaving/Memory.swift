import CRaces

/// What a thread has seen, directly or through another: how far each thread has come, and which value of each location.
///
/// A release attaches the view to what it writes, an acquire joins it to the reader's own. Values keep the order in which
/// they were written; a load returns any that is not older than the last that the thread has seen.
struct View {
    var clock = SIMD8<UInt32>()
    private var seen: [Int32] = []

    subscript(location: Int) -> Int {
        get { location < seen.count ? Int(seen[location]) : 0 }
        set {
            while seen.count <= location { seen.append(0) }
            seen[location] = Int32(newValue)
        }
    }

    mutating func join(_ other: View) {
        clock = pointwiseMax(clock, other.clock)
        while seen.count < other.seen.count { seen.append(0) }
        for location in other.seen.indices where other.seen[location] > seen[location] {
            seen[location] = other.seen[location]
        }
    }
}

/// Which way an operation orders what is around it.
public struct Ordering: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What follows comes after what came before the release of the value that was read.
    public static let acquires = Ordering(rawValue: 1)
    /// What came before is seen by who acquires the value that is written.
    public static let releases = Ordering(rawValue: 2)
}

/// An atomic of up to eight bytes, at an address of its own.
public struct Cell {
    fileprivate var initial: UInt64
    /// Which location it is; 0 until it is first used.
    fileprivate var location = 0
}

/// The values of all atomics of one schedule, and what each thread has seen of them.
final class Memory {
    private struct Value {
        let bits: UInt64
        let released: View?
    }

    private let cells = UnsafeMutablePointer<Cell>.allocate(capacity: 1 << 18)
    private var cellCount = 0
    private var values: [[Value]] = []
    private(set) var locationCount = 1
    private var views = Array(repeating: View(), count: 8)

    func begin() {
        cellCount = 0
        locationCount = 1
        values = [[]]
        for thread in views.indices {
            views[thread] = View()
            views[thread].clock[thread] = 1
            publish(thread)
        }
    }

    // MARK: Threads

    /// The view of a thread, to be attached to something; what the thread does from now on is no part of it.
    func release(_ thread: Int) -> View {
        let view = views[thread]
        views[thread].clock[thread] += 1
        publish(thread)
        return view
    }

    func acquire(_ thread: Int, _ view: View) {
        views[thread].join(view)
        publish(thread)
    }

    private func publish(_ thread: Int) {
        UnsafeMutableRawPointer(races_clock(Int32(thread))).storeBytes(of: views[thread].clock, as: SIMD8<UInt32>.self)
    }

    // MARK: Locations

    /// A location that has no values: a lock or a continuation.
    func makeLocation() -> Int {
        defer { locationCount += 1 }
        values.append([])
        return locationCount
    }

    func makeCell(_ initial: UInt64) -> UnsafeMutablePointer<Cell> {
        precondition(cellCount < 1 << 18, "too many atomics")
        let cell = cells + cellCount
        cellCount += 1
        cell.initialize(to: Cell(initial: initial))
        return cell
    }

    func location(of cell: UnsafeMutablePointer<Cell>) -> Int {
        if cell.pointee.location == 0 {
            cell.pointee.location = makeLocation()
            values[cell.pointee.location].append(Value(bits: cell.pointee.initial, released: nil))
        }
        return cell.pointee.location
    }

    // MARK: Operations

    /// How many values a load could return.
    func choices(_ thread: Int, _ location: Int) -> Int { values[location].count - views[thread][location] }

    /// Reads the newest value, or one that is so much older.
    func load(_ thread: Int, _ location: Int, _ ordering: Ordering, age: Int = 0) -> UInt64 {
        let index = values[location].count - 1 - age
        views[thread][location] = index
        if ordering.contains(.acquires), let view = values[location][index].released { acquire(thread, view) }
        return values[location][index].bits
    }

    /// Writes a value. That of an update continues what the value before it has released.
    func store(_ thread: Int, _ location: Int, _ bits: UInt64, _ ordering: Ordering, isUpdate: Bool = false) {
        var released = isUpdate ? values[location][values[location].count - 1].released : nil
        views[thread][location] = values[location].count
        if ordering.contains(.releases) {
            let own = release(thread)
            released?.join(own)
            released = released ?? own
        }
        values[location].append(Value(bits: bits, released: released))
    }

    /// The newest value.
    func newest(_ location: Int) -> UInt64 { values[location][values[location].count - 1].bits }
}
