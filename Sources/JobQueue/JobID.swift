import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The identity of a job: a UUID of version 7, made by whoever enqueues it.
///
/// Ids of one process ascend in the order they were made; ids of several processes ascend by the millisecond.
/// Because the id is known before the job is stored, jobs of one batch can refer to each other.
public struct JobID: Sendable, Hashable, Comparable, Codable, LosslessStringConvertible {
    /// The first eight bytes, big-endian: time and a counter.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// An id that nobody else has.
    public init() {
        (high, low) = UUIDText.make()
    }

    /// The id of these sixteen bytes.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads a UUID's text in either case; `nil` where it is none.
    public init?(_ description: String) {
        guard let (high, low) = UUIDText.parse(description) else { return nil }
        self.init(high: high, low: low)
    }

    /// The text, `0198c0de-…`, in lower case.
    public var description: String { UUIDText.text(high, low) }

    /// The last eight bytes are as good as random, and half the work.
    public func hash(into hasher: inout Hasher) { hasher.combine(low) }

    /// Orders ids by the time they were made.
    public static func < (a: JobID, b: JobID) -> Bool {
        a.high == b.high ? a.low < b.low : a.high < b.high
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = JobID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a job id is a UUID")
        }
        self = id
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The identity of one registration of a worker. A worker that lost its lease registers anew and gets another.
public struct WorkerID: Sendable, Hashable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// An id that nobody else has.
    public init() {
        (high, low) = UUIDText.make()
    }

    /// The id of these sixteen bytes.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The text, in lower case.
    public var description: String { UUIDText.text(high, low) }
}

/// UUIDs of version 7 (RFC 9562, section 5.7) as two words.
enum UUIDText {
    private static let last = Atomic<UInt64>(0)
    private static let seed = UInt64.random(in: .min ... .max)

    /// 48 bits of milliseconds and 12 of a counter that ascend together, then 62 bits that differ between processes.
    static func make() -> (UInt64, UInt64) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
        var previous = last.load(ordering: .relaxed)
        var tick: UInt64
        while true {
            tick = max(previous + 1, milliseconds << 12)
            let (done, seen) = last.weakCompareExchange(expected: previous, desired: tick, ordering: .relaxed)
            if done { break }
            previous = seen
        }
        let high = (tick >> 12) << 16 | 0x7000 | tick & 0xFFF
        return (high, mixed(seed &+ tick &* 0x9E37_79B9_7F4A_7C15) >> 2 | 0x8000_0000_0000_0000)
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    static func text(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for word in [high, low] {
                for byte in 0..<8 {
                    if position == 8 || position == 13 || position == 18 || position == 23 {
                        buffer[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    let value = UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(byte)))
                    buffer[position] = digit(value >> 4)
                    buffer[position + 1] = digit(value & 15)
                    position += 2
                }
            }
            return 36
        }
    }

    static func parse(_ text: String) -> (UInt64, UInt64)? {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard digits < 32, let value = value(of: byte) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | value } else { words.1 = words.1 << 4 | value }
            digits += 1
        }
        return digits == 32 && position == 36 ? words : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
