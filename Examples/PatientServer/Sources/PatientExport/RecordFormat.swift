internal import Crypto
internal import CryptoExtras

/// The head of an encrypted stream, 48 bytes: `VITALSE1`, the rounds of PBKDF2 (big endian), the size of a record
/// (big endian), 16 bytes of salt, 8 bytes that show a wrong password, 7 bytes of nonce, one zero byte.
///
/// A record is AES-256-GCM over up to that many bytes, then 16 bytes of tag. Its nonce is the 7 bytes, the record's
/// number (4 bytes, big endian) and 1 for the last record, else 0: so no record can be moved, dropped or added. The
/// head is authenticated with each record.
struct RecordFormat {
    static let magic = Array("VITALSE1".utf8)
    static let headLength = 48
    static let tagLength = 16
    static let recordLength = 65_536
    static let rounds = 210_000...10_000_000

    let head: [UInt8]
    private let key: SymmetricKey

    /// A new stream's.
    init(password: String, rounds: Int) throws(ExportError) {
        guard Self.rounds.contains(rounds) else {
            throw ExportError(.invalidOption, "rounds must be 210000 to 10000000; \(rounds) is outside")
        }
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let keys = try Self.keys(password, salt, rounds)
        var head = Self.magic
        head += Self.bytes(UInt32(rounds)) + Self.bytes(UInt32(Self.recordLength)) + salt + keys.check
        head += (0..<7).map { _ in UInt8.random(in: 0...255, using: &random) }
        head.append(0)
        self.head = head
        key = keys.key
    }

    /// A stream's that was read.
    init(password: String, head: [UInt8]) throws(ExportError) {
        guard head.count == Self.headLength, head.starts(with: Self.magic), head[47] == 0 else {
            throw ExportError(.invalidFormat, "this is no encrypted export: it does not begin with VITALSE1's head")
        }
        let rounds = Int(Self.number(head[8..<12]))
        guard Self.rounds.contains(rounds), Self.number(head[12..<16]) == UInt32(Self.recordLength) else {
            throw ExportError(.invalidFormat, "the head names rounds or a record size that are not taken")
        }
        let keys = try Self.keys(password, Array(head[16..<32]), rounds)
        guard keys.check.elementsEqual(head[32..<40]) else {
            throw ExportError(.wrongPassword, "the password is wrong, or the file's head was changed")
        }
        self.head = head
        key = keys.key
    }

    func seal(_ plain: ArraySlice<UInt8>, number: UInt32, isLast: Bool) throws(ExportError) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(plain, using: key, nonce: nonce(number, isLast), authenticating: head)
            return Array(box.ciphertext) + Array(box.tag)
        } catch { throw ExportError(.invalidFormat, "a record cannot be encrypted: \(error)") }
    }

    /// The record's bytes; nil when it is not what was written at that place.
    func open(_ sealed: ArraySlice<UInt8>, number: UInt32, isLast: Bool) -> [UInt8]? {
        guard sealed.count >= Self.tagLength, let nonce = try? nonce(number, isLast) else { return nil }
        let split = sealed.endIndex - Self.tagLength
        guard let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: sealed[..<split], tag: sealed[split...]) else {
            return nil
        }
        return (try? AES.GCM.open(box, using: key, authenticating: head)).map(Array.init)
    }

    private func nonce(_ number: UInt32, _ isLast: Bool) throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: head[40..<47] + Self.bytes(number) + [isLast ? 1 : 0])
    }

    private static func keys(_ password: String, _ salt: [UInt8], _ rounds: Int) throws(ExportError) -> (
        key: SymmetricKey, check: [UInt8]
    ) {
        guard !password.isEmpty else {
            throw ExportError(.invalidOption, "the password is empty; it needs a character")
        }
        do {
            let root = try KDF.Insecure.PBKDF2.deriveKey(
                from: Array(password.utf8), salt: salt, using: .sha256, outputByteCount: 32, rounds: rounds)
            let key = HKDF<SHA256>.expand(
                pseudoRandomKey: root, info: Array("record".utf8), outputByteCount: 32)
            let check = HKDF<SHA256>.expand(pseudoRandomKey: root, info: Array("check".utf8), outputByteCount: 8)
            return (key, check.withUnsafeBytes { Array($0) })
        } catch { throw ExportError(.invalidOption, "no key can be derived from the password: \(error)") }
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
