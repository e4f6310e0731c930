/// Hashes the values of labels, with a seed of the family so that nobody can choose values that collide.
///
/// Eight bytes at a time through a folded 64 × 64 bit product, after Wang Yi's wyhash.
struct LabelHash {
    private(set) var state: UInt64

    @inline(__always)
    init(seed: UInt64) { state = seed }

    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inline(__always)
    mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        let count = bytes.count
        var first: UInt64 = 0
        var second: UInt64 = 0
        if let base = bytes.baseAddress.map({ UnsafeRawPointer($0) }) {
            if count >= 8 {
                var place = 0
                while place &+ 16 < count {
                    state = Self.mix(
                        (base + place).loadUnaligned(as: UInt64.self) ^ 0xA076_1D64_78BD_642F,
                        (base + place + 8).loadUnaligned(as: UInt64.self) ^ state)
                    place &+= 16
                }
                first = (base + (place &+ 8 <= count ? place : count &- 8)).loadUnaligned(as: UInt64.self)
                second = (base + (count &- 8)).loadUnaligned(as: UInt64.self)
            } else if count >= 4 {
                first = UInt64(base.loadUnaligned(as: UInt32.self))
                second = UInt64((base + (count &- 4)).loadUnaligned(as: UInt32.self))
            } else if count > 0 {
                first = UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count &- 1])
            }
        }
        state = Self.mix(
            first ^ 0xE703_7ED1_A0B4_28DB, second ^ state ^ (UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15)
        )
    }

    /// The hash of values, as adding each gives it.
    static func of(_ values: [String], seed: UInt64) -> UInt64 {
        var hash = LabelHash(seed: seed)
        for var value in values { value.withUTF8 { hash.add($0) } }
        return hash.state
    }
}
