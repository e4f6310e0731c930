#if Sealing
    import Crypto
    import Foundation
    import JobQueue
    import JobSealing
    import Testing

    /// Python's `cryptography`, as a second implementation of the sealed form.
    private enum Python {
        static let hasCryptography = (try? run(["-c", "import cryptography"], input: "")) != nil

        struct Failed: Error { var status: Int32 }

        /// Each line of input is a key, the associated data and a sealed text in hexadecimal digits: opens it, and seals the result anew.
        static let reseal = """
            import os, sys
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            for line in sys.stdin:
                key, content, sealed = (bytes.fromhex(field) for field in line.split())
                head, rest = sealed[:2 + sealed[1]], sealed[2 + sealed[1]:]
                plain = AESGCM(key).decrypt(rest[:12], rest[12:], head + content)
                nonce = os.urandom(12)
                again = head + nonce + AESGCM(key).encrypt(nonce, plain, head + content)
                print("x" + plain.hex(), again.hex())
            """

        static func run(_ arguments: [String], input: String) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"] ?? "python3"] + arguments
            let (stdin, stdout) = (Pipe(), Pipe())
            (process.standardInput, process.standardOutput) = (stdin, stdout)
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Short enough for a pipe's buffer, so that neither side waits for the other.
            try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try stdin.fileHandleForWriting.close()
            let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
            return String(decoding: output, as: UTF8.self)
        }
    }

    @Suite(.enabled(if: Python.hasCryptography, "needs python3, or VITALS_TEST_PYTHON, with the package cryptography"))
    struct IndependentCheckTests {
        @Test func `another implementation opens what is sealed, and what it seals is opened`() throws {
            var random = Seeded(seed: 38)
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
            let output = try Python.run(["-c", Python.reseal], input: lines.joined(separator: "\n") + "\n")
            let answers = output.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(answers.count == expected.count)
            for (answer, (sealing, content, bytes)) in zip(answers, expected) {
                #expect(Hex.bytes(String(answer[0].dropFirst())) == bytes)
                #expect(try sealing.open(Hex.bytes(String(answer[1])), for: content) == bytes)
            }
        }
    }
#endif
