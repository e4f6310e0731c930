import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

import VitalsSupport

extension JobWorker {
    // MARK: Lease

    /// Registers, and renews the lease. A lease that has ended, by the store's word or by our own clock, costs the
    /// runs made under it; the worker then registers anew.
    func keepLease() async {
        var backoff = Backoff()
        var renewed = clock.monotonic()
        var beats = 0
        while !Task.isCancelled {
            guard let worker = state.with({ $0.worker }) else {
                await register(&backoff)
                renewed = clock.monotonic()
                continue
            }
            try? await clock.sleep(for: configuration.heartbeatInterval)
            if Task.isCancelled { return }
            let asked = clock.monotonic()
            do {
                let reply = try await store.heartbeat(worker, lease: configuration.lease)
                answered()
                if reply.isAlive {
                    renewed = asked
                    for id in reply.cancelRequested { cancelRun(of: id) }
                    beats += 1
                    // A claim whose answer was lost without an error would be held for ever by our own lease.
                    if beats.isMultiple(of: 6) {
                        state.with { $0.wantReconciling() }
                        fire()
                    }
                } else {
                    loseLease()
                }
            } catch {
                observer?.observe(.storeUnavailable(error: error, retryIn: configuration.heartbeatInterval))
                if clock.monotonic() - renewed >= configuration.lease { loseLease() }
            }
        }
    }

    private func register(_ backoff: inout Backoff) async {
        let description = WorkerDescription(
            host: Self.hostName, process: Int(getpid()), queues: configuration.queues.keys.sorted(),
            kinds: Set(engine.kinds.keys))
        do {
            let id = try await store.register(description, lease: configuration.lease)
            answered()
            backoff.reset()
            state.with { $0.registered(id) }
            fire()
        } catch {
            await pause(after: error, &backoff)
        }
    }

    private func loseLease() {
        logger.error("The lease has ended; everything that runs under it is cancelled.")
        observer?.observe(.leaseLost)
        cancel(state.with { $0.leaseLost() })
        fire()
    }

    func cancelRun(of id: JobID) {
        let live = runs.with { $0.all }.first { $0.job.id == id }
        if let live {
            live.cancel(.requested)
        } else if state.with({ $0.cancelWaiting(id) }) {
            fire()
        }
    }

    // MARK: Looking for jobs

    /// Lets the worker ask for jobs every now and then, told or not.
    func poll() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: configuration.pollInterval * Double.random(in: 0.75...1.25))
            let now = clock.monotonic()
            state.with { state in
                // Jobs that take longer than they used to must not hold up those behind them.
                if case .adaptive(let maxHold) = configuration.prefetch {
                    state.returnWaiting(claimedBefore: now - maxHold * 2)
                }
                state.markMayHaveJobs(nil)
            }
            fire()
            recycle()
        }
    }

    /// Follows the store's news.
    func listen() async {
        while !Task.isCancelled {
            for await wakeup in store.wakeups() {
                switch wakeup {
                case .ready(let queue):
                    state.with { $0.markMayHaveJobs(queue) }
                    fire()
                case .scheduled: maintenanceWakeup.fire()
                case .cancel(let id): cancelRun(of: id)
                case .resync:
                    state.with { $0.markMayHaveJobs(nil) }
                    fire()
                }
            }
            try? await clock.sleep(for: configuration.pollInterval)
        }
    }

    private func recycle() {
        guard let limits = configuration.recycling else { return }
        if let maxJobs = limits.maxJobs, state.with({ $0.completedRuns }) >= maxJobs {
            askForRestart("\(maxJobs) jobs done")
            stop()
        } else if let maxRSS = limits.maxRSS, let rss = ProcessMemory.resident(), rss > maxRSS {
            askForRestart("\(rss) bytes of memory, above \(maxRSS)")
            stop()
        }
    }

    /// Saves progress now and then; hears on the way of runs that are no longer ours.
    func saveProgress() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: configuration.progressInterval)
            let references = dirty.with { dirty in
                defer { dirty = [] }
                return dirty
            }
            guard !references.isEmpty, let worker = state.with({ $0.worker }) else { continue }
            let updates = runs.with { $0.all }.filter { references.contains($0.reference) }
                .compactMap { $0.context.takeUpdate() }
            guard !updates.isEmpty else { continue }
            do {
                cancel(try await store.save(updates, worker: worker))
            } catch {
                observer?.observe(.storeUnavailable(error: error, retryIn: configuration.progressInterval))
            }
        }
    }
}

extension Wakeup {
    /// Waits for the next signal, or for a while.
    func wait(atMost duration: Duration, clock: any JobClock) async {
        let timer = Task.detached(executorPreference: ControlThread.shared) {
            guard (try? await clock.sleep(for: duration)) != nil else { return }
            self.fire()
        }
        await wait()
        timer.cancel()
    }
}

/// This process's memory.
enum ProcessMemory {
    /// Resident bytes; `nil` where the system does not tell.
    static func resident(of process: Int? = nil) -> Int? {
        let path = process.map { "/proc/\($0)/statm" } ?? "/proc/self/statm"
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(getpagesize())
    }
}
