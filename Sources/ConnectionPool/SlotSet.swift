/// A set of slot numbers: 62 to a word, as in the atomic words of ``SlotTable``.
struct SlotSet: Equatable {
    static let slotsPerWord = 62

    /// One word for every 62 slots.
    var words: [UInt64]

    /// No slot of so many.
    init(capacity: Int) { words = Array(repeating: 0, count: Self.words(for: capacity)) }

    static func words(for capacity: Int) -> Int { max(1, (capacity + slotsPerWord - 1) / slotsPerWord) }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The lowest member.
    var first: Int? {
        for (index, word) in words.enumerated() where word != 0 {
            return index * Self.slotsPerWord + word.trailingZeroBitCount
        }
        return nil
    }

    /// The members, from the highest to the lowest: the coldest connection first.
    var descending: [Int] {
        var result: [Int] = []
        for (index, word) in words.enumerated().reversed() {
            var rest = word
            while rest != 0 {
                let bit = 63 - rest.leadingZeroBitCount
                rest &= ~(1 << bit)
                result.append(index * Self.slotsPerWord + bit)
            }
        }
        return result
    }

    func contains(_ slot: Int) -> Bool {
        words[slot / Self.slotsPerWord] & (1 << (slot % Self.slotsPerWord)) != 0
    }

    mutating func insert(_ slot: Int) { words[slot / Self.slotsPerWord] |= 1 << (slot % Self.slotsPerWord) }

    mutating func remove(_ slot: Int) { words[slot / Self.slotsPerWord] &= ~(1 << (slot % Self.slotsPerWord)) }

    mutating func popFirst() -> Int? {
        guard let slot = first else { return nil }
        remove(slot)
        return slot
    }

    /// Room for so many slots; the members stay.
    mutating func reserve(capacity: Int) {
        let missing = Self.words(for: capacity) - words.count
        if missing > 0 { words += Array(repeating: 0, count: missing) }
    }
}
