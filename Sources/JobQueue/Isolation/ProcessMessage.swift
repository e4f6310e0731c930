/// What a worker and a process of its pool say to each other: a length, a letter, and the fields in order.
enum ProcessMessage: Sendable, Hashable {
    // From the worker.
    case run(ClaimedJob)
    case cancel(JobCancellation)
    case checkpointSaved(number: Int64, error: String?)

    // From the process.
    case ready
    case update(progress: Double?, message: String?)
    case checkpoint(number: Int64, bytes: [UInt8])
    case committed
    case ended(JobOutcome?, progress: Double?, message: String?)

    /// The longest message that is believed.
    static let maxLength = 64 << 20

    /// The message with its length in front.
    var encoded: [UInt8] {
        var bytes = ByteWriter()
        switch self {
        case .run(let job):
            bytes.put(UInt8(ascii: "R"))
            bytes.put(job)
        case .cancel(let reason):
            bytes.put(UInt8(ascii: "C"))
            bytes.put(reason.rawValue)
        case .checkpointSaved(let number, let error):
            bytes.put(UInt8(ascii: "S"))
            bytes.put(number)
            bytes.put(error) { $0.put($1) }
        case .ready: bytes.put(UInt8(ascii: "r"))
        case .update(let progress, let message):
            bytes.put(UInt8(ascii: "u"))
            bytes.put(progress) { $0.put($1) }
            bytes.put(message) { $0.put($1) }
        case .checkpoint(let number, let data):
            bytes.put(UInt8(ascii: "c"))
            bytes.put(number)
            bytes.put(data)
        case .committed: bytes.put(UInt8(ascii: "k"))
        case .ended(let outcome, let progress, let message):
            bytes.put(UInt8(ascii: "e"))
            bytes.put(outcome) { $0.put($1) }
            bytes.put(progress) { $0.put($1) }
            bytes.put(message) { $0.put($1) }
        }
        let count = UInt32(bytes.bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) } + bytes.bytes
    }

    /// Reads a message without its length; `nil` where it is none.
    init?(_ body: some Collection<UInt8>) {
        var bytes = ByteReader(body)
        guard let message = Self.read(&bytes), !bytes.isBroken else { return nil }
        self = message
    }

    private static func read(_ bytes: inout ByteReader) -> ProcessMessage? {
        switch bytes.byte() {
        case UInt8(ascii: "R"): bytes.job().map { .run($0) }
        case UInt8(ascii: "C"): JobCancellation(rawValue: bytes.text()).map { .cancel($0) }
        case UInt8(ascii: "S"): .checkpointSaved(number: bytes.integer(), error: bytes.optional { $0.text() })
        case UInt8(ascii: "r"): .ready
        case UInt8(ascii: "u"):
            .update(progress: bytes.optional { $0.double() }, message: bytes.optional { $0.text() })
        case UInt8(ascii: "c"): .checkpoint(number: bytes.integer(), bytes: bytes.data())
        case UInt8(ascii: "k"): .committed
        case UInt8(ascii: "e"):
            .ended(
                bytes.optional { $0.outcome() }, progress: bytes.optional { $0.double() },
                message: bytes.optional { $0.text() })
        default: nil
        }
    }
}

/// Cuts a stream of bytes into messages.
struct MessageStream {
    private var buffer: [UInt8] = []
    private var start = 0

    mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next whole message, if there is one.
    /// - Throws: ``JobError`` with `processDied` for bytes that are no message.
    mutating func next() throws(JobError) -> ProcessMessage? {
        guard buffer.count - start >= 4 else { return nil }
        let length = (0..<4).reduce(0) { $0 | Int(buffer[start + $1]) << (8 * $1) }
        guard length <= ProcessMessage.maxLength else { throw Self.broken }
        guard buffer.count - start >= 4 + length else { return nil }
        defer { start += 4 + length }
        guard let message = ProcessMessage(buffer[(start + 4)..<(start + 4 + length)]) else { throw Self.broken }
        return message
    }

    private static var broken: JobError {
        JobError(.processDied, "the process of the pool says what is no message; is it of the same version?")
    }
}
