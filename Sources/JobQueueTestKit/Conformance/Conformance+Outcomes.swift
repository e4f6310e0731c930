import JobQueue

extension JobStoreConformance {
    static let outcomes: [Case] = [
        Case("a completed job keeps its result") { probe in
            let worker = try await probe.worker()
            let job = sample()
            try await probe.enqueue(job)
            let claimed = try await probe.one(worker)
            try probe.expect(try await probe.end(claimed, worker, .completed(result: [1, 2])), "accepted")
            let record = try await probe.record(job.id)
            try probe.expectEqual(record.state, .completed, "state")
            try probe.expectEqual(record.result, [1, 2], "result")
            try probe.expectEqual(record.attempt, 1, "attempt")
            try probe.expect(record.finishedAt != nil, "has an end")
            try probe.expectEqual(try await probe.claim(worker).count, 0, "claimable")
        },
        Case("an outcome counts once, for its own run and its own worker") { probe in
            let worker = try await probe.worker()
            let other = try await probe.worker()
            try await probe.enqueue(sample())
            let claimed = try await probe.one(worker)
            try probe.expect(try await !probe.end(claimed, other), "another worker's outcome is refused")
            var stale = claimed
            stale.run -= 1
            try probe.expect(try await !probe.end(stale, worker), "an older run's outcome is refused")
            var unknown = claimed
            unknown.id = JobID()
            try probe.expect(try await !probe.end(unknown, worker), "an unknown job's outcome is refused")
            try await probe.expect(claimed.id, is: .running)
            try probe.expect(try await probe.end(claimed, worker), "its own is accepted")
            try probe.expect(try await !probe.end(claimed, worker), "the second time it is refused")
        },
        Case("refused outcomes do not hold up the others of their call") { probe in
            let worker = try await probe.worker()
            _ = try await probe.store.enqueue((0..<3).map { _ in sample() })
            let claimed = try await probe.claim(worker, 3)
            let stale = RunReference(id: claimed[1].id, run: 77)
            let reply = try await probe.store.exchange(
                ExchangeRequest(
                    worker: worker,
                    acknowledgements: [
                        Acknowledgement(claimed[0].reference, .completed(result: nil)),
                        Acknowledgement(stale, .completed(result: nil)),
                        Acknowledgement(claimed[2].reference, .dead(error: "x")),
                    ]))
            try probe.expectEqual(reply.rejected, [stale], "refused")
            try await probe.expect(claimed[0].id, is: .completed)
            try await probe.expect(claimed[1].id, is: .running)
            try await probe.expect(claimed[2].id, is: .dead)
        },
        Case("of hundreds of outcomes in a call each is judged by itself") { probe in
            let worker = try await probe.worker()
            _ = try await probe.store.enqueue(
                (0..<300).map { number in
                    sample { if number % 11 == 0 { $0.concurrency = ConcurrencyLimit(key: "k", limit: 300) } }
                })
            // A third is in its second run.
            for job in try await probe.claim(worker, 100) { try await probe.end(job, worker, .returned) }
            let claimed = try await probe.claim(worker, 300)
            try probe.expectEqual(claimed.count, 300, "claimed")
            var stale: Set<RunReference> = []
            var outcomes: [Acknowledgement] = []
            for (number, job) in claimed.enumerated() {
                var reference = job.reference
                if number % 7 == 0 {
                    reference.run += number % 2 == 0 ? 1 : -1
                    stale.insert(reference)
                }
                let result: [UInt8]? = number % 5 == 0 ? [UInt8(number % 256)] : nil
                outcomes.append(Acknowledgement(reference, .completed(result: result)))
            }
            let reply = try await probe.store.exchange(ExchangeRequest(worker: worker, acknowledgements: outcomes))
            try probe.expectEqual(Set(reply.rejected), stale, "refused")
            try probe.expectEqual(reply.rejected.count, stale.count, "each refused once")
            for (number, job) in claimed.enumerated() {
                let record = try await probe.record(job.id)
                try probe.expectEqual(record.state, number % 7 == 0 ? .running : .completed, "state of \(number)")
                let result: [UInt8]? = number % 5 == 0 && number % 7 != 0 ? [UInt8(number % 256)] : nil
                try probe.expectEqual(record.result, result, "result of \(number)")
            }
        },
        Case("a retry waits, counts, and keeps the error") { probe in
            let worker = try await probe.worker()
            let job = sample()
            try await probe.enqueue(job)
            try await probe.end(probe.one(worker), worker, .retry(after: .milliseconds(40), error: "broken ✗"))
            let record = try await probe.record(job.id)
            try probe.expectEqual(record.state, .scheduled, "state")
            try probe.expectEqual(record.error, "broken ✗", "error")
            try await probe.eventually("the retry") {
                guard let again = try await probe.claim(worker).first else { return false }
                try probe.expectEqual(again.attempt, 2, "attempt")
                try probe.expectEqual(again.run, 2, "run")
                return true
            }
        },
        Case("snoozing and returning are not counted as attempts, but as runs") { probe in
            let worker = try await probe.worker()
            let job = sample()
            try await probe.enqueue(job)
            try await probe.end(probe.one(worker), worker, .returned)
            try await probe.expect(job.id, is: .ready)
            let second = try await probe.one(worker)
            try probe.expectEqual(second.attempt, 1, "attempt after a return")
            try probe.expectEqual(second.run, 2, "run after a return")
            try await probe.end(second, worker, .snoozed(.milliseconds(20)))
            try await probe.expect(job.id, is: .scheduled)
            try await probe.eventually("the snooze") {
                guard let third = try await probe.claim(worker).first else { return false }
                try probe.expectEqual(third.attempt, 1, "attempt after a snooze")
                try probe.expectEqual(third.run, 3, "run after a snooze")
                return true
            }
        },
        Case("the dead, the cancelled and the discarded end, and can be tried again by hand") { probe in
            let worker = try await probe.worker()
            let ends: [(JobOutcome, JobState)] = [
                (.dead(error: "d"), .dead), (.cancelled(reason: "c"), .cancelled),
                (.discarded(reason: "x"), .discarded),
            ]
            for (outcome, state) in ends {
                let job = sample()
                try await probe.enqueue(job)
                try await probe.end(probe.one(worker), worker, outcome)
                let record = try await probe.record(job.id)
                try probe.expectEqual(record.state, state, "state")
                try probe.expect(record.error != nil, "the reason is kept")
                try probe.expect(try await probe.store.retry(job.id), "retried")
                try probe.expect(try await !probe.store.retry(job.id), "a waiting job is not retried")
                let again = try await probe.one(worker)
                try probe.expectEqual(again.id, job.id, "claimed again")
                try probe.expectEqual(again.attempt, 1, "attempts start anew")
                try probe.expectEqual(again.run, 2, "runs do not")
                try await probe.end(again, worker)
                try probe.expect(try await !probe.store.retry(job.id), "a completed job is not retried")
            }
        },
        Case("a dead job whose unique key is taken is not tried again") { probe in
            let worker = try await probe.worker()
            let first = sample { $0.uniqueKey = "k" }
            try await probe.enqueue(first)
            try await probe.end(probe.one(worker), worker, .dead(error: "d"))
            try await probe.enqueue(sample { $0.uniqueKey = "k" })
            try probe.expect(try await !probe.store.retry(first.id), "refused")
            try await probe.expect(first.id, is: .dead)
        },
        Case("progress never falls, and a checkpoint reaches the next run") { probe in
            let worker = try await probe.worker()
            let job = sample()
            try await probe.enqueue(job)
            let claimed = try await probe.one(worker)
            let updates = [
                RunUpdate(claimed.reference, progress: 0.5, message: "half"),
                RunUpdate(RunReference(id: claimed.id, run: 9), progress: 0.9),
            ]
            try probe.expectEqual(
                try await probe.store.save(updates, worker: worker), [updates[1].reference], "lost runs")
            _ = try await probe.store.save([RunUpdate(claimed.reference, progress: 0.2)], worker: worker)
            _ = try await probe.store.save([RunUpdate(claimed.reference, checkpoint: [4, 2])], worker: worker)
            let record = try await probe.record(job.id)
            try probe.expectEqual(record.progress, 0.5, "progress")
            try probe.expectEqual(record.progressMessage, "half", "message")
            try probe.expectEqual(record.checkpoint, [4, 2], "checkpoint")
            try await probe.end(claimed, worker, .retry(after: .zero, error: "e"))
            try await probe.eventually("the retry") {
                guard let again = try await probe.claim(worker).first else { return false }
                try probe.expectEqual(again.checkpoint, [4, 2], "the next run's checkpoint")
                try await probe.end(again, worker)
                return true
            }
        },
        Case("ended jobs can be deleted, others cannot; old ones are pruned") { probe in
            let worker = try await probe.worker()
            let jobs = (0..<3).map { _ in sample() }
            _ = try await probe.store.enqueue(jobs)
            let claimed = try await probe.claim(worker, 2)
            for job in claimed { try await probe.end(job, worker) }
            try probe.expectEqual(
                try await probe.store.delete([claimed[0].id, jobs[2].id]), [claimed[0].id], "deleted")
            try probe.expect(try await probe.store.job(claimed[0].id) == nil, "gone")
            try await probe.expect(jobs[2].id, is: .ready)
            try await probe.maintain(retention: .seconds(3600))
            try await probe.expect(claimed[1].id, is: .completed)
        },
    ]
}
