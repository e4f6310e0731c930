#if os(Linux)
    import CVitalsLinux
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif
    import Synchronization

    /// The loop on epoll.
    ///
    /// Descriptors are registered level-triggered and stay registered between reports, so that re-arming costs no
    /// system call; a report nobody armed for takes the descriptor out of epoll until the next arming.
    // State shared between threads is atomic or behind the lock; the rest belongs to the loop's thread.
    package final class EpollLoop: ReadinessLoop, @unchecked Sendable {
        let epoll: Int32
        private let wakeup: Int32
        private let inbox = SystemLock(Inbox())
        private let hasInbox = Atomic<Bool>(false)
        private let asleep = Atomic<Bool>(false)
        private let threadID = Atomic<UInt>(0)
        /// Descriptors under watch: the thread does not end before the last is let go.
        let watched = Atomic<Int>(0)

        // Of the loop's thread.
        private var jobs = JobQueue()
        private var timers = TimerHeap()
        private var resumptions: [LoopContinuation] = []
        private var defersResumptions = false

        private struct Inbox {
            var jobs: [UnownedJob] = []
            var closures: [@Sendable () -> Void] = []
            var timers: [TimerHeap.Entry] = []
            var buried: [EpollSource] = []
            var stopping = false
            var stopped = false
        }

        /// Starts a loop and its thread.
        /// - Throws: ``LoopError`` when the process has no descriptor or thread left.
        package init(name: String) throws(LoopError) {
            epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard epoll >= 0 else { throw LoopError("epoll_create1", errno) }
            wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            guard wakeup >= 0 else {
                let code = errno
                close(epoll)
                throw LoopError("eventfd", code)
            }
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u64 = 0
            guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
                let code = errno
                close(epoll)
                close(wakeup)
                throw LoopError("epoll_ctl", code)
            }
            do {
                // The thread keeps the loop alive until `stop()`.
                try LoopThread.start(name: name) { self.run() }
            } catch {
                close(epoll)
                close(wakeup)
                throw error
            }
        }

        // MARK: From any thread

        package var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

        package func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            if isCurrent {
                jobs.append(job)
                return
            }
            let accepted = post { inbox in
                if inbox.stopped { return false }
                inbox.jobs.append(job)
                return true
            }
            if !accepted { Task.detached { job.runSynchronously(on: self.asUnownedTaskExecutor()) } }
        }

        package func execute(_ body: @escaping @Sendable () -> Void) {
            let accepted = post { inbox in
                if inbox.stopped { return false }
                inbox.closures.append(body)
                return true
            }
            if !accepted { body() }
        }

        @discardableResult
        package func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> LoopTimer {
            let timer = LoopTimer()
            let entry = TimerHeap.Entry(
                due: MonotonicTime.now() &+ MonotonicTime.nanoseconds(delay), timer: timer, body: body)
            if isCurrent {
                timers.insert(entry)
            } else {
                _ = post { inbox in
                    inbox.timers.append(entry)
                    return true
                }
            }
            return timer
        }

        package func resume(_ continuation: LoopContinuation) {
            if isCurrent, defersResumptions {
                resumptions.append(continuation)
            } else {
                continuation.resume()
            }
        }

        package func watch(_ descriptor: Int32, handler: any ReadinessHandler) -> any ReadinessSource {
            watched.add(1, ordering: .relaxed)
            return EpollSource(loop: self, descriptor: descriptor, handler: handler)
        }

        package func stop() {
            _ = post { inbox in
                inbox.stopping = true
                return true
            }
        }

        /// Keeps a source whose report may be in the batch being handled alive until the batch is done.
        func bury(_ source: EpollSource) {
            inbox.withLock { if !$0.stopped { $0.buried.append(source) } }
            watched.subtract(1, ordering: .releasing)
            hasInbox.store(true, ordering: .sequentiallyConsistent)
        }

        private func post(_ change: (inout Inbox) -> Bool) -> Bool {
            let accepted = inbox.withLock { change(&$0) }
            hasInbox.store(true, ordering: .sequentiallyConsistent)
            if asleep.load(ordering: .sequentiallyConsistent), asleep.exchange(false, ordering: .sequentiallyConsistent)
            {
                var one: UInt64 = 1
                _ = write(wakeup, &one, 8)
            }
            return accepted
        }

        // MARK: The thread

        private func run() {
            threadID.store(UInt(pthread_self()), ordering: .relaxed)
            let executor = asUnownedTaskExecutor()
            let capacity = 128
            let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
            defer { events.deallocate() }
            while true {
                if hasInbox.load(ordering: .acquiring), takeInbox() { break }
                while let due = timers.popDue() { due() }
                var budget = 64
                while budget > 0, let job = jobs.popFirst() {
                    job.runSynchronously(on: executor)
                    budget -= 1
                }
                var timeout: Int32 = 0
                if jobs.isEmpty {
                    asleep.store(true, ordering: .sequentiallyConsistent)
                    if hasInbox.load(ordering: .sequentiallyConsistent) {
                        asleep.store(false, ordering: .relaxed)
                        continue
                    }
                    timeout = timers.timeout()
                }
                let count = epoll_wait(epoll, events, Int32(capacity), timeout)
                asleep.store(false, ordering: .relaxed)
                guard count > 0 else { continue }
                defersResumptions = true
                for index in 0..<Int(count) { deliver(events[index]) }
                defersResumptions = false
                for continuation in resumptions { continuation.resume() }
                resumptions.removeAll(keepingCapacity: true)
            }
            threadID.store(0, ordering: .relaxed)
            close(epoll)
            close(wakeup)
        }

        private func deliver(_ event: epoll_event) {
            guard let pointer = UnsafeRawPointer(bitPattern: UInt(event.data.u64)) else {
                var value: UInt64 = 0
                _ = read(wakeup, &value, 8)
                return
            }
            var readiness: Readiness = []
            if event.events & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0 {
                readiness.insert(.read)
            }
            if event.events & (EPOLLOUT.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
                readiness.insert(.write)
            }
            let hasEnded = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0
            // Alive: its owner holds it, or it lies buried until the next turn.
            Unmanaged<EpollSource>.fromOpaque(pointer).takeUnretainedValue().report(readiness, hasEnded: hasEnded)
        }

        /// Takes what other threads left. Returns whether the loop is to end.
        private func takeInbox() -> Bool {
            hasInbox.store(false, ordering: .sequentiallyConsistent)
            var taken = Inbox()
            inbox.withLock {
                swap(&$0, &taken); $0.stopping = taken.stopping
            }
            for entry in taken.timers { timers.insert(entry) }
            for job in taken.jobs { jobs.append(job) }
            for body in taken.closures { body() }
            guard taken.stopping, jobs.isEmpty, watched.load(ordering: .acquiring) == 0 else {
                // Looked at again after the jobs; the last source's end brings the loop back here as well.
                if taken.stopping, !jobs.isEmpty { hasInbox.store(true, ordering: .relaxed) }
                return false
            }
            return inbox.withLock { inbox in
                guard inbox.jobs.isEmpty, inbox.closures.isEmpty else { return false }
                inbox.stopped = true
                return true
            }
        }
    }
#endif
