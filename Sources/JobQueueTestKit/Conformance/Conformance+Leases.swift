import JobQueue

extension JobStoreConformance {
    static let leases: [Case] = [
        Case("a worker whose lease has ended is told so, and gets nothing more") { probe in
            let worker = try await probe.worker(lease: .milliseconds(30))
            try await probe.enqueue(sample())
            try await probe.eventually("the end of the lease") {
                try await !probe.store.heartbeat(worker, lease: .milliseconds(1)).isAlive
            }
            try probe.expectEqual(try await probe.claim(worker).count, 0, "claims of a lost worker")
        },
        Case("a lease that is renewed goes on") { probe in
            let worker = try await probe.worker(lease: .seconds(2))
            try await probe.enqueue(sample())
            let claimed = try await probe.one(worker)
            try probe.expect(
                try await probe.store.heartbeat(worker, lease: .seconds(60)).isAlive, "alive")
            try await Task.sleep(for: .milliseconds(2100))
            try await probe.maintain()
            try await probe.expect(claimed.id, is: .running)
            try probe.expectEqual(try await probe.store.workers().map(\.id), [worker], "workers")
        },
        Case("jobs of a lost worker run again, and its late outcome is refused") { probe in
            let lost = try await probe.worker()
            let other = try await probe.worker()
            try await probe.enqueue(sample())
            let old = try await probe.one(lost)
            _ = try await probe.store.heartbeat(lost, lease: .milliseconds(1))
            try await probe.eventually("the rescue") { try await probe.record(old.id).state == .ready }
            try probe.expectEqual(try await probe.record(old.id).rescues, 1, "rescues")
            let new = try await probe.one(other)
            try probe.expectEqual(new.id, old.id, "the same job")
            try probe.expectEqual(new.run, old.run + 1, "a new run")
            try probe.expectEqual(new.attempt, 2, "a new attempt")
            try probe.expect(try await !probe.end(old, lost), "the late outcome is refused")
            try probe.expectEqual(
                try await probe.store.save([RunUpdate(old.reference, checkpoint: [1])], worker: lost),
                [old.reference], "late checkpoints")
            try probe.expect(try await probe.end(new, other), "the new run's outcome is accepted")
            try await probe.expect(old.id, is: .completed)
        },
        Case("jobs of a worker that is not known any more run again") { probe in
            let worker = try await probe.worker()
            try await probe.enqueue(sample())
            let claimed = try await probe.one(worker)
            try await probe.store.unregister(worker)
            try await probe.eventually("the rescue") { try await probe.record(claimed.id).state == .ready }
        },
        Case("jobs that a lost worker ran are claimed apart, until an attempt ends in another way") { probe in
            let living = try await probe.worker()
            let jobs = (0..<4).map { _ in sample() }
            _ = try await probe.store.enqueue(jobs)
            var lost = try await probe.worker()
            try probe.expectEqual(
                try await probe.claim(lost, 4).map(\.suspicion), [.clear, .clear, .clear, .clear], "at first")
            try await probe.store.unregister(lost)
            try await probe.rescued(jobs)
            let fresh = sample()
            try await probe.enqueue(fresh)
            let report = try await probe.maintain()
            try probe.expectEqual(report.suspected, ["q"], "queues with suspected jobs")
            try probe.expectEqual(report.lastChances, [], "queues with last chances")
            try probe.expectEqual(
                try await probe.claim(living, 9, .clear).map(\.id), [fresh.id], "claimed of those that are clear")
            try probe.expectEqual(try await probe.claim(living, 9, .lastChance).count, 0, "claimed of last chances")
            let suspected = try await probe.claim(living, 2, .suspected)
            try probe.expectEqual(suspected.map(\.id), jobs.prefix(2).map(\.id), "claimed of the suspected")
            try probe.expectEqual(suspected.map(\.suspicion), [.suspected, .suspected], "their suspicion")
            try await probe.end(suspected[0], living, .retry(after: .zero, error: "of its own"))
            try await probe.end(suspected[1], living, .returned)
            try await probe.eventually("the next attempt") { try await probe.record(jobs[0].id).state == .ready }
            try probe.expectEqual(
                try await probe.claim(living, 9, .clear).map(\.id), [jobs[0].id], "cleared by an attempt of its own end"
            )
            lost = try await probe.worker()
            try probe.expectEqual(
                Set(try await probe.claim(lost, 9).map(\.id)), Set(jobs.dropFirst().map(\.id)), "claimed of any")
            try await probe.store.unregister(lost)
            try await probe.rescued(jobs.dropFirst())
            let second = try await probe.maintain()
            try probe.expectEqual(second.suspected, [], "queues with suspected jobs")
            try probe.expectEqual(second.lastChances, ["q"], "queues with last chances")
            try probe.expectEqual(try await probe.claim(living, 9, .clear).count, 0, "claimed of those that are clear")
            try probe.expectEqual(try await probe.claim(living, 9, .suspected).count, 0, "claimed of the suspected")
            let last = try await probe.claim(living, 1, .lastChance)
            try probe.expectEqual(last.map(\.suspicion), [.lastChance], "their suspicion")
            try await probe.end(last[0], living)
            try await probe.expect(last[0].id, is: .completed)
        },
        Case("a job that takes its process with it three times is dead") { probe in
            let job = sample()
            try await probe.enqueue(job)
            for round in 1...3 {
                let worker = try await probe.worker()
                let claimed = try await probe.one(worker)
                try probe.expectEqual(claimed.attempt, round, "attempt")
                try await probe.store.unregister(worker)
                let wanted: JobState = round == 3 ? .dead : .ready
                try await probe.eventually("rescue \(round)") { try await probe.record(job.id).state == wanted }
            }
            let record = try await probe.record(job.id)
            try probe.expect(record.error?.contains("3 times") == true, "the error says so: \(record.error ?? "nil")")
            try probe.expect(try await probe.store.retry(job.id), "it can be tried again by hand")
        },
        Case("what a worker does not hold is returned, what it holds is left") { probe in
            let worker = try await probe.worker()
            let other = try await probe.worker()
            _ = try await probe.store.enqueue((0..<4).map { _ in sample() })
            let mine = try await probe.claim(worker, 3)
            let theirs = try await probe.one(other)
            let ghost = RunReference(id: JobID(), run: 1)
            let lost = try await probe.store.reconcile(worker, holding: [mine[0].reference, ghost])
            try probe.expectEqual(lost, [ghost], "lost runs")
            try await probe.expect(mine[0].id, is: .running)
            try await probe.expect(theirs.id, is: .running)
            for job in mine.dropFirst() {
                let record = try await probe.record(job.id)
                try probe.expectEqual(record.state, .ready, "state")
                try probe.expectEqual(record.attempt, 0, "attempt")
            }
        },
    ]

    static let cancelling: [Case] = [
        Case("a waiting job is cancelled at once, wherever it waits") { probe in
            let ready = sample { $0.uniqueKey = "k" }
            let scheduled = sample { $0.start = .after(.seconds(60)) }
            let blocked = sample { $0.dependsOn = [scheduled.id] }
            try await probe.enqueue(ready, scheduled, blocked)
            let ids = [blocked.id, ready.id, scheduled.id]
            try probe.expectEqual(
                Set(try await probe.store.cancel(ids, reason: "not wanted")), Set(ids), "cancelled")
            for id in ids {
                let record = try await probe.record(id)
                try probe.expectEqual(record.state, .cancelled, "state")
                try probe.expect(record.error != nil, "the reason is kept")
            }
            try probe.expectEqual(try await probe.record(ready.id).error, "not wanted", "reason")
            try probe.expectEqual(try await probe.store.cancel(ids, reason: "").count, 0, "cancelled twice")
            try probe.expectEqual(
                try await probe.enqueue(sample { $0.uniqueKey = "k" }).first?.isNew, true, "key is free")
            let worker = try await probe.worker()
            try probe.expectEqual(try await probe.claim(worker, 5).count, 1, "claimable")
        },
        Case("a running job's worker hears of the wish, and the job may still complete") { probe in
            let worker = try await probe.worker()
            _ = try await probe.store.enqueue([sample(), sample()])
            let claimed = try await probe.claim(worker, 2)
            try probe.expectEqual(
                try await probe.store.heartbeat(worker, lease: .seconds(60)).cancelRequested, [], "wishes before")
            for job in claimed { try await probe.store.cancel(job.id) }
            try await probe.expect(claimed[0].id, is: .running)
            try probe.expect(try await probe.record(claimed[0].id).cancelRequested, "noted")
            let wishes = try await probe.store.heartbeat(worker, lease: .seconds(60)).cancelRequested
            try probe.expectEqual(Set(wishes), Set(claimed.map(\.id)), "wishes")
            try await probe.end(claimed[0], worker, .completed(result: nil))
            try await probe.end(claimed[1], worker, .retry(after: .zero, error: "e"))
            try await probe.expect(claimed[0].id, is: .completed)
            try await probe.expect(claimed[1].id, is: .cancelled)
            try probe.expectEqual(
                try await probe.store.heartbeat(worker, lease: .seconds(60)).cancelRequested, [], "wishes after")
        },
        Case("a job whose worker is lost after the wish is cancelled, not run again") { probe in
            let worker = try await probe.worker()
            try await probe.enqueue(sample())
            let claimed = try await probe.one(worker)
            try await probe.store.cancel(claimed.id)
            try await probe.store.unregister(worker)
            try await probe.eventually("the end") { try await probe.record(claimed.id).state == .cancelled }
        },
        Case("children are cancelled with their parent") { probe in
            let worker = try await probe.worker()
            let parent = sample { $0.awaitsChildren = true }
            let running = sample {
                $0.parent = parent.id
                $0.priority = .critical
            }
            let waiting = sample { $0.parent = parent.id }
            try await probe.enqueue(parent, running, waiting)
            let claimed = try await probe.one(worker)
            try probe.expectEqual(claimed.id, running.id, "claimed")
            try await probe.store.cancel(parent.id)
            try await probe.expect(parent.id, is: .cancelled)
            try await probe.expect(waiting.id, is: .cancelled)
            try probe.expect(try await probe.record(running.id).cancelRequested, "the running child is asked")
        },
    ]
}
