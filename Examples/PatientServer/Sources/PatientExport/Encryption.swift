/// Encrypts a stream of any length with a password, record by record, in constant memory: AES-256-GCM, the key by
/// PBKDF2-HMAC-SHA256. `Documentation/PatientFormats.md` describes the bytes.
public struct Encryptor {
    private let format: RecordFormat
    private var waiting: [UInt8] = []
    private var number: UInt32 = 0
    private var hasBegun = false

    /// A stream with its own salt and nonce. Takes a fraction of a second, on purpose.
    /// - Parameter rounds: of PBKDF2, 210,000…10,000,000.
    public init(password: String, rounds: Int = 600_000) throws(ExportError) {
        format = try RecordFormat(password: password, rounds: rounds)
    }

    /// Encrypts more bytes; whole records are appended to `output`.
    public mutating func append(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) throws(ExportError) {
        begin(&output)
        waiting += bytes
        var start = 0
        // One record stays back: only `finish` knows which one is the last.
        while waiting.count - start > RecordFormat.recordLength {
            let end = start + RecordFormat.recordLength
            output += try format.seal(waiting[start..<end], number: number, isLast: false)
            guard number < .max else { throw ExportError(.invalidOption, "the stream is longer than 2^32 records") }
            number += 1
            start = end
        }
        waiting.removeFirst(start)
    }

    /// Writes the last record. Nothing may be appended after it.
    public mutating func finish(into output: inout [UInt8]) throws(ExportError) {
        begin(&output)
        output += try format.seal(waiting[...], number: number, isLast: true)
        waiting = []
    }

    private mutating func begin(_ output: inout [UInt8]) {
        if !hasBegun { output += format.head }
        hasBegun = true
    }
}

/// Reads what ``Encryptor`` wrote, in constant memory. What it gives was authenticated; only after `finish` is it known
/// to be whole.
public struct Decryptor {
    private let password: String
    private var format: RecordFormat?
    private var waiting: [UInt8] = []
    private var number: UInt32 = 0

    /// A reader; the password is tried as soon as the head is there.
    public init(password: String) { self.password = password }

    /// Decrypts more bytes; whole records are appended to `output`.
    /// - Throws: ``ExportError`` with `invalidFormat`, `wrongPassword` or `tampered`.
    public mutating func append(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) throws(ExportError) {
        waiting += bytes
        var start = 0
        if format == nil, waiting.count >= RecordFormat.headLength {
            format = try RecordFormat(password: password, head: Array(waiting.prefix(RecordFormat.headLength)))
            start = RecordFormat.headLength
        }
        guard let format else { return }
        let length = RecordFormat.recordLength + RecordFormat.tagLength
        while waiting.count - start > length {
            guard let plain = format.open(waiting[start..<start + length], number: number, isLast: false) else {
                throw damaged
            }
            output += plain
            number += 1
            start += length
        }
        waiting.removeFirst(start)
    }

    /// Reads the last record.
    /// - Throws: ``ExportError`` with `truncated` when bytes are missing at the end, `tampered` when they were changed.
    public mutating func finish(into output: inout [UInt8]) throws(ExportError) {
        guard let format else {
            let isBegin = waiting.starts(with: RecordFormat.magic.prefix(waiting.count))
            throw isBegin
                ? ExportError(.truncated, "the file ends within its head; fetch it again")
                : ExportError(.invalidFormat, "this is no encrypted export: it does not begin with VITALSE1's head")
        }
        if let plain = format.open(waiting[...], number: number, isLast: true) {
            output += plain
            waiting = []
        } else if waiting.count < RecordFormat.tagLength
            || format.open(waiting[...], number: number, isLast: false) != nil
        {
            throw ExportError(.truncated, "the file ends after record \(number), which is not its last; fetch it again")
        } else {
            throw damaged
        }
    }

    private var damaged: ExportError {
        ExportError(.tampered, "record \(number) was changed, moved or cut off; nothing from it on is given")
    }
}
