import JobQueue

extension JobStoreConformance {
    static let enqueuing: [Case] = [
        Case("what is enqueued is found again, field by field") { probe in
            let parent = NewJob(kind: "parent", queue: "other")
            let job = NewJob(
                kind: "kind ä \"quoted\"", queue: "q'1", priority: .high, payload: [0, 1, 255, 10, 34],
                start: .after(.seconds(3600)), maxAttempts: 7, maxRescues: 2, uniqueKey: "u\nkey",
                idempotencyKey: "i,{}key", concurrency: ConcurrencyLimit(key: "c", limit: 3), parent: parent.id,
                whenDependencyFails: .proceed, metadata: ["traceparent": "00-ab", "b": "ß\"\\,{}"])
            let receipts = try await probe.enqueue(parent, job)
            try probe.expectEqual(receipts.map(\.id), [parent.id, job.id], "receipts")
            try probe.expect(receipts.allSatisfy(\.isNew), "both are new")
            let record = try await probe.record(job.id)
            var found = record.job
            found.start = job.start
            try probe.expectEqual(found, job, "the job")
            try probe.expectEqual(record.state, .scheduled, "state")
            try probe.expectEqual(record.attempt, 0, "attempt")
            let ahead = record.runAt.microseconds - record.createdAt.microseconds
            try probe.expect(abs(ahead - 3_600_000_000) < 1_000_000, "due in an hour, not in \(ahead) µs")
            try await probe.expect(parent.id, is: .ready)
        },
        Case("nothing comes of nothing") { probe in
            let worker = try await probe.worker()
            try probe.expectEqual(try await probe.store.enqueue([]).count, 0, "receipts")
            try probe.expectEqual(try await probe.claim(worker, 5).count, 0, "jobs")
            try probe.expectEqual(try await probe.store.cancel([], reason: "").count, 0, "cancelled")
            try probe.expectEqual(try await probe.store.retry([]).count, 0, "retried")
            try probe.expectEqual(try await probe.store.delete([]).count, 0, "deleted")
            try probe.expectEqual(try await probe.store.save([], worker: worker).count, 0, "lost")
            try probe.expect(try await probe.store.job(JobID()) == nil, "an unknown job is nil")
        },
        Case("a job that gives way to a unique key leaves its idempotency key free") { probe in
            let worker = try await probe.worker()
            let first = sample { $0.uniqueKey = "k" }
            let second = sample {
                $0.uniqueKey = "k"
                $0.idempotencyKey = "i"
            }
            try await probe.enqueue(first)
            try probe.expectEqual(
                try await probe.enqueue(second), [EnqueueReceipt(id: first.id, isNew: false)], "while it is taken")
            try await probe.end(probe.one(worker), worker)
            let third = sample { $0.idempotencyKey = "i" }
            try probe.expectEqual(
                try await probe.enqueue(third), [EnqueueReceipt(id: third.id, isNew: true)], "afterwards")
        },
        Case("a unique key is taken until its job has ended") { probe in
            let worker = try await probe.worker()
            let first = sample { $0.uniqueKey = "k" }
            let second = sample { $0.uniqueKey = "k" }
            try await probe.enqueue(first)
            try probe.expectEqual(
                try await probe.enqueue(second), [EnqueueReceipt(id: first.id, isNew: false)], "the second's receipt")
            let claimed = try await probe.one(worker)
            try probe.expectEqual(
                try await probe.enqueue(second).first?.isNew, false, "new while the first runs")
            try await probe.end(claimed, worker)
            try probe.expectEqual(
                try await probe.enqueue(second), [EnqueueReceipt(id: second.id, isNew: true)], "after the first's end")
        },
        Case("of jobs of one call with one unique key the first is stored") { probe in
            let jobs = (0..<3).map { _ in sample { $0.uniqueKey = "same" } }
            let receipts = try await probe.store.enqueue(jobs + [sample()])
            try probe.expectEqual(receipts.map(\.isNew), [true, false, false, true], "new")
            try probe.expectEqual(receipts.prefix(3).map(\.id), Array(repeating: jobs[0].id, count: 3), "ids")
        },
        Case("an idempotency key is taken also after its job has ended") { probe in
            let worker = try await probe.worker()
            let first = sample { $0.idempotencyKey = "k" }
            let second = sample { $0.idempotencyKey = "k" }
            try await probe.enqueue(first)
            try await probe.end(probe.one(worker), worker)
            try probe.expectEqual(
                try await probe.enqueue(second), [EnqueueReceipt(id: first.id, isNew: false)], "the second's receipt")
            try probe.expect(try await probe.store.job(second.id) == nil, "the second is not stored")
        },
        Case("enqueuing the same job again changes nothing") { probe in
            let job = sample()
            try await probe.enqueue(job)
            try probe.expectEqual(
                try await probe.enqueue(job), [EnqueueReceipt(id: job.id, isNew: false)], "the receipt")
            let worker = try await probe.worker()
            try probe.expectEqual(try await probe.claim(worker, 5).count, 1, "jobs to claim")
        },
        Case("children of a duplicate are left out with it") { probe in
            let first = sample {
                $0.idempotencyKey = "batch"
                $0.awaitsChildren = true
            }
            try await probe.enqueue(first, sample { $0.parent = first.id })
            let second = sample {
                $0.idempotencyKey = "batch"
                $0.awaitsChildren = true
            }
            let child = sample { $0.parent = second.id }
            let receipts = try await probe.enqueue(second, child)
            try probe.expectEqual(receipts.map(\.isNew), [false, false], "new")
            try probe.expectEqual(receipts.first?.id, first.id, "the holder")
            try probe.expect(try await probe.store.job(child.id) == nil, "the child is not stored")
        },
        Case("an unknown dependency is refused, and nothing of its call is stored") { probe in
            let good = sample()
            let bad = sample { $0.dependsOn = [JobID()] }
            do {
                try await probe.enqueue(good, bad)
                throw ConformanceFailure(description: "it was accepted")
            } catch let error as JobError {
                try probe.expectEqual(error.code, .unknownDependency, "code")
            }
            try probe.expect(try await probe.store.job(good.id) == nil, "nothing is stored")
        },
        Case("a call may carry thousands of jobs") { probe in
            let worker = try await probe.worker()
            let jobs = (0..<3000).map { number in
                sample { $0.payload = Array("{\"number\":\(number)}".utf8) }
            }
            try probe.expectEqual(try await probe.store.enqueue(jobs).count, 3000, "receipts")
            var seen: Set<[UInt8]> = []
            var pending: [Acknowledgement] = []
            while true {
                let reply = try await probe.store.exchange(
                    ExchangeRequest(
                        worker: worker, acknowledgements: pending, claims: [QueueClaim(queue: "q", limit: 500)]))
                try probe.expect(reply.rejected.isEmpty, "no outcome is refused")
                if reply.claimed.isEmpty { break }
                seen.formUnion(reply.claimed.map(\.payload))
                pending = reply.claimed.map { Acknowledgement($0.reference, .completed(result: nil)) }
            }
            try probe.expectEqual(seen, Set(jobs.map(\.payload)), "the jobs")
        },
    ]
}
