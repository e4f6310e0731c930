import JobQueue
import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JobID {
    /// Bound as text, which is cheaper to make than a UUID; the statements cast it.
    var text: SQLValue { .text(description) }

    init?(uuid value: SQLValue) {
        guard case .uuid(let uuid) = value else { return nil }
        let (high, low) = uuid.words
        self.init(high: high, low: low)
    }
}

extension WorkerID {
    var text: SQLValue { .text(description) }

    init?(uuid value: SQLValue) {
        guard case .uuid(let uuid) = value else { return nil }
        let (high, low) = uuid.words
        self.init(high: high, low: low)
    }
}

extension UUID {
    fileprivate var words: (UInt64, UInt64) {
        withUnsafeBytes(of: uuid) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}

extension SQLRow {
    func jobID(_ index: Int) -> JobID? { JobID(uuid: values[index]) }

    /// The ids of an array; none where it is NULL.
    func jobIDs(_ index: Int) -> [JobID] {
        if case .array(let ids) = values[index] { ids.compactMap { JobID(uuid: $0) } } else { [] }
    }

    /// Microseconds since 1970.
    func moment(_ index: Int) -> Int64? {
        if case .timestamp(let microseconds) = values[index] { microseconds } else { nil }
    }
}

extension SQLValue {
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    init(_ bytes: [UInt8]?) { self = bytes.map { .blob($0) } ?? .null }
    init(_ number: Int) { self = .integer(Int64(number)) }
    static func list(_ ids: [JobID]) -> SQLValue { .array(ids.map(\.text)) }
}

/// A row of `job` or `history` as a record.
enum PostgresRecord {
    static func columns(history: Bool) -> String {
        PostgresSchema.shared + ", state, error, progress, "
            + (history ? "finished_at, result" : "NULL::timestamptz, NULL::bytea")
    }

    static func read(_ row: SQLRow) throws -> JobRecord {
        guard let id = row.jobID(0), let state = JobState(code: row.int(27)) else {
            throw JobError(.storeFailed, "a stored job has no id or no state that this version knows")
        }
        let runAt = row.moment(11) ?? 0
        var job = NewJob(
            id: id, kind: row.text(2) ?? "", queue: row.text(1) ?? "", priority: JobPriority(rawValue: row.int(3)),
            payload: row.bytes(26) ?? [], start: .atMicroseconds(runAt), maxAttempts: row.int(13),
            maxRescues: row.int(14), uniqueKey: row.text(15), idempotencyKey: row.text(16), parent: row.jobID(19),
            awaitsChildren: row.flag(20), dependsOn: TextColumn.ids(row.text(22)),
            whenDependencyFails: row.flag(21) ? .proceed : .fail, metadata: try TextColumn.metadata(row.text(23)))
        if let key = row.text(17) { job.concurrency = ConcurrencyLimit(key: key, limit: row.int(18)) }
        var record = JobRecord(
            job: job, state: state, createdAt: .init(microseconds: row.moment(10) ?? 0),
            runAt: .init(microseconds: runAt))
        record.run = row.integer(4) ?? 0
        record.attempt = row.int(5)
        record.rescues = row.int(6)
        record.cancelRequested = row.flag(7)
        record.worker = WorkerID(uuid: row.values[9])
        record.startedAt = row.moment(12).map { .init(microseconds: $0) }
        record.progressMessage = row.text(24)
        record.checkpoint = row.bytes(25)
        record.error = row.text(28)
        record.progress = row.double(29)
        record.finishedAt = row.moment(30).map { .init(microseconds: $0) }
        record.result = row.bytes(31)
        return record
    }
}

/// A statement without parameters, whose text holds the schema's name. A literal given to `SQLQuery` alone would bind the name instead.
func statement(_ sql: String) -> SQLQuery { SQLQuery(unsafe: sql, []) }
