/// An operation in the code under test that orders something.
public struct Site: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable {
        case load, store, exchange
        case compareExchange = "compareExchange"
        case failure = "compareExchange, failing"
    }

    public let caller: String
    public let kind: Kind
    public let part: Ordering

    public init(_ caller: String, _ kind: Kind, _ part: Ordering) {
        self.caller = caller
        self.kind = kind
        self.part = part
    }

    public var description: String { "\(caller) \(kind.rawValue): \(part == .acquires ? "acquire" : "release")" }
}

/// The orderings of the code under test, of which some may be taken away.
public struct Weakening {
    /// What does not order as it says.
    public var weakened: [Site] = []
    /// All that have been met.
    public private(set) var met: Set<Site> = []
    private var known: Set<Key> = []

    private struct Key: Hashable {
        let caller: UnsafePointer<UInt8>
        let kind: Site.Kind
    }

    /// What is left of an ordering.
    public mutating func effective(_ ordering: Ordering, _ caller: StaticString, _ kind: Site.Kind) -> Ordering {
        if ordering.isEmpty { return ordering }
        if known.insert(Key(caller: caller.utf8Start, kind: kind)).inserted {
            for part in [Ordering.acquires, .releases] where ordering.contains(part) {
                met.insert(Site(caller.description, kind, part))
            }
        }
        var result = ordering
        for site in weakened where site.kind == kind && site.caller == caller.description { result.remove(site.part) }
        return result
    }
}

/// Used by the thread that runs.
nonisolated(unsafe) public var weakening = Weakening()
