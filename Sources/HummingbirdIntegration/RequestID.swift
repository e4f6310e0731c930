#if Hummingbird
    import Synchronization

    /// The id of a request: the client's own when it is harmless, otherwise one of 16 hexadecimal digits.
    enum RequestID {
        /// At most 128 letters, digits, dots, dashes and underscores.
        static func accepted(_ text: String?) -> String? {
            guard let text, !text.isEmpty, text.utf8.count <= 128 else { return nil }
            let harmless = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            return harmless ? text : nil
        }

        /// Unique in this process and, as 64 random bits are, among processes: a counter that starts anywhere, mixed by
        /// SplitMix64 (Steele, Lea, Flood, 2014), which maps no two counts to one id. A random number for each request
        /// would be a system call for each.
        static func make() -> String {
            var bits = counter.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
            bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
            bits ^= bits >> 31
            return String(unsafeUninitializedCapacity: 16) { buffer in
                for place in buffer.indices.prefix(16) {
                    let digit = UInt8(truncatingIfNeeded: bits >> (60 - 4 * UInt64(place))) & 15
                    buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                }
                return 16
            }
        }

        private static let counter = Atomic<UInt64>(.random(in: .min ... .max))
    }
#endif
