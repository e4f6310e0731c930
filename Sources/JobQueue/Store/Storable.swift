/// What every store can keep. A job's own words and numbers are brought into this form before they reach a store, so that none
/// is refused there: one refused value would hold up the outcomes of all jobs in its batch.
extension String {
    /// The text without zero characters, at most 2,000 bytes of UTF-8 long.
    package var storable: String {
        let most = 2000
        if utf8.count <= most, !utf8.contains(0) { return self }
        var text = String(String.UnicodeScalarView(unicodeScalars.prefix(most).map { $0 == "\0" ? "\u{FFFD}" : $0 }))
        guard text.utf8.count > most else { return text }
        while text.utf8.count > most - 3 { text.unicodeScalars.removeLast(max(1, (text.utf8.count - most) / 4)) }
        return text + "…"
    }
}

extension Duration {
    /// Not less than zero and not more than a hundred years.
    package var storable: Duration { min(max(self, .zero), .seconds(100 * 31_557_600 as Int64)) }
}

extension JobStart {
    /// Within a hundred years, or before the end of the year 9999.
    package var storable: JobStart {
        switch self {
        case .now: .now
        case .after(let delay): .after(delay.storable)
        case .atMicroseconds(let moment): .atMicroseconds(min(max(moment, 0), 253_402_300_799_999_999))
        }
    }
}

extension JobOutcome {
    /// The outcome with texts and delays that every store can keep.
    package var storable: JobOutcome {
        switch self {
        case .completed, .waitingForChildren, .returned: self
        case .retry(let delay, let error): .retry(after: delay.storable, error: error.storable)
        case .snoozed(let delay): .snoozed(delay.storable)
        case .dead(let error): .dead(error: error.storable)
        case .discarded(let reason): .discarded(reason: reason.storable)
        case .cancelled(let reason): .cancelled(reason: reason.storable)
        }
    }
}

extension NewJob {
    /// The longest name or key, in bytes of UTF-8: an index must hold it.
    package static var longestName: Int { 1000 }

    /// Checks jobs that are to be stored in one call. To be called by every store.
    /// - Throws: ``JobError`` with `invalidOption`, which names the job, the rule and the remedy.
    package static func validate(_ jobs: [NewJob]) throws(JobError) {
        for job in jobs { try job.validate() }
        try rejectCycles(in: jobs)
    }

    private func validate() throws(JobError) {
        try check("kind", kind)
        try check("queue", queue)
        try check("uniqueKey", uniqueKey)
        try check("idempotencyKey", idempotencyKey)
        try check("concurrency key", concurrency?.key)
        if metadata.contains(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) {
            throw invalid("metadata contains a zero character; remove it")
        }
        let counts = 1...Int(Int32.max)
        guard counts.contains(maxAttempts), (1...Int(Int16.max)).contains(maxRescues),
            concurrency.map({ counts.contains($0.limit) }) ?? true
        else { throw invalid("attempts, rescues and concurrency limits must be within 1…\(counts.upperBound)") }
        if dependsOn.contains(id) || parent == id { throw invalid("it would wait for itself; leave its own id out") }
    }

    private func check(_ what: StaticString, _ text: String?) throws(JobError) {
        guard let text else { return }
        if text.utf8.contains(0) { throw invalid("\(what) contains a zero character; remove it") }
        if text.utf8.count > Self.longestName {
            throw invalid("\(what) has \(text.utf8.count) bytes, above \(Self.longestName); use a digest of it")
        }
    }

    /// The jobs that must be known before it can be stored: those that it depends on, and its parent.
    package var relatives: [JobID] { parent.map { dependsOn + [$0] } ?? dependsOn }

    /// The error of a job whose parent, or a job that it depends on, is not known.
    package func unknown(_ other: JobID) -> JobError {
        JobError(
            .unknownDependency,
            "job \(id) (\(kind.storable)) \(parent == other ? "is a child of" : "depends on") \(other), which is not known; enqueue "
                + "that before it, or in the same call")
    }

    private func invalid(_ rule: String) -> JobError {
        JobError(.invalidOption, "job \(id) (\(kind.storable)): \(rule)")
    }

    /// Refuses jobs that would wait for each other for ever. Only jobs of one call can: an earlier one cannot wait for a later.
    private static func rejectCycles(in jobs: [NewJob]) throws(JobError) {
        guard jobs.contains(where: { !$0.dependsOn.isEmpty }) else { return }
        var waitsFor: [JobID: [JobID]] = [:]
        for job in jobs { waitsFor[job.id, default: []] += job.dependsOn }
        let parents = Set(jobs.filter(\.awaitsChildren).map(\.id))
        for job in jobs { if let parent = job.parent, parents.contains(parent) { waitsFor[parent]?.append(job.id) } }
        // Takes out jobs that wait for none of the others, again and again; what remains is in a cycle or behind one.
        var waiting: [JobID: Int] = [:]
        var dependents: [JobID: [JobID]] = [:]
        for (job, others) in waitsFor {
            for other in others where waitsFor[other] != nil {
                waiting[job, default: 0] += 1
                dependents[other, default: []].append(job)
            }
        }
        var free = waitsFor.keys.filter { waiting[$0] == nil }
        while let job = free.popLast() {
            for dependent in dependents[job] ?? [] {
                waiting[dependent, default: 0] -= 1
                if waiting[dependent] == 0 {
                    waiting[dependent] = nil
                    free.append(dependent)
                }
            }
        }
        guard let first = jobs.first(where: { waiting[$0.id] != nil }) else { return }
        throw first.invalid(
            "it would wait for itself through the jobs that it depends on; break the circle of dependencies")
    }
}
