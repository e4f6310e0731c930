import JobQueue

extension JobStoreConformance {
    static let waiting: [Case] = [
        Case("a job waits for all it depends on") { probe in
            let worker = try await probe.worker()
            let first = sample { $0.priority = .critical }
            let second = sample { $0.priority = .high }
            let last = sample { $0.dependsOn = [first.id, second.id] }
            try await probe.enqueue(first)
            try await probe.enqueue(last, second)
            try await probe.end(probe.one(worker), worker)
            try await probe.expect(last.id, is: .blocked)
            try await probe.end(probe.one(worker), worker)
            try await probe.eventually("the turn") { try await probe.record(last.id).state == .ready }
            try probe.expectEqual(try await probe.one(worker).id, last.id, "claimed")
        },
        Case("what has completed before holds nothing up") { probe in
            let worker = try await probe.worker()
            let first = sample()
            try await probe.enqueue(first)
            try await probe.end(probe.one(worker), worker)
            let second = sample { $0.dependsOn = [first.id] }
            try await probe.enqueue(second)
            try await probe.eventually("the turn") { try await probe.record(second.id).state == .ready }
        },
        Case("a job dies with what it depends on, and so on down the line, unless it says otherwise") { probe in
            let worker = try await probe.worker()
            let first = sample()
            let second = sample { $0.dependsOn = [first.id] }
            let third = sample { $0.dependsOn = [second.id] }
            let stubborn = sample {
                $0.dependsOn = [first.id]
                $0.whenDependencyFails = .proceed
            }
            try await probe.enqueue(first, second, third, stubborn)
            try await probe.end(probe.one(worker), worker, .dead(error: "the reason"))
            try await probe.eventually("the end of the line") { try await probe.record(third.id).state == .dead }
            let record = try await probe.record(second.id)
            try probe.expectEqual(record.state, .dead, "state")
            try probe.expect(
                record.error?.contains("the reason") == true, "the reason is passed on: \(record.error ?? "")")
            try await probe.eventually("the stubborn one") { try await probe.record(stubborn.id).state == .ready }
            let late = sample { $0.dependsOn = [first.id] }
            try await probe.enqueue(late)
            try await probe.eventually("the late one") { try await probe.record(late.id).state == .dead }
        },
        Case("a delayed job that waits for another keeps its delay") { probe in
            let worker = try await probe.worker()
            let first = sample()
            let second = sample {
                $0.dependsOn = [first.id]
                $0.start = .after(.seconds(3600))
            }
            try await probe.enqueue(first, second)
            try await probe.end(probe.one(worker), worker)
            try await probe.eventually("the next wait") { try await probe.record(second.id).state == .scheduled }
        },
        Case("a parent runs when its children are done") { probe in
            let worker = try await probe.worker()
            let parent = sample { $0.awaitsChildren = true }
            let children = (0..<3).map { _ in sample { $0.parent = parent.id } }
            _ = try await probe.store.enqueue([parent] + children)
            try probe.expectEqual(try await probe.store.children(of: parent.id), [.ready: 3], "children")
            for number in 1...3 {
                try await probe.expect(parent.id, is: .blocked)
                try await probe.end(probe.one(worker), worker)
                if number == 2 {
                    try probe.expectEqual(
                        try await probe.store.children(of: parent.id), [.ready: 1, .completed: 2], "children")
                }
            }
            try await probe.eventually("the parent's turn") { try await probe.record(parent.id).state == .ready }
            try probe.expectEqual(
                Set(try await probe.store.jobs(JobFilter(parent: parent.id)).map(\.id)), Set(children.map(\.id)),
                "listed children")
            try probe.expectEqual(try await probe.one(worker).id, parent.id, "claimed")
        },
        Case("a parent fails with its child, and the other children are cancelled") { probe in
            let worker = try await probe.worker()
            let parent = sample { $0.awaitsChildren = true }
            let children = (0..<3).map { _ in sample { $0.parent = parent.id } }
            _ = try await probe.store.enqueue([parent] + children)
            let first = try await probe.one(worker)
            let second = try await probe.one(worker)
            try await probe.end(first, worker, .dead(error: "the child's reason"))
            try await probe.eventually("the parent's end") { try await probe.record(parent.id).state == .dead }
            try probe.expect(
                try await probe.record(parent.id).error?.contains("the child's reason") == true,
                "the reason is passed on")
            try await probe.eventually("the end of a waiting child") {
                try await probe.store.children(of: parent.id)[.cancelled] == 1
            }
            try probe.expect(try await probe.record(second.id).cancelRequested, "a running child is asked")
        },
        Case("a parent that proceeds runs when all children have ended, well or badly") { probe in
            let worker = try await probe.worker()
            let parent = sample {
                $0.awaitsChildren = true
                $0.whenDependencyFails = .proceed
            }
            let children = (0..<2).map { _ in sample { $0.parent = parent.id } }
            _ = try await probe.store.enqueue([parent] + children)
            try await probe.end(probe.one(worker), worker, .dead(error: "d"))
            try await probe.maintain()
            try await probe.expect(parent.id, is: .blocked)
            try await probe.end(probe.one(worker), worker)
            try await probe.eventually("the parent's turn") { try await probe.record(parent.id).state == .ready }
        },
        Case("a running job can wait for children it has made, uncounted") { probe in
            let worker = try await probe.worker()
            let parent = sample()
            try await probe.enqueue(parent)
            let run = try await probe.one(worker)
            try await probe.enqueue(sample { $0.parent = parent.id })
            try await probe.end(run, worker, .waitingForChildren)
            try await probe.expect(parent.id, is: .blocked)
            try await probe.end(probe.one(worker), worker)
            try await probe.eventually("the parent's turn") { try await probe.record(parent.id).state == .ready }
            let again = try await probe.one(worker)
            try probe.expectEqual(again.attempt, 1, "attempt")
            try await probe.end(again, worker, .waitingForChildren)
            try await probe.eventually("nothing to wait for") { try await probe.record(parent.id).state == .ready }
        },
        Case(
            "a family that was cancelled runs again as a whole, also one that is still stopping; what is done stays done"
        ) { probe in
            let worker = try await probe.worker()
            let client = JobClient(store: probe.store)
            let parent = sample { $0.awaitsChildren = true }
            let children = (0..<3).map { _ in sample { $0.parent = parent.id } }
            _ = try await probe.store.enqueue([parent] + children)
            let done = try await probe.one(worker)
            try await probe.end(done, worker)
            let running = try await probe.one(worker)
            try probe.expectEqual(try await client.retry(parent.id), 0, "retried while it waits")
            try await client.cancel(parent.id)
            var isRefused = false
            do {
                try await client.retry(parent.id, waiting: .milliseconds(1))
            } catch let error as JobError where error.code == .stillStopping { isRefused = true }
            try probe.expect(isRefused, "a job that waits for one that is being cancelled would fail with it")
            async let retried = client.retry(parent.id)
            try await probe.end(running, worker, .cancelled(reason: "as asked"))
            try probe.expectEqual(try await retried, 3, "retried")
            try await probe.expect(parent.id, is: .blocked)
            try probe.expectEqual(
                try await probe.store.children(of: parent.id), [.ready: 2, .completed: 1], "children")
            for _ in 0..<2 { try await probe.end(probe.one(worker), worker) }
            try await probe.eventually("the parent's turn") { try await probe.record(parent.id).state == .ready }
        },
        Case("a chain of 3,000 jobs ends with its first, one after the other") { probe in
            let worker = try await probe.worker()
            var chain = [sample()]
            for _ in 1..<3000 {
                let before = chain[chain.count - 1].id
                chain.append(sample { $0.dependsOn = [before] })
            }
            for start in stride(from: 0, to: chain.count, by: 500) {
                _ = try await probe.store.enqueue(Array(chain[start..<min(start + 500, chain.count)]))
            }
            try await probe.end(probe.one(worker), worker, .dead(error: "the reason"))
            let last = chain[chain.count - 1].id
            try await probe.eventually("the end of the chain") { try await probe.record(last).state == .dead }
            try await probe.expect(chain[1500].id, is: .dead)
        },
        Case("a family 3,000 deep is cancelled with its head, and none of it is called dead") { probe in
            var family = [sample { $0.awaitsChildren = true }]
            for _ in 1..<3000 {
                let above = family[family.count - 1].id
                family.append(sample { ($0.parent, $0.awaitsChildren) = (above, true) })
            }
            let (head, brother) = (family[0].id, sample { $0.parent = family[0].id })
            let after = sample { ($0.parent, $0.dependsOn) = (head, [brother.id]) }
            _ = try await probe.store.enqueue(family + [brother, after])
            try probe.expect(try await probe.store.cancel(head), "cancelled")
            for id in [head, family[1500].id, family[2999].id, brother.id, after.id] {
                try await probe.expect(id, is: .cancelled)
            }
        },
        Case("a job that waits for another is not failed by a child that it does not wait for") { probe in
            let first = sample()
            let second = sample { $0.dependsOn = [first.id] }
            let child = sample { $0.parent = second.id }
            _ = try await probe.store.enqueue([first, second, child])
            try await probe.store.cancel(child.id)
            try await probe.maintain()
            try await probe.expect(second.id, is: .blocked)
        },
        Case("a job that would be dead again at once is not said to be brought back") { probe in
            let worker = try await probe.worker()
            let parent = sample { $0.awaitsChildren = true }
            let child = sample { $0.parent = parent.id }
            let next = sample { $0.dependsOn = [child.id] }
            _ = try await probe.store.enqueue([parent, child, next])
            try await probe.end(probe.one(worker), worker, .dead(error: "d"))
            for job in [parent, next] {
                try await probe.eventually("the end") { try await probe.record(job.id).state == .dead }
                try probe.expectEqual(try await probe.store.retry([job.id]), [], "brought back")
                try await probe.expect(job.id, is: .dead)
            }
            let all = [next.id, parent.id, child.id]
            try probe.expectEqual(try await probe.store.retry(all), all, "brought back together")
            try await probe.expect(child.id, is: .ready)
        },
        Case("a parent without children runs at once") { probe in
            let parent = sample { $0.awaitsChildren = true }
            try await probe.enqueue(parent)
            try await probe.eventually("its turn") { try await probe.record(parent.id).state == .ready }
        },
    ]

    static let following: [Case] = [
        Case("jobs are listed by state, queue and kind, the newest first, page by page") { probe in
            let worker = try await probe.worker()
            let jobs = (0..<7).map { number in
                sample {
                    $0.kind = number.isMultiple(of: 2) ? "even" : "odd"
                    $0.queue = number < 5 ? "q" : "r"
                }
            }
            _ = try await probe.store.enqueue(jobs)
            try await probe.end(probe.one(worker), worker)
            let newest = Array(jobs.map(\.id).reversed())
            let store = probe.store
            try probe.expectEqual(try await store.jobs(JobFilter()).map(\.id), newest, "all")
            let page = try await store.jobs(JobFilter(limit: 3))
            try probe.expectEqual(page.map(\.id), Array(newest.prefix(3)), "the first page")
            let rest = try await store.jobs(JobFilter(before: page.last?.id))
            try probe.expectEqual(rest.map(\.id), Array(newest.dropFirst(3)), "the rest")
            try probe.expectEqual(try await store.jobs(JobFilter(queue: "r")).count, 2, "of a queue")
            try probe.expectEqual(try await store.jobs(JobFilter(kind: "odd")).count, 3, "of a kind")
            try probe.expectEqual(
                try await store.jobs(JobFilter(states: [.completed])).map(\.id), [jobs[0].id], "completed")
            try probe.expectEqual(
                try await store.jobs(JobFilter(states: [.ready, .completed], queue: "q", kind: "even")).count, 3,
                "all conditions")
        },
        Case("the figures of queues and workers are right") { probe in
            let worker = try await probe.worker()
            _ = try await probe.store.enqueue(
                (0..<4).map { _ in sample() } + [
                    sample { $0.start = .after(.seconds(60)) },
                    sample { $0.queue = "r" },
                ])
            let claimed = try await probe.claim(worker, 2)
            try await probe.end(claimed[0], worker)
            let statistics = try await probe.store.statistics()
            let queue = statistics.first { $0.queue == "q" }
            try probe.expectEqual(queue?.counts ?? [:], [.ready: 2, .running: 1, .scheduled: 1], "counts")
            try probe.expectEqual(queue?.waiting, 3, "waiting")
            try probe.expect(queue?.oldestReady.map { $0 >= .zero && $0 < .seconds(60) } == true, "an oldest age")
            try probe.expectEqual(statistics.first { $0.queue == "r" }?.counts ?? [:], [.ready: 1], "counts")
            let workers = try await probe.store.workers()
            try probe.expectEqual(workers.map(\.running), [1], "running")
            try probe.expectEqual(workers.first?.description.host, "probe", "host")
            try probe.expectEqual(workers.first?.description.queues, ["q"], "queues")
        },
        Case("who listens hears of new jobs and of cancelled ones") { probe in
            let worker = try await probe.worker()
            let news = probe.store.wakeups()
            let heard = Lock<Set<JobWakeup>>([])
            let listening = Task { for await wakeup in news { heard.with { _ = $0.insert(wakeup) } } }
            defer { listening.cancel() }
            try await probe.eventually("the first news") { heard.with { !$0.isEmpty } }
            try await probe.enqueue(sample())
            try await probe.eventually("news of the job") { heard.with { $0.contains(.ready(queue: "q")) } }
            let claimed = try await probe.one(worker)
            try await probe.store.cancel(claimed.id)
            try await probe.eventually("news of the wish") { heard.with { $0.contains(.cancel(claimed.id)) } }
        },
    ]
}
