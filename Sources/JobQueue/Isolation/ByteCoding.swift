/// Fields one after the other: integers in eight bytes, little-endian; texts and bytes with their length in front.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: UInt8) { bytes.append(value) }

    mutating func put(_ value: Int64) {
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * Int64(shift)))) }
    }

    mutating func put(_ value: Double) { put(Int64(bitPattern: value.bitPattern)) }

    mutating func put(_ value: [UInt8]) {
        put(Int64(value.count))
        bytes += value
    }

    mutating func put(_ value: String) { put(Array(value.utf8)) }

    mutating func put<Value>(_ value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
        put(UInt8(value == nil ? 0 : 1))
        if let value { body(&self, value) }
    }

    mutating func put(_ id: JobID) {
        put(Int64(bitPattern: id.high))
        put(Int64(bitPattern: id.low))
    }

    mutating func put(_ job: ClaimedJob) {
        put(job.id)
        put(job.run)
        put(job.kind)
        put(job.queue)
        put(job.payload)
        put(Int64(job.attempt))
        put(Int64(job.maxAttempts))
        put(job.waited.microseconds)
        put(job.checkpoint) { $0.put($1) }
        put(job.parent) { $0.put($1) }
        put(Int64(job.metadata.count))
        for (key, value) in job.metadata {
            put(key)
            put(value)
        }
    }

    mutating func put(_ outcome: JobOutcome) {
        put(outcome.name)
        switch outcome {
        case .completed(let result): put(result) { $0.put($1) }
        case .retry(let delay, let error):
            put(delay.microseconds)
            put(error)
        case .snoozed(let delay): put(delay.microseconds)
        case .dead(let text), .discarded(let text), .cancelled(let text): put(text)
        case .waitingForChildren, .returned: break
        }
    }
}

/// Reads what ``ByteWriter`` wrote. Past the end, or where a length makes no sense, it is broken and gives zeros.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var isBroken = false

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else {
            isBroken = true
            return 0
        }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func integer() -> Int64 {
        (0..<8).reduce(0) { value, shift in value | Int64(byte()) << (8 * Int64(shift)) }
    }

    mutating func double() -> Double { Double(bitPattern: UInt64(bitPattern: integer())) }

    mutating func data() -> [UInt8] {
        let count = integer()
        guard count >= 0, count <= Int64(bytes.count - position) else {
            isBroken = true
            return []
        }
        defer { position += Int(count) }
        return Array(bytes[position..<(position + Int(count))])
    }

    mutating func text() -> String { String(decoding: data(), as: UTF8.self) }

    mutating func optional<Value>(_ body: (inout ByteReader) -> Value?) -> Value? {
        byte() == 1 ? body(&self) : nil
    }

    mutating func id() -> JobID {
        let high = integer()
        return JobID(high: UInt64(bitPattern: high), low: UInt64(bitPattern: integer()))
    }

    mutating func job() -> ClaimedJob? {
        var job = ClaimedJob(
            id: id(), run: integer(), kind: text(), queue: text(), payload: data(), attempt: Int(integer()),
            maxAttempts: Int(integer()), waited: .microseconds(integer()), checkpoint: optional { $0.data() },
            parent: optional { $0.id() })
        let count = integer()
        guard !isBroken, count >= 0, count <= Int64(bytes.count) else { return nil }
        for _ in 0..<count {
            let key = text()
            job.metadata[key] = text()
        }
        return job
    }

    mutating func outcome() -> JobOutcome? {
        switch text() {
        case "completed": .completed(result: optional { $0.data() })
        case "retry": .retry(after: .microseconds(integer()), error: text())
        case "snoozed": .snoozed(.microseconds(integer()))
        case "dead": .dead(error: text())
        case "discarded": .discarded(reason: text())
        case "cancelled": .cancelled(reason: text())
        case "waiting": .waitingForChildren
        case "returned": .returned
        default: nil
        }
    }
}
