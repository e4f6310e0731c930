/// Identifies a waiter for as long as it waits, and none afterwards.
struct WaiterID: Hashable, Sendable {
    let index: Int32
    let round: UInt32

    /// As one number, never zero.
    var number: UInt64 { UInt64(UInt32(bitPattern: index)) << 32 | UInt64(round) }

    init(index: Int, round: UInt32) {
        self.index = Int32(index)
        self.round = round
    }

    init(number: UInt64) {
        index = Int32(bitPattern: UInt32(truncatingIfNeeded: number >> 32))
        round = UInt32(truncatingIfNeeded: number)
    }
}

/// Callers that wait: the more urgent first, the earlier first among equals, and each grows more urgent as it waits.
///
/// Each priority has a lane, a doubly linked list through nodes in one array: to add, to take and to remove a waiter
/// are constant time for a fixed number of priorities in use. A step of priority is worth a second of waiting, so the
/// next one is the lane head with the earliest moment of arrival less its priority in seconds.
struct WaiterQueue<Waiter> {
    private struct Node {
        var waiter: Waiter?
        var arrived: UInt64 = 0
        var deadline: UInt64 = 0
        /// The slot that the closure around it holds; -1 for none.
        var held: Int32 = -1
        var lane: Int32 = 0
        var previous: Int32 = -1
        var next: Int32 = -1
        var round: UInt32 = 0
    }

    private struct Lane {
        let priority: Int
        var head: Int32 = -1
        var tail: Int32 = -1
    }

    /// Waiters that keep a connection from coming back.
    struct Nested {
        var count = 0
        /// The slots that the closures around them hold, the innermost first.
        let slots: [Int]
        /// When the last of them gives up; of those that have been there together.
        var deadline: UInt64 = 0
    }

    /// Priorities beyond this count as this; see ``clamped(_:)``.
    private static var highestPriority: Int { 3_600 }

    static func clamped(_ priority: Int) -> Int { min(max(priority, -highestPriority), highestPriority) }

    private var nodes: [Node] = []
    private var free: [Int32] = []
    private var lanes: [Lane] = []
    private(set) var count = 0
    /// By the slot that the closure around them holds.
    private(set) var nested: [Int: Nested] = [:]
    /// How many of ``nested`` keep a slot from coming back.
    private var blocked: [Int: Int] = [:]
    /// No deadline is earlier than this, or, while more than 256 wait, than 5 ms before it.
    private(set) var earliestDeadline = UInt64.max

    var isEmpty: Bool { count == 0 }

    /// How many slots cannot come back before a nested waiter has been served, or has given up. O(1).
    var blockedCount: Int { blocked.count }

    /// Adds a waiter. One that arrived earlier than others of its priority, because it had to come again, stands
    /// before them.
    /// - Parameter held: The slots that the closures around it hold, the innermost first, which cannot come back before it
    ///   has been served.
    mutating func append(
        _ waiter: Waiter, priority: Int, arrived: UInt64, deadline: UInt64, held: [Int] = []
    ) -> WaiterID {
        let lane = laneIndex(priority)
        let index: Int32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = Int32(nodes.count)
            nodes.append(Node())
        }
        var before = lanes[lane].tail
        while before >= 0, nodes[Int(before)].arrived > arrived { before = nodes[Int(before)].previous }
        let after = before >= 0 ? nodes[Int(before)].next : lanes[lane].head
        nodes[Int(index)].waiter = waiter
        nodes[Int(index)].arrived = arrived
        nodes[Int(index)].deadline = deadline
        nodes[Int(index)].held = -1
        if let innermost = held.first {
            nodes[Int(index)].held = Int32(innermost)
            var others = nested[innermost] ?? Nested(slots: held)
            if others.count == 0 { for slot in held { blocked[slot, default: 0] += 1 } }
            others.count += 1
            others.deadline = max(others.deadline, deadline)
            nested[innermost] = others
        }
        nodes[Int(index)].lane = Int32(lane)
        nodes[Int(index)].previous = before
        nodes[Int(index)].next = after
        nodes[Int(index)].round &+= 1
        if before >= 0 { nodes[Int(before)].next = index } else { lanes[lane].head = index }
        if after >= 0 { nodes[Int(after)].previous = index } else { lanes[lane].tail = index }
        count += 1
        earliestDeadline = min(earliestDeadline, deadline)
        return WaiterID(index: Int(index), round: nodes[Int(index)].round)
    }

    /// Takes out the one whose turn it is, and says since when it waited.
    mutating func popFirst() -> (waiter: Waiter, arrived: UInt64)? {
        var best: Int32 = -1
        var bestRank = Int64.max
        for lane in lanes where lane.head >= 0 {
            let rank = Int64(clamping: nodes[Int(lane.head)].arrived) &- Int64(lane.priority) &* 1_000_000_000
            if rank < bestRank || best < 0 {
                best = lane.head
                bestRank = rank
            }
        }
        guard best >= 0 else { return nil }
        let arrived = nodes[Int(best)].arrived
        return take(best).map { ($0, arrived) }
    }

    /// Takes out the last that came; the more urgent first, as in ``popFirst()``.
    mutating func popLast() -> (waiter: Waiter, arrived: UInt64)? {
        var best: Int32 = -1
        var bestRank = Int64.min
        for lane in lanes where lane.tail >= 0 {
            let rank = Int64(clamping: nodes[Int(lane.tail)].arrived) &+ Int64(lane.priority) &* 1_000_000_000
            if rank > bestRank || best < 0 {
                best = lane.tail
                bestRank = rank
            }
        }
        guard best >= 0 else { return nil }
        let arrived = nodes[Int(best)].arrived
        return take(best).map { ($0, arrived) }
    }

    /// Takes out those that arrived at a moment or before, as long as so many others stay.
    mutating func removeArrived(
        by moment: UInt64, keeping others: Int
    ) -> [(waiter: Waiter, arrived: UInt64, priority: Int)] {
        var result: [(waiter: Waiter, arrived: UInt64, priority: Int)] = []
        for lane in lanes {
            var index = lane.head
            while index >= 0, nodes[Int(index)].arrived <= moment, count > others {
                let (arrived, next) = (nodes[Int(index)].arrived, nodes[Int(index)].next)
                if let waiter = take(index) { result.append((waiter, arrived, lane.priority)) }
                index = next
            }
        }
        return result
    }

    /// Takes out one that gave up; `nil` when it waits no more.
    mutating func remove(_ id: WaiterID) -> Waiter? {
        guard id.index >= 0, Int(id.index) < nodes.count, nodes[Int(id.index)].round == id.round else { return nil }
        return take(id.index)
    }

    /// Takes out all whose deadline has passed, in the order in which they arrived in their lanes.
    mutating func removeExpired(now: UInt64) -> [(waiter: Waiter, arrived: UInt64)] {
        guard earliestDeadline <= now else { return [] }
        var late: [Int32] = []
        var earliest = UInt64.max
        forEachNode { index, node in
            if node.deadline <= now { late.append(index) } else { earliest = min(earliest, node.deadline) }
        }
        let result = late.compactMap { index -> (waiter: Waiter, arrived: UInt64)? in
            let arrived = nodes[Int(index)].arrived
            return take(index).map { ($0, arrived) }
        }
        // Of very many, those whose deadlines follow each other closely are taken out together.
        earliestDeadline =
            count > 256 && earliest != .max ? max(earliest, now.advanced(saturating: 5_000_000)) : earliest
        return result
    }

    /// Takes out the nested waiter that came last.
    mutating func removeLastNested() -> Waiter? {
        var last: (index: Int32, arrived: UInt64)?
        forEachNode { index, node in
            if node.held >= 0, node.arrived >= last?.arrived ?? 0 { last = (index, node.arrived) }
        }
        return last.flatMap { take($0.index) }
    }

    mutating func removeAll() -> [Waiter] {
        var result: [Waiter] = []
        while let (waiter, _) = popFirst() { result.append(waiter) }
        return result
    }

    /// When the one that has waited the longest arrived.
    var earliestArrival: UInt64? {
        lanes.lazy.compactMap { $0.head >= 0 ? nodes[Int($0.head)].arrived : nil }.min()
    }

    private func forEachNode(_ body: (Int32, Node) -> Void) {
        for lane in lanes {
            var index = lane.head
            while index >= 0 {
                body(index, nodes[Int(index)])
                index = nodes[Int(index)].next
            }
        }
    }

    private mutating func take(_ index: Int32) -> Waiter? {
        let node = nodes[Int(index)]
        guard let waiter = node.waiter else { return nil }
        let lane = Int(node.lane)
        if node.previous >= 0 {
            nodes[Int(node.previous)].next = node.next
        } else {
            lanes[lane].head = node.next
        }
        if node.next >= 0 {
            nodes[Int(node.next)].previous = node.previous
        } else {
            lanes[lane].tail = node.previous
        }
        nodes[Int(index)].waiter = nil
        if node.held >= 0 { removeNested(Int(node.held)) }
        free.append(index)
        count -= 1
        if count == 0 { earliestDeadline = .max }
        return waiter
    }

    private mutating func removeNested(_ innermost: Int) {
        nested[innermost]?.count -= 1
        guard let others = nested[innermost], others.count == 0 else { return }
        nested[innermost] = nil
        for slot in others.slots {
            blocked[slot, default: 0] -= 1
            if blocked[slot] == 0 { blocked[slot] = nil }
        }
    }

    private mutating func laneIndex(_ priority: Int) -> Int {
        if let lane = lanes.firstIndex(where: { $0.priority == priority }) { return lane }
        if let empty = lanes.firstIndex(where: { $0.head < 0 }), lanes.count >= 8 {
            lanes[empty] = Lane(priority: priority)
            return empty
        }
        lanes.append(Lane(priority: priority))
        return lanes.count - 1
    }
}
