#if Hummingbird
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

        static func make() -> String {
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }
#endif
