import JobQueue

extension JobStoreConformance {
    static let claiming: [Case] = [
        Case("urgent jobs come first, and of equals the older") { probe in
            let worker = try await probe.worker()
            let low = sample { $0.priority = .low }
            let first = sample()
            let second = sample()
            let critical = sample { $0.priority = .critical }
            for job in [low, first, second, critical] { try await probe.enqueue(job) }
            var order: [JobID] = []
            for _ in 0..<4 { order.append(try await probe.one(worker).id) }
            try probe.expectEqual(order, [critical.id, first.id, second.id, low.id], "order")
        },
        Case("a more urgent job that comes later is claimed before those that wait") { probe in
            let worker = try await probe.worker()
            for _ in 0..<3 { try await probe.enqueue(sample()) }
            _ = try await probe.one(worker)
            let urgent = sample { $0.priority = .critical }
            try await probe.enqueue(urgent)
            try probe.expectEqual(try await probe.one(worker).id, urgent.id, "the next")
        },
        Case("a claim takes no more than asked, from the queues asked") { probe in
            let worker = try await probe.worker()
            for queue in ["a", "b", "c"] {
                for _ in 0..<5 { try await probe.enqueue(sample { $0.queue = queue }) }
            }
            let reply = try await probe.store.exchange(
                ExchangeRequest(
                    worker: worker, claims: [QueueClaim(queue: "a", limit: 2), QueueClaim(queue: "b", limit: 9)]))
            let counts = Dictionary(grouping: reply.claimed, by: \.queue).mapValues(\.count)
            try probe.expectEqual(counts, ["a": 2, "b": 5], "claimed")
        },
        Case("a worker is handed only jobs that it has code for, and those of other kinds keep their places") { probe in
            var random = SplitMix(state: 24301)
            let kinds = ["a", "b", "c", "d"]
            let sets: [Set<String>?] = [["a"], ["b", "c"], ["a", "c"], [], nil]
            var workers: [(id: WorkerID, kinds: Set<String>?)] = []
            for set in sets {
                let description = WorkerDescription(host: "probe", process: 1, queues: ["q"], kinds: set)
                workers.append((try await probe.store.register(description, lease: .seconds(60)), set))
            }
            let told = try await probe.store.workers().map(\.description.kinds)
            try probe.expectEqual(Set(told), Set(sets), "kinds of the workers")
            var waiting: [NewJob] = []
            for step in 0..<200 {
                if random.next(below: 3) > 0 || waiting.count < 5 {
                    let job = sample {
                        $0.kind = kinds[random.next(below: kinds.count)]
                        $0.priority = [.low, .normal, .high][random.next(below: 3)]
                    }
                    try await probe.enqueue(job)
                    waiting.append(job)
                    continue
                }
                let worker = workers[random.next(below: workers.count)]
                let expected = waiting.enumerated().filter { worker.kinds?.contains($1.kind) ?? true }
                    .sorted { ($0.element.priority.rawValue, $0.offset) < ($1.element.priority.rawValue, $1.offset) }
                    .prefix(1 + random.next(below: 3)).map(\.element.id)
                let claimed = try await probe.claim(worker.id, max(1, expected.count))
                try probe.expectEqual(claimed.map(\.id), expected, "claimed in step \(step)")
                waiting.removeAll { expected.contains($0.id) }
                for job in claimed { try await probe.end(job, worker.id) }
            }
        },
        Case("ready jobs that no worker takes are told by kind") { probe in
            for kind in ["a", "b", "b", "c"] { try await probe.enqueue(sample { $0.kind = kind }) }
            try probe.expectEqual(try await probe.untaken(), ["a": 1, "b": 2, "c": 1], "without a worker")
            let first = try await probe.store.register(
                WorkerDescription(host: "probe", process: 1, queues: ["q"], kinds: ["a"]), lease: .seconds(60))
            _ = try await probe.store.register(
                WorkerDescription(host: "probe", process: 1, queues: ["qq", "p"], kinds: nil), lease: .seconds(60))
            try probe.expectEqual(
                try await probe.untaken(), ["b": 2, "c": 1], "with a worker for a, and one of other queues")
            _ = try await probe.store.register(
                WorkerDescription(host: "probe", process: 1, queues: ["p", "q"], kinds: nil), lease: .seconds(60))
            try probe.expectEqual(try await probe.untaken(), [:], "with a worker for any kind")
            try probe.expectEqual(try await probe.claim(first, 9).map(\.kind), ["a"], "claimed")
        },
        Case("a claimed job carries what its run needs") { probe in
            let worker = try await probe.worker()
            let parent = sample { $0.queue = "other" }
            let job = sample {
                $0.payload = [9, 0, 7]
                $0.metadata = ["a": "b"]
                $0.parent = parent.id
                $0.maxAttempts = 4
            }
            try await probe.enqueue(parent, job)
            let claimed = try await probe.one(worker)
            try probe.expectEqual(claimed.id, job.id, "id")
            try probe.expectEqual(claimed.kind, job.kind, "kind")
            try probe.expectEqual(claimed.queue, "q", "queue")
            try probe.expectEqual(claimed.payload, job.payload, "payload")
            try probe.expectEqual(claimed.metadata, job.metadata, "metadata")
            try probe.expectEqual(claimed.parent, parent.id, "parent")
            try probe.expectEqual(claimed.attempt, 1, "attempt")
            try probe.expectEqual(claimed.maxAttempts, 4, "attempts")
            try probe.expect(claimed.checkpoint == nil, "no checkpoint")
            try probe.expect(claimed.waited >= .zero && claimed.waited < .seconds(60), "waited \(claimed.waited)")
            let record = try await probe.record(job.id)
            try probe.expectEqual(record.state, .running, "state")
            try probe.expectEqual(record.worker, worker, "worker")
            try probe.expect(record.startedAt != nil, "has begun")
        },
        Case("two workers never have the same job") { probe in
            let jobs = (0..<400).map { _ in sample() }
            _ = try await probe.store.enqueue(jobs)
            let claimed = try await withThrowingTaskGroup(of: [JobID].self) { group in
                for _ in 0..<8 {
                    let worker = try await probe.worker()
                    group.addTask {
                        var mine: [JobID] = []
                        while true {
                            let batch = try await probe.claim(worker, 7)
                            if batch.isEmpty { return mine }
                            mine += batch.map(\.id)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try probe.expectEqual(claimed.count, 400, "claims")
            try probe.expectEqual(Set(claimed), Set(jobs.map(\.id)), "jobs")
        },
        Case("a paused queue hands out nothing until it is resumed") { probe in
            let worker = try await probe.worker()
            try await probe.store.pause("q")
            try await probe.enqueue(sample())
            try probe.expectEqual(try await probe.claim(worker).count, 0, "while paused")
            try probe.expectEqual(
                try await probe.store.statistics().first { $0.queue == "q" }?.settings.isPaused, true, "listed")
            try await probe.store.resume("q")
            try probe.expectEqual(try await probe.claim(worker).count, 1, "after it")
        },
        Case("a delayed job is claimed when its time has come, not before") { probe in
            let worker = try await probe.worker()
            let soon = sample { $0.start = .after(.milliseconds(400)) }
            let later = sample { $0.start = .after(.seconds(3600)) }
            try await probe.enqueue(soon, later)
            try await probe.expect(soon.id, is: .scheduled)
            try probe.expectEqual(try await probe.claim(worker, 2).count, 0, "too early")
            let next = try await probe.maintain().nextDue
            // On a slow machine its time may have come by now: then the later one is the next.
            let isDue = try await probe.record(soon.id).state != .scheduled
            try probe.expect(
                isDue || next.map { $0 <= .milliseconds(400) } ?? false, "the next is due in \(next as Any)")
            try await probe.eventually("the delay") { try await !probe.claim(worker, 2).isEmpty }
            try await probe.expect(soon.id, is: .running)
            try await probe.expect(later.id, is: .scheduled)
        },
        Case("a time that has passed means now") { probe in
            let worker = try await probe.worker()
            let job = sample { $0.start = .atMicroseconds(1_000_000) }
            try await probe.enqueue(job)
            try probe.expectEqual(try await probe.one(worker).id, job.id, "claimed")
        },
    ]
}
