#if Sealing
    import Crypto
    import Foundation
    import JobQueue
    import JobSealing
    import TestServers
    import Testing

    @Suite struct AESGCMSealingTests {
        private static let old = SymmetricKey(data: Array(0..<32 as Range<UInt8>))
        private static let new = SymmetricKey(data: Array(32..<64 as Range<UInt8>))
        private let payload = SealedContent(.payload, of: "send-invoice")

        private func sealing(
            _ keys: [String: SymmetricKey] = ["2025": old, "2026": new], with name: String = "2026"
        ) throws -> AESGCMSealing {
            try AESGCMSealing(keys: keys, sealingWith: name)
        }

        /// The error of an attempt to open.
        private func refusal(
            _ bytes: [UInt8], _ content: SealedContent? = nil, by sealing: AESGCMSealing,
            _ location: SourceLocation = #_sourceLocation
        ) throws -> SealingError {
            try #require(
                #expect(throws: SealingError.self, sourceLocation: location) {
                    try sealing.open(bytes, for: content ?? payload)
                })
        }

        // MARK: Sealing and opening

        @Test func `ten thousand random texts are opened as they were, each sealed with a fresh nonce`() throws {
            var random = SplitMix64(seed: 20_260_101)
            var nonces: Set<[UInt8]> = []
            for round in 0..<10_000 {
                let names = (0..<Int.random(in: 1...3, using: &random)).map { "key-\(round)-\($0)" }
                let keys = Dictionary(uniqueKeysWithValues: names.map { ($0, SymmetricKey(data: random.bytes(32))) })
                let name = try #require(names.randomElement(using: &random))
                let sealing = try AESGCMSealing(keys: keys, sealingWith: name)
                let bytes = random.bytes(Int.random(in: 0...300, using: &random))
                let part = try #require(SealedContent.Part.allCases.randomElement(using: &random))
                let content = SealedContent(part, of: "kind-\(round % 7)")
                let sealed = try sealing.seal(bytes, for: content)
                guard try sealing.open(sealed, for: content) == bytes else { Issue.record("round \(round)"); return }
                nonces.insert(Array(sealed.dropFirst(2 + name.utf8.count).prefix(12)))
            }
            #expect(nonces.count == 10_000)
        }

        @Test(arguments: [0, 1, 15, 16, 17, 4096, 262_144, 1_048_576])
        func `a sealed text is 30 bytes and the key's name longer`(
            _ size: Int
        ) throws {
            let bytes = [UInt8](repeating: 7, count: size)
            for name in ["a", "2026", "Schlüssel", String(repeating: "k", count: 255)] {
                let sealing = try AESGCMSealing(keys: [name: Self.new], sealingWith: name)
                let sealed = try sealing.seal(bytes, for: payload)
                #expect(sealed.count == size + 30 + name.utf8.count)
                #expect(try sealing.open(sealed, for: payload) == bytes)
            }
        }

        @Test func `the form is the documented one: a text that another implementation sealed is opened`() throws {
            // AESGCM of Python's cryptography 48, with the key 00…1f and the nonce 64…6f.
            let text = "0104323032366465666768696a6b6c6d6e6f3339b7080f863ffd5b4065dfa74b9852428fb3e5a4fbc856675e9f5fda"
            let opened = try sealing(["2026": Self.old]).open(Hex.bytes(text), for: payload)
            #expect(String(decoding: opened, as: UTF8.self) == #"{"invoice":7}"#)
        }

        @Test func `neither the text nor a repetition of it shows`() throws {
            let bytes = [UInt8](repeating: 0, count: 64)
            let (first, second) = (try sealing().seal(bytes, for: payload), try sealing().seal(bytes, for: payload))
            #expect(first != second && first.prefix(6) == second.prefix(6))
            #expect(Set(first.dropFirst(18).prefix(64)).count > 16)
        }

        // MARK: Keys

        @Test func `old keys open, the current one seals`() throws {
            let before = try sealing(["2025": Self.old], with: "2025")
            let after = try sealing()
            let sealed = try before.seal([1, 2, 3], for: payload)
            #expect(try after.open(sealed, for: payload) == [1, 2, 3])
            let anew = try after.seal([4], for: payload)
            #expect(String(decoding: anew[2..<6], as: UTF8.self) == "2026")
            #expect(try refusal(anew, by: before).code == .unknownKey)
        }

        @Test func `keys that cannot be used are refused by name`() throws {
            func error(_ keys: [String: SymmetricKey], _ name: String) throws -> SealingError {
                try #require(#expect(throws: SealingError.self) { try AESGCMSealing(keys: keys, sealingWith: name) })
            }
            let missing = try error(["2025": Self.old], "2026")
            #expect(missing.code == .invalidKeys && missing.message.contains("\"2026\""))
            let short = try error(["2026": SymmetricKey(size: .bits128)], "2026")
            #expect(short.code == .invalidKeys && short.message.contains("128 bits"))
            // One that only opens is checked too.
            #expect(try error(["2026": Self.new, "2025": SymmetricKey(size: .bits192)], "2026").code == .invalidKeys)
            #expect(try error(["": Self.new], "").code == .invalidKeys)
            #expect(try error([String(repeating: "k", count: 256): Self.new], "k").code == .invalidKeys)
            #expect(try error([:], "2026").code == .invalidKeys)
        }

        // MARK: Refusing

        @Test func `every flip of a single bit is refused`() throws {
            // The neighbors of "2026", so that a flip in the name finds another key.
            let names = ["2026", "2027", "2024", "2022", "202>", "202&", "2036", "2066"]
            let sealing = try AESGCMSealing(
                keys: Dictionary(uniqueKeysWithValues: names.map { ($0, Self.new) }), sealingWith: "2026")
            for size in [0, 1, 16, 61] {
                var sealed = try sealing.seal([UInt8](repeating: 0x5A, count: size), for: payload)
                for bit in 0..<(8 * sealed.count) {
                    sealed[bit / 8] ^= 1 << (bit % 8)
                    #expect(throws: SealingError.self, "bit \(bit) of \(size)") {
                        try sealing.open(sealed, for: payload)
                    }
                    sealed[bit / 8] ^= 1 << (bit % 8)
                }
                #expect(try sealing.open(sealed, for: payload).count == size)
            }
        }

        @Test func `every part that is cut off or added is refused`() throws {
            let sealing = try sealing()
            let sealed = try sealing.seal(Array("{}".utf8), for: payload)
            for count in 0..<sealed.count {
                let error = try refusal(Array(sealed.prefix(count)), by: sealing)
                // Until a nonce and a tag fit, the form is wrong; from there on the tag is.
                #expect(error.code == (count < 34 ? .malformed : .notAuthentic), "\(count)")
            }
            #expect(try refusal(sealed + [0], by: sealing).code == .notAuthentic)
            #expect(try refusal([0] + sealed, by: sealing).code == .malformed)
            #expect(try refusal([], by: sealing).message.contains("not sealed"))
            #expect(try refusal(Array(#"{"invoice":7}"#.utf8), by: sealing).code == .malformed)
        }

        @Test func `another key, kind or part is refused`() throws {
            let sealed = try sealing().seal([1], for: payload)
            let wrong = try sealing(["2026": Self.old])
            #expect(try refusal(sealed, by: wrong).code == .notAuthentic)
            for content in [
                SealedContent(.payload, of: "send-invoices"), SealedContent(.payload, of: "refund"),
                SealedContent(.payload, of: ""),
                SealedContent(.result, of: "send-invoice"), SealedContent(.checkpoint, of: "send-invoice"),
            ] {
                #expect(try refusal(sealed, content, by: sealing()).code == .notAuthentic, "\(content)")
            }
        }

        @Test func `errors name the key, the content and the remedy, and no secret`() throws {
            let secret = "the secret text"
            let sealed = try sealing().seal(Array(secret.utf8), for: payload)
            let wrong = try refusal(sealed, by: sealing(["2026": Self.old]))
            let unknown = try refusal(sealed, by: sealing(["2025": Self.old], with: "2025"))
            let short = try refusal(Array(sealed.prefix(20)), by: sealing())
            let moved = try refusal(sealed, SealedContent(.result, of: "refund"), by: sealing())
            for error in [wrong, unknown] { #expect(error.message.contains("\"2026\"")) }
            for error in [wrong, unknown, short] {
                #expect(error.message.contains("the payload of a job send-invoice"))
            }
            #expect(unknown.message.contains("add it") && moved.message.contains("the result of a job refund"))
            let keys = [Self.old, Self.new].map { $0.withUnsafeBytes { Array($0) } }
            for error in [wrong, unknown, short, moved] {
                let text = "\(error)"
                #expect(text.hasPrefix("\(error.code): ") && !text.contains(secret))
                for bytes in keys + [sealed] {
                    let hex = bytes.map { String($0, radix: 16) }.joined()
                    #expect(
                        !text.contains(hex.prefix(12)) && !text.contains(Data(bytes).base64EncodedString().prefix(12)))
                }
            }
            // Nor does the sealing itself, in a log or a debugger's dump.
            let loud = SymmetricKey(data: [UInt8](repeating: 171, count: 32))
            var dumped = ""
            dump(try sealing(["2026": loud]), to: &dumped)
            let printed = "\(try sealing(["2026": loud]))"
            #expect(dumped.contains("2026") && !dumped.contains("171") && !printed.contains("171"))
        }

        @Test func `a key's name that is no text is unknown`() throws {
            var sealed = try sealing().seal([1], for: payload)
            sealed[2] = 0xFF
            #expect(try refusal(sealed, by: sealing()).code == .unknownKey)
        }

        @Test func `what is accepted unsealed is chosen`() throws {
            let standard = try sealing()
            #expect(
                SealedContent.Part.allCases.filter { standard.acceptsUnsealed(SealedContent($0, of: "a")) } == [
                    .result, .checkpoint,
                ])
            let strict = try AESGCMSealing(keys: ["k": Self.new], sealingWith: "k", acceptingUnsealed: [])
            #expect(!SealedContent.Part.allCases.contains { strict.acceptsUnsealed(SealedContent($0, of: "a")) })
            let moving = try AESGCMSealing(keys: ["k": Self.new], sealingWith: "k", acceptingUnsealed: [.payload])
            #expect(
                SealedContent.Part.allCases.filter { moving.acceptsUnsealed(SealedContent($0, of: "a")) } == [.payload])
        }
    }

    extension SplitMix64 {
        mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
    }

    enum Hex {
        static func text(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }

        static func bytes(_ text: String) -> [UInt8] {
            let digits = Array(text).compactMap(\.hexDigitValue)
            return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
    }
#endif
