/// What the state machine asks of the pool, which does it outside its lock.
enum PoolAction<Waiter: Sendable>: Sendable {
    /// Give the waiter the connection of this slot. It is proved when a round trip has just shown that it works.
    case lend(Waiter, slot: Int, isProved: Bool)
    /// Let the waiter go without one.
    case fail(Waiter, PoolError.Code)
    /// Refuse the waiter, which has waited for so long, because there are too many.
    case shed(Waiter, waited: UInt64, priority: Int)
    /// Make a connection for this slot.
    case connect(slot: Int)
    /// Prove with a round trip that the connection works.
    case check(slot: Int)
    /// Make the connection clean.
    case reset(slot: Int)
    /// Close the connection.
    case close(slot: Int, PoolCloseReason)
    /// Resume those that wait for the suspended pool to be quiet.
    case quiet
    /// Report the lease of this slot as suspected.
    case reportLeak(slot: Int)
}

/// A list whose first element needs no memory of its own: most events ask for one thing or none.
struct ShortList<Element> {
    private(set) var first: Element?
    private(set) var rest: [Element] = []

    var isEmpty: Bool { first == nil }

    mutating func append(_ element: Element) {
        if first == nil { first = element } else { rest.append(element) }
    }

    @inline(__always)
    func forEach(_ body: (Element) -> Void) {
        guard let first else { return }
        body(first)
        for element in rest { body(element) }
    }

    var array: [Element] { first.map { [$0] + rest } ?? [] }
}

extension ShortList: Sendable where Element: Sendable {}
