import Synchronization

/// The names of a result's columns, shared by its rows.
///
/// A driver creates one for each result, so that the positions of the names are worked out once, when a row is first
/// read by name.
public final class SQLColumns: Sendable {
    /// The names, in the order of the columns.
    public let names: [String]
    private let lazyIndex = AtomicLazyReference<Index>()

    /// Creates the columns of a result.
    public init(_ names: [String]) { self.names = names }

    /// Where a name is found.
    enum Position {
        case at(Int)
        case missing
        /// Several columns have the name.
        case ambiguous(count: Int)
    }

    /// Finds a column by name.
    func position(of name: String) -> Position {
        // Comparing a few short names takes less time than hashing one.
        if names.count <= 8 {
            var found = -1
            var count = 0
            for index in names.indices where names[index].isExactly(name) {
                found = index
                count += 1
            }
            return count == 1 ? .at(found) : count == 0 ? .missing : .ambiguous(count: count)
        }
        guard let first = index.first[ExactText(name)] else { return .missing }
        return first >= 0 ? .at(first) : .ambiguous(count: -first)
    }

    private var index: Index {
        if let index = lazyIndex.load() { return index }
        return lazyIndex.storeIfNil(Index(names))
    }

    private final class Index: Sendable {
        /// The position of each name; the number of its columns, negated, where it has several.
        let first: [ExactText: Int]

        init(_ names: [String]) {
            var first: [ExactText: Int] = [:]
            first.reserveCapacity(names.count)
            for (position, name) in names.lazy.map(ExactText.init).enumerated() {
                switch first[name] {
                case nil: first[name] = position
                case .some(let earlier):
                    first[name] = earlier >= 0 ? -2 : earlier - 1
                }
            }
            self.first = first
        }
    }
}

extension SQLColumns: Hashable {
    /// Whether both have the same names, in the same order.
    public static func == (one: SQLColumns, other: SQLColumns) -> Bool {
        one === other || one.names.elementsEqual(other.names) { $0.isExactly($1) }
    }

    /// Hashes the names.
    public func hash(into hasher: inout Hasher) {
        for name in names { hasher.combine(ExactText(name)) }
    }
}
