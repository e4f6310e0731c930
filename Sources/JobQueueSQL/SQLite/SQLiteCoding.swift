import JobQueue
import SQLDatabase

extension JobID {
    /// Sixteen bytes, so that the order of blobs is the order of ids.
    var blob: SQLValue { .blob(wordBytes(high, low)) }

    init?(blob value: SQLValue) {
        guard case .blob(let bytes) = value, let (high, low) = words(bytes) else { return nil }
        self.init(high: high, low: low)
    }
}

extension WorkerID {
    var blob: SQLValue { .blob(wordBytes(high, low)) }

    init?(blob value: SQLValue) {
        guard case .blob(let bytes) = value, let (high, low) = words(bytes) else { return nil }
        self.init(high: high, low: low)
    }
}

private func wordBytes(_ high: UInt64, _ low: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
        for index in 0..<8 {
            buffer[index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(index)))
            buffer[index + 8] = UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64(index)))
        }
        count = 16
    }
}

private func words(_ bytes: [UInt8]) -> (UInt64, UInt64)? {
    guard bytes.count == 16 else { return nil }
    let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return (high, low)
}

/// A whole row of `vitals_job` as a record.
enum SQLiteRecord {
    static let columns = """
        id, queue, kind, priority, state, run, attempt, rescues, cancel_requested, worker, created_at, run_at, \
        started_at, finished_at, max_attempts, max_rescues, unique_key, idempotency_key, concurrency_key, \
        concurrency_limit, parent, awaits_children, proceeds, depends_on, metadata, progress, progress_message, error, \
        checkpoint, result, payload
        """

    static func read(_ row: SQLRow) throws -> JobRecord {
        guard let id = JobID(blob: row.values[0]), let state = JobState(code: row.int(4)) else {
            throw JobError(.storeFailed, "a stored job has no id or no state that this version knows")
        }
        let runAt = row.integer(11) ?? 0
        var job = NewJob(
            id: id, kind: row.text(2) ?? "", queue: row.text(1) ?? "", priority: JobPriority(rawValue: row.int(3)),
            payload: row.bytes(30) ?? [], start: .atMicroseconds(runAt), maxAttempts: row.int(14),
            maxRescues: row.int(15), uniqueKey: row.text(16), idempotencyKey: row.text(17),
            parent: JobID(blob: row.values[20]), awaitsChildren: row.flag(21), dependsOn: TextColumn.ids(row.text(23)),
            whenDependencyFails: row.flag(22) ? .proceed : .fail, metadata: try TextColumn.metadata(row.text(24)))
        if let key = row.text(18) { job.concurrency = ConcurrencyLimit(key: key, limit: row.int(19)) }
        var record = JobRecord(
            job: job, state: state, createdAt: .init(microseconds: row.integer(10) ?? 0),
            runAt: .init(microseconds: runAt))
        record.run = row.integer(5) ?? 0
        record.attempt = row.int(6)
        record.rescues = row.int(7)
        record.cancelRequested = row.flag(8)
        record.worker = WorkerID(blob: row.values[9])
        record.startedAt = row.integer(12).map { .init(microseconds: $0) }
        record.finishedAt = row.integer(13).map { .init(microseconds: $0) }
        record.progress = row.double(25)
        record.progressMessage = row.text(26)
        record.error = row.text(27)
        record.checkpoint = row.bytes(28)
        record.result = row.bytes(29)
        return record
    }
}
