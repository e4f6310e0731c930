/// A set of numbers from 0 to 63, stored as the bits of a word.
struct NumberSet: Sendable, Hashable {
    var bits: UInt64 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ number: Int) -> Bool { bits & 1 << UInt64(number) != 0 }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    /// Returns the smallest member that is not below a number from 0 to 64.
    func first(from number: Int) -> Int? {
        let rest = bits & (UInt64.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}
