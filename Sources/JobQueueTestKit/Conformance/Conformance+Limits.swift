import JobQueue

extension JobStoreConformance {
    static let limiting: [Case] = [
        Case("each job under a key has its own limit, and one without a place holds up those behind it") { probe in
            var random = SplitMix(state: 24301)
            for round in 0..<12 {
                let worker = try await probe.worker()
                let limits = (0..<8).map { _ in 1 + random.next(below: 4) }
                let jobs = limits.map { limit in
                    sample { $0.concurrency = ConcurrencyLimit(key: "round \(round)", limit: limit) }
                }
                _ = try await probe.store.enqueue(jobs)
                var held: [JobID] = []
                var next = 0
                func admit() {
                    while next < jobs.count, held.count < limits[next] {
                        held.append(jobs[next].id)
                        next += 1
                    }
                }
                admit()
                var running: [ClaimedJob] = []
                while !held.isEmpty {
                    running += try await probe.claim(worker, 9)
                    try probe.expectEqual(Set(running.map(\.id)), Set(held), "running in round \(round) of \(limits)")
                    let ended = running.remove(at: random.next(below: running.count))
                    try await probe.end(ended, worker)
                    held.removeAll { $0 == ended.id }
                    admit()
                }
                try probe.expectEqual(next, jobs.count, "ended in round \(round)")
            }
        },
        Case("a limit outside its range is refused") { probe in
            let wrong: [QueueChange] = [
                .maxConcurrent(0), .maxConcurrent(-1), .maxConcurrent(.max), .rateLimit(RateLimit(0, per: .seconds(1))),
                .rateLimit(RateLimit(1, per: .zero)), .rateLimit(RateLimit(1, per: .seconds(-1))),
                .rateLimit(RateLimit(.max, per: .seconds(1))), .rateLimit(RateLimit(1, per: .seconds(.max / 2))),
            ]
            for change in wrong {
                var isRefused = false
                do { try await probe.store.configure("q", change) } catch let error as JobError
                    where error.code == .invalidOption
                {
                    isRefused = true
                }
                try probe.expect(isRefused, "\(change)")
            }
        },
        Case("of one concurrency key only so many run, whoever claims") { probe in
            let first = try await probe.worker()
            let second = try await probe.worker()
            let limit = ConcurrencyLimit(key: "tenant:1", limit: 2)
            let keyed = (0..<5).map { _ in sample { $0.concurrency = limit } }
            let free = sample()
            _ = try await probe.store.enqueue(keyed + [free])
            var running = try await probe.claim(first, 1)
            running += try await probe.claim(second, 9)
            try probe.expectEqual(running.filter { $0.id != free.id }.count, 2, "running of the key")
            try probe.expect(running.contains { $0.id == free.id }, "a job without key is not held up")
            var done = 0
            while let next = running.first(where: { $0.id != free.id }) {
                running.removeAll { $0.id == next.id }
                let owner = try await probe.record(next.id).worker
                try await probe.end(next, owner ?? first)
                done += 1
                try await probe.eventually("the place is taken") {
                    running += try await probe.claim(first, 9)
                    return running.count == min(2, 5 - done) + 1
                }
            }
            try probe.expectEqual(done, 5, "done")
        },
        Case("a key's place is free again however its job left it") { probe in
            let worker = try await probe.worker()
            let limit = ConcurrencyLimit(key: "k", limit: 1)
            let outcomes: [JobOutcome] = [
                .completed(result: nil), .retry(after: .seconds(3600), error: "e"), .snoozed(.seconds(3600)),
                .dead(error: "d"), .discarded(reason: "x"), .cancelled(reason: "c"),
            ]
            _ = try await probe.store.enqueue(
                (0...outcomes.count).map { _ in sample { $0.concurrency = limit } })
            for outcome in outcomes {
                let job = try await probe.one(worker)
                try probe.expectEqual(try await probe.claim(worker).count, 0, "while one runs")
                try await probe.end(job, worker, outcome)
                try await probe.eventually("after \(outcome.name)") {
                    try await probe.store.statistics().contains { $0.counts[.ready] == 1 }
                }
            }
            let last = try await probe.one(worker)
            try await probe.end(last, worker, .returned)
            let again = try await probe.one(worker)
            try probe.expectEqual(again.id, last.id, "a returned job keeps its place")
        },
        Case("a waiting job of a key that is cancelled frees its place") { probe in
            let worker = try await probe.worker()
            let limit = ConcurrencyLimit(key: "k", limit: 1)
            let first = sample { $0.concurrency = limit }
            let second = sample { $0.concurrency = limit }
            let third = sample { $0.concurrency = limit }
            try await probe.enqueue(first, second, third)
            try await probe.expect(second.id, is: .throttled)
            try await probe.store.cancel(second.id)
            try await probe.store.cancel(first.id)
            try await probe.eventually("the place") { try await probe.record(third.id).state == .ready }
            try probe.expectEqual(try await probe.one(worker).id, third.id, "claimed")
        },
        Case("of those that wait for a key the most urgent is next") { probe in
            let worker = try await probe.worker()
            let limit = ConcurrencyLimit(key: "k", limit: 1)
            let first = sample { $0.concurrency = limit }
            let normal = sample { $0.concurrency = limit }
            let urgent = sample {
                $0.concurrency = limit
                $0.priority = .critical
            }
            for job in [first, normal, urgent] { try await probe.enqueue(job) }
            try await probe.end(probe.one(worker), worker)
            try await probe.eventually("the next") { try await probe.record(urgent.id).state == .ready }
            try await probe.expect(normal.id, is: .throttled)
        },
        Case("a queue's own limit holds over all workers") { probe in
            let first = try await probe.worker()
            let second = try await probe.worker()
            try await probe.store.configure("q", .maxConcurrent(3))
            _ = try await probe.store.enqueue((0..<6).map { _ in sample() })
            let running = try await probe.claim(first, 2)
            try probe.expectEqual(try await probe.claim(second, 5).count, 1, "the second worker's share")
            try await probe.end(running[0], first)
            try probe.expectEqual(try await probe.claim(second, 5).count, 1, "after one has ended")
            try await probe.store.configure("q", .maxConcurrent(nil))
            try probe.expectEqual(try await probe.claim(second, 5).count, 2, "without the limit")
        },
        Case("a queue's rate holds over all workers") { probe in
            let first = try await probe.worker()
            let second = try await probe.worker()
            try await probe.store.configure("q", .rateLimit(RateLimit(3, per: .seconds(3600))))
            _ = try await probe.store.enqueue((0..<6).map { _ in sample() })
            try probe.expectEqual(try await probe.claim(first, 2).count, 2, "the first claim")
            try probe.expectEqual(try await probe.claim(second, 5).count, 1, "the second claim")
            try probe.expectEqual(try await probe.claim(first, 5).count, 0, "the third claim")
            try await probe.store.configure("q", .rateLimit(RateLimit(100, per: .seconds(1))))
            try await probe.eventually("a faster rate") { try await !probe.claim(second, 1).isEmpty }
        },
    ]
}
