#if Sealing
    public import Crypto
    public import JobQueue

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Seals the data of jobs with AES-256-GCM (NIST SP 800-38D): the data cannot be read in the store, and a change to it is detected.
    ///
    /// ```swift
    /// let sealing = try AESGCMSealing(keys: ["2026": key, "2025": oldKey], sealingWith: "2026")
    /// let client = JobClient(store: store, sealing: sealing)
    /// let worker = try JobWorker(store: store, queues: ["default": 8], sealing: sealing) { jobs in … }
    /// ```
    ///
    /// To rotate keys, add the new one to all processes first, then seal with it in all of them, and remove the old one when no job is left
    /// that was sealed with it: neither a waiting one nor an ended one whose result is read.
    ///
    /// Each sealing has a fresh random nonce of 96 bits. One key should therefore seal no more than 2³² times (SP 800-38D, section 8.3):
    /// rotate it before. Sealed data is 30 bytes longer than the data and the name of the key; the queue's marker adds 5.
    ///
    /// The name of the key, the kind of the job and the part of its data are authenticated, so sealed data cannot be moved to another kind.
    /// A program that can write to the store can still exchange sealed data between jobs of one kind, put back older data, and delete
    /// jobs. The length of the data is not hidden.
    ///
    /// ## The sealed form
    /// | bytes | content |
    /// |---|---|
    /// | 1 | the form's version, 1 |
    /// | 1 | the length of the key's name in bytes, 1…255 |
    /// | 1…255 | the key's name in UTF-8 |
    /// | 12 | the nonce |
    /// | as many as the data | the encrypted data |
    /// | 16 | the tag |
    ///
    /// The additional authenticated data is everything in front of the nonce, then the part and the kind, as in
    /// `result/send-invoice`.
    public struct AESGCMSealing: PayloadSealing {
        private static let version: UInt8 = 1
        private static let nonceLength = 12
        private static let tagLength = 16

        private let keys: [String: SymmetricKey]
        private let current: SymmetricKey
        private let head: [UInt8]
        private let unsealed: Set<SealedContent.Part>

        /// Creates a sealing.
        /// - Parameters:
        ///   - keys: The keys by name, each of 256 bits. A name is stored in the clear with the data; it is no secret, 1…255 bytes long, and
        ///     never reused for another key.
        ///   - name: The name of the key that seals. The others only open.
        ///   - acceptingUnsealed: The parts that are also read where they were never sealed, as data that was stored before there was a
        ///     sealing. Add `.payload` while such jobs wait; pass none once the last of them are gone, since whoever can write to the store
        ///     can put unsealed data there.
        /// - Throws: ``SealingError`` with `invalidKeys`.
        public init(
            keys: [String: SymmetricKey], sealingWith name: String,
            acceptingUnsealed: Set<SealedContent.Part> = [.result, .checkpoint]
        ) throws(SealingError) {
            for (name, key) in keys.sorted(by: { $0.key < $1.key }) {
                guard (1...255).contains(name.utf8.count) else {
                    throw SealingError(
                        .invalidKeys,
                        "a key's name has \(name.utf8.count) bytes; use a name of 1…255 bytes, such as a year"
                    )
                }
                guard key.bitCount == 256 else {
                    throw SealingError(
                        .invalidKeys,
                        "the key \(name.debugDescription) has \(key.bitCount) bits; AES-256 needs 256: SymmetricKey(size: .bits256)"
                    )
                }
            }
            guard let current = keys[name] else {
                throw SealingError(
                    .invalidKeys,
                    "the key \(name.debugDescription) shall seal and is not among the keys; add it, or name another")
            }
            self.keys = keys
            self.current = current
            head = [Self.version, UInt8(name.utf8.count)] + Array(name.utf8)
            unsealed = acceptingUnsealed
        }

        /// Encrypts bytes with the current key and a fresh nonce.
        /// - Throws: ``SealingError`` with `sealingFailed`.
        public func seal(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] {
            do {
                let box = try AES.GCM.seal(bytes, using: current, authenticating: Self.authenticated(head, content))
                var sealed = head
                sealed.reserveCapacity(head.count + Self.nonceLength + bytes.count + Self.tagLength)
                sealed += box.nonce
                sealed += box.ciphertext
                sealed += box.tag
                return sealed
            } catch {
                throw SealingError(.sealingFailed, "\(content) cannot be encrypted: \(error)")
            }
        }

        /// Decrypts bytes with the key whose name they carry.
        /// - Throws: ``SealingError`` with `malformed`, `unknownKey` or `notAuthentic`.
        public func open(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] {
            guard bytes.count >= 2, bytes[0] == Self.version, bytes[1] > 0 else {
                throw SealingError(
                    .malformed,
                    "\(content) is not sealed with AES-GCM; for data of before there was a sealing add \(content.part) to acceptingUnsealed"
                )
            }
            let head = bytes.prefix(2 + Int(bytes[1]))
            let rest = bytes.dropFirst(head.count)
            guard rest.count >= Self.nonceLength + Self.tagLength else {
                throw SealingError(
                    .malformed, "\(content) is cut off after \(bytes.count) bytes; restore it, or enqueue the job anew")
            }
            guard let name = String(validating: head.dropFirst(2), as: UTF8.self), let key = keys[name] else {
                let shown = String(decoding: head.dropFirst(2), as: UTF8.self).debugDescription
                throw SealingError(
                    .unknownKey, "\(content) is sealed with the key \(shown), which is not among the keys; add it")
            }
            do {
                let box = try AES.GCM.SealedBox(
                    nonce: AES.GCM.Nonce(data: rest.prefix(Self.nonceLength)),
                    ciphertext: rest.dropFirst(Self.nonceLength).dropLast(Self.tagLength),
                    tag: rest.suffix(Self.tagLength))
                return [UInt8](try AES.GCM.open(box, using: key, authenticating: Self.authenticated(head, content)))
            } catch {
                // The library's error says no more, by design.
                throw SealingError(
                    .notAuthentic,
                    "\(content) was changed, sealed with another key of the name \(name.debugDescription), or sealed for another kind or part; "
                        + "compare the keys of all processes")
            }
        }

        /// Whether the part is among those that were passed as `acceptingUnsealed`.
        public func acceptsUnsealed(_ content: SealedContent) -> Bool { unsealed.contains(content.part) }

        private static func authenticated(_ head: some Collection<UInt8>, _ content: SealedContent) -> [UInt8] {
            Array(head) + Array("\(content.part.rawValue)/\(content.kind)".utf8)
        }
    }
#endif
