import PatientExport
import Testing

@Suite("Encryption")
struct EncryptionTests {
    private static let plain = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    private static let head = 48
    private static let record = 65_536 + 16

    private func encrypt(_ plain: [UInt8], step: Int = 10_007) throws -> [UInt8] {
        var encryptor = try Encryptor(password: "correct horse", rounds: 210_000)
        var sealed: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: step) {
            try encryptor.append(plain[start..<min(plain.count, start + step)], into: &sealed)
        }
        try encryptor.finish(into: &sealed)
        return sealed
    }

    private func decrypt(_ sealed: [UInt8], password: String = "correct horse", step: Int = 9_001) throws -> [UInt8] {
        var decryptor = Decryptor(password: password)
        var plain: [UInt8] = []
        for start in stride(from: 0, to: sealed.count, by: step) {
            try decryptor.append(sealed[start..<min(sealed.count, start + step)], into: &plain)
        }
        try decryptor.finish(into: &plain)
        return plain
    }

    private func code(_ sealed: [UInt8], password: String = "correct horse") -> ExportError.Code? {
        do {
            _ = try decrypt(sealed, password: password)
            return nil
        } catch { return (error as? ExportError)?.code }
    }

    @Test(
        "what was encrypted comes back, at and around a record's size",
        arguments: [0, 1, 65_535, 65_536, 65_537, 131_072])
    func roundTrip(length: Int) throws {
        let plain = Array(Self.plain.prefix(length))
        #expect(try decrypt(encrypt(plain)) == plain)
    }

    @Test("two streams of the same bytes share nothing, and show nothing")
    func fresh() throws {
        let one = try encrypt(Array(repeating: 0, count: 1_000))
        let two = try encrypt(Array(repeating: 0, count: 1_000))
        #expect(one != two)
        #expect(one.dropFirst(Self.head).filter { $0 == 0 }.count < 40)
    }

    @Test("a wrong password is told as such")
    func password() throws { #expect(code(try encrypt([1, 2, 3]), password: "battery") == .wrongPassword) }

    @Test("every changed byte is an error")
    func tampering() throws {
        let sealed = try encrypt(Self.plain)
        for place in stride(from: Self.head, to: sealed.count, by: 9_973) + [Self.head, sealed.count - 1] {
            var changed = sealed
            changed[place] ^= 1
            #expect(code(changed) == .tampered)
        }
        for place in [0, 9, 13, 17, 33, 41, 47] {
            var changed = sealed
            changed[place] ^= 1
            #expect(code(changed) != nil)
        }
    }

    @Test("a file that ends early is an error, also between two records")
    func truncation() throws {
        let sealed = try encrypt(Self.plain)
        #expect(code(Array(sealed.prefix(20))) == .truncated)
        #expect(code(Array(sealed.prefix(Self.head))) == .truncated)
        #expect(code(Array(sealed.prefix(Self.head + Self.record))) == .truncated)
        #expect(code(Array(sealed.prefix(Self.head + Self.record + 100))) == .tampered)
    }

    @Test("records that change places, come twice or are added are errors")
    func order() throws {
        let sealed = try encrypt(Self.plain)
        let records = stride(from: Self.head, to: sealed.count, by: Self.record).map {
            Array(sealed[$0..<min(sealed.count, $0 + Self.record)])
        }
        let head = Array(sealed.prefix(Self.head))
        #expect(code(head + records[1] + records[0] + records[2] + records[3]) == .tampered)
        #expect(code(head + records[0] + records[0] + records[2] + records[3]) == .tampered)
        #expect(code(sealed + [0]) == .tampered)
    }

    @Test("what is no encrypted export is told as such")
    func foreign() { #expect(code(Array("{\"id\":1}".utf8)) == .invalidFormat) }
}

private func + (left: StrideTo<Int>, right: [Int]) -> [Int] { Array(left) + right }
