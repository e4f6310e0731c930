import JobQueue

/// What jobs and callers may hand over without knowing better: nothing of it may hold up the jobs beside it.
extension JobStoreConformance {
    private static let texts = [
        "", "bad\0byte", "\0", String(repeating: "\0", count: 5000), String(repeating: "é", count: 3000),
        String(repeating: "👩‍👩‍👧‍👦", count: 900), "\u{FEFF}\u{202E}\u{FFFF}", "'; DROP TABLE job; --", "\\x00",
        "\u{1}\u{7F}\r\n\t",
    ]
    private static let delays: [Duration] = [
        .zero, .seconds(-1), .seconds(Int64.max), .seconds(Int64.min), .nanoseconds(1), .seconds(86_400 * 366 * 90),
    ]

    static let hostile: [Case] = [
        Case("whatever a job says of its end is kept, and holds up no other outcome") { probe in
            var outcomes: [JobOutcome] = []
            for text in texts {
                outcomes += [.dead(error: text), .discarded(reason: text), .cancelled(reason: text)]
                outcomes += [.retry(after: .seconds(5), error: text), .completed(result: Array(text.utf8))]
            }
            for delay in delays { outcomes += [.retry(after: delay, error: "later"), .snoozed(delay)] }
            let worker = try await probe.worker()
            // Each hostile outcome between two good ones.
            let jobs = (0..<2 * outcomes.count).map { _ in sample() }
            _ = try await probe.store.enqueue(jobs)
            let claimed = try await probe.claim(worker, jobs.count)
            try probe.expectEqual(claimed.count, jobs.count, "claimed")
            let reply = try await probe.store.exchange(
                ExchangeRequest(
                    worker: worker,
                    acknowledgements: claimed.enumerated().map { number, job in
                        Acknowledgement(
                            job.reference, number % 2 == 0 ? outcomes[number / 2] : .completed(result: nil))
                    }))
            try probe.expectEqual(reply.rejected, [], "refused")
            for (number, job) in claimed.enumerated() {
                let record = try await probe.record(job.id)
                try probe.expect(record.state != .running, "outcome \(number / 2) has ended the run")
                try probe.expect((record.error?.utf8.count ?? 0) <= 2000, "an error of at most 2,000 bytes")
                guard number % 2 == 0 else {
                    try probe.expectEqual(record.state, .completed, "the good one after outcome \(number / 2)")
                    continue
                }
                if case .snoozed(let delay) = outcomes[number / 2], delay > .zero {
                    try probe.expectEqual(record.state, .scheduled, "state after a snooze of \(delay)")
                    try probe.expect(record.runAt > record.createdAt, "a snooze of \(delay) ends later")
                }
            }
            try await probe.maintain()
        },
        Case("whatever a job says of its progress is kept, or is nothing") { probe in
            let worker = try await probe.worker()
            _ = try await probe.store.enqueue(texts.map { _ in sample() })
            let claimed = try await probe.claim(worker, texts.count)
            let figures: [Double] = [.nan, .infinity, -.infinity, -1, 2, 0.5, .leastNonzeroMagnitude]
            for figure in figures {
                let lost = try await probe.store.save(
                    zip(claimed, texts).map { RunUpdate($0.reference, progress: figure, message: $1) }, worker: worker)
                try probe.expectEqual(lost, [], "runs that are lost")
            }
            for job in claimed {
                let progress = try await probe.record(job.id).progress ?? 0
                try probe.expect((0...1).contains(progress), "progress of \(progress)")
                try probe.expect(try await probe.end(job, worker), "accepted")
            }
        },
        Case("a job that cannot be stored is refused by name, and nothing of its call is stored") { probe in
            var bad: [(NewJob, String)] = []
            func add(_ rule: String, _ change: (inout NewJob) -> Void) { bad.append((sample(change), rule)) }
            for text in ["a\0b", String(repeating: "k", count: 1001)] {
                add("kind") { $0.kind = text }
                add("queue") { $0.queue = text }
                add("uniqueKey") { $0.uniqueKey = text }
                add("idempotencyKey") { $0.idempotencyKey = text }
                add("concurrency") { $0.concurrency = ConcurrencyLimit(key: text, limit: 1) }
            }
            add("metadata") { $0.metadata = ["a": "b\0"] }
            add("attempts") { $0.maxAttempts = .max }
            add("attempts") { $0.maxRescues = 0 }
            add("limits") { $0.concurrency = ConcurrencyLimit(key: "k", limit: .max) }
            add("itself") { $0.dependsOn = [$0.id] }
            add("itself") { $0.parent = $0.id }
            for (job, rule) in bad {
                let good = sample()
                let error = await jobError { _ = try await probe.store.enqueue([good, job]) }
                try probe.expectEqual(error?.code, .invalidOption, "the error for \(rule)")
                try probe.expect(error?.message.contains(rule) == true, "\(error?.message ?? "none") names \(rule)")
                try probe.expect(try await probe.store.job(good.id) == nil, "the good one is not stored")
            }
        },
        Case("a start beyond every calendar is one far away") { probe in
            for start in [
                JobStart.after(.seconds(Int64.max)), .atMicroseconds(.max), .after(.seconds(86_400 * 365 * 99)),
            ] {
                let job = sample { $0.start = start }
                try await probe.enqueue(job)
                try await probe.expect(job.id, is: .scheduled)
            }
            for start in [JobStart.after(.seconds(Int64.min)), .atMicroseconds(.min), .atMicroseconds(0)] {
                let job = sample { $0.start = start }
                try await probe.enqueue(job)
                try await probe.eventually("it is ready") { try await probe.record(job.id).state == .ready }
            }
        },
        Case("jobs that would wait for each other for ever, or for nobody, are refused") { probe in
            let (a, b, c) = (JobID(), JobID(), JobID())
            func job(_ id: JobID, _ dependsOn: [JobID] = [], parent: JobID? = nil, awaits: Bool = false) -> NewJob {
                sample { ($0.id, $0.dependsOn, $0.parent, $0.awaitsChildren) = (id, dependsOn, parent, awaits) }
            }
            let circles = [
                [job(a, [b]), job(b, [a])], [job(a, [b]), job(b, [c]), job(c, [a])],
                [job(a, awaits: true), job(b, [a], parent: a)],
                [job(a, [c]), job(b, parent: c), job(c, [b]), job(b, [a])],
            ]
            for circle in circles {
                let error = await jobError { _ = try await probe.store.enqueue(circle) }
                try probe.expectEqual(error?.code, .invalidOption, "the error for a circle")
                try probe.expect(error?.message.contains("circle") == true, "\(error?.message ?? "none") says why")
            }
            for stray in [job(a, [JobID()]), job(a, parent: JobID())] {
                let error = await jobError { _ = try await probe.store.enqueue([stray]) }
                try probe.expectEqual(error?.code, .unknownDependency, "the error for an unknown job")
            }
            try probe.expect(try await probe.store.job(a) == nil, "nothing is stored")
            // A long chain is no circle, in whichever order it comes.
            let ids = (0..<300).map { _ in JobID() }
            let chain = ids.indices.map { job(ids[$0], $0 == 0 ? [] : [ids[$0 - 1]]) }
            _ = try await probe.store.enqueue(chain.reversed())
            try await probe.expect(ids[0], is: .ready)
            try await probe.expect(ids[299], is: .blocked)
        },
        Case("of a call that is repeated in part only what is new is new") { probe in
            for keyed in [false, true] {
                let jobs = (0..<20).map { number in sample { if keyed { $0.uniqueKey = "\(number) \($0.id)" } } }
                let first = try await probe.store.enqueue(Array(jobs[..<12]))
                try probe.expectEqual(first.map(\.isNew), Array(repeating: true, count: 12), "the first call")
                let second = try await probe.store.enqueue(jobs)
                try probe.expectEqual(second.map(\.id), jobs.map(\.id), "ids")
                try probe.expectEqual(second.map(\.isNew), jobs.indices.map { $0 >= 12 }, "the second call")
                let third = try await probe.store.enqueue(jobs)
                try probe.expectEqual(third.map(\.isNew), Array(repeating: false, count: 20), "the third call")
            }
        },
        Case("the reason of a cancellation is not hidden by an earlier attempt's error") { probe in
            let worker = try await probe.worker()
            let job = sample()
            try await probe.enqueue(job)
            try await probe.end(try await probe.one(worker), worker, .retry(after: .zero, error: "the first attempt"))
            try await probe.eventually("the second attempt") { try await probe.record(job.id).state == .ready }
            let second = try await probe.one(worker)
            _ = try await probe.store.cancel([job.id], reason: "no longer wanted")
            _ = try await probe.store.cancel([job.id], reason: "asked twice")
            try probe.expectEqual(try await probe.record(job.id).error, "no longer wanted", "while it runs")
            try await probe.end(second, worker, .cancelled(reason: ""))
            try await probe.expect(job.id, is: .cancelled)
            try probe.expectEqual(try await probe.record(job.id).error, "no longer wanted", "in the end")
        },
        Case("a job that is retried by hand waits again for what it waited for") { probe in
            let worker = try await probe.worker()
            let parent = sample { $0.awaitsChildren = true }
            let children = (0..<3).map { _ in sample { $0.parent = parent.id } }
            let first = sample()
            let second = sample { $0.dependsOn = [first.id] }
            let third = sample { $0.dependsOn = [second.id] }
            let jobs = [parent] + children + [first, second, third]
            _ = try await probe.store.enqueue(jobs)
            for job in try await probe.claim(worker, 10) where job.id == children[0].id || job.id == first.id {
                try await probe.end(job, worker, .dead(error: "e"))
            }
            for id in [parent.id, second.id, third.id] {
                try await probe.eventually("the end of what waits") { try await probe.record(id).state == .dead }
            }
            _ = try await probe.store.cancel(children.map(\.id), reason: "the rest")
            for job in children[1...] {
                try await probe.eventually("its end") {
                    let record = try await probe.record(job.id)
                    if record.state == .running {
                        _ = try await probe.store.exchange(
                            ExchangeRequest(
                                worker: worker,
                                acknowledgements: [
                                    Acknowledgement(RunReference(id: job.id, run: record.run), .cancelled(reason: ""))
                                ]))
                    }
                    return record.state.isTerminal
                }
            }
            // In an order in which none is there yet that another waits for.
            let order = [third.id, second.id, first.id, parent.id] + children.map(\.id)
            try probe.expectEqual(Set(try await probe.store.retry(order)), Set(order), "retried")
            for id in [parent.id, second.id, third.id] { try await probe.expect(id, is: .blocked) }
            var done: [JobID] = []
            try await probe.eventually("all are done") {
                for job in try await probe.claim(worker, 1) {
                    done.append(job.id)
                    try await probe.end(job, worker)
                }
                return done.count == order.count
            }
            func place(_ id: JobID) -> Int { done.firstIndex(of: id) ?? -1 }
            try probe.expect(place(first.id) < place(second.id) && place(second.id) < place(third.id), "in their order")
            try probe.expect(children.allSatisfy { place($0.id) < place(parent.id) }, "the parent after its children")
        },
        Case("calls with the same unique keys in any order do not stop each other") { probe in
            let keys = (0..<100).map { "key \($0) \(JobID())" }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    let ordered = number % 2 == 0 ? keys : keys.reversed()
                    group.addTask {
                        try await probe.store.enqueue(ordered.map { key in sample { $0.uniqueKey = key } })
                            .count(where: \.isNew)
                    }
                }
                var stored = 0
                for try await count in group { stored += count }
                try probe.expectEqual(stored, keys.count, "each is stored once")
            }
        },
    ]

    private static func jobError(_ body: () async throws -> Void) async -> JobError? {
        do {
            try await body()
            return nil
        } catch { return error as? JobError }
    }
}
