#if Sealing
    import Crypto
    import Foundation
    import JobQueue
    import JobSealing
    import TestServers
    import Testing

    /// Python's `cryptography`, as a second implementation of the sealed form.
    private enum Python {
        /// Each line of the file is a key, the associated data and a sealed text in hexadecimal digits: opens it, and seals the result anew.
        static let reseal = """
            import os, sys
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            for line in open(sys.argv[1]):
                key, content, sealed = (bytes.fromhex(field) for field in line.split())
                head, rest = sealed[:2 + sealed[1]], sealed[2 + sealed[1]:]
                plain = AESGCM(key).decrypt(rest[:12], rest[12:], head + content)
                nonce = os.urandom(12)
                again = head + nonce + AESGCM(key).encrypt(nonce, plain, head + content)
                print("x" + plain.hex(), again.hex())
            """

        static func run(_ arguments: String...) async throws -> String {
            let python = ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"] ?? "python3"
            return try await ChildProcess.run("/usr/bin/env", [python, "-c"] + arguments)
        }
    }

    @Suite(
        .enabled("needs python3, or VITALS_TEST_PYTHON, with the package cryptography") {
            (try? await Python.run("import cryptography")) != nil
        })
    struct IndependentCheckTests {
        @Test func `another implementation opens what is sealed, and what it seals is opened`() async throws {
            var random = SplitMix64(seed: 38)
            var lines: [String] = []
            var expected: [(AESGCMSealing, SealedContent, [UInt8])] = []
            for size in 0..<64 {
                let key = random.bytes(32)
                let sealing = try AESGCMSealing(
                    keys: ["key \(size)": SymmetricKey(data: key)], sealingWith: "key \(size)")
                let content = SealedContent(SealedContent.Part.allCases[size % 3], of: "kind-\(size)")
                let bytes = random.bytes(size)
                let sealed = try sealing.seal(bytes, for: content)
                let associated = Array("\(content.part.rawValue)/\(content.kind)".utf8)
                lines.append([key, associated, sealed].map(Hex.text).joined(separator: " "))
                expected.append((sealing, content, bytes))
            }
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("sealed-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            let output = try await Python.run(Python.reseal, file)
            let answers = output.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(answers.count == expected.count)
            for (answer, (sealing, content, bytes)) in zip(answers, expected) {
                #expect(Hex.bytes(String(answer[0].dropFirst())) == bytes)
                #expect(try sealing.open(Hex.bytes(String(answer[1])), for: content) == bytes)
            }
        }
    }
#endif
