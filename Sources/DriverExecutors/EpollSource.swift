#if os(Linux)
    import CVitalsLinux
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif
    import Synchronization

    /// One descriptor under an ``EpollLoop``.
    // The handler belongs to the loop; the state is atomic.
    final class EpollSource: ReadinessSource, @unchecked Sendable {
        /// The handler waits for a report.
        private static let armed: UInt8 = 1
        /// epoll watches for bytes to read.
        private static let reading: UInt8 = 2
        /// epoll watches for room to write.
        private static let writing: UInt8 = 4
        private static let cancelled: UInt8 = 8
        /// Of a handler that reads until nothing is left: a report came while nobody asked.
        private static let reported: UInt8 = 16
        /// Of such a handler: the other side has closed, or the descriptor broke, which epoll does not repeat.
        private static let ended: UInt8 = 32

        private let loop: EpollLoop
        private let descriptor: Int32
        /// Let go of when the watch ends, which breaks the circle between the two.
        private var handler: (any ReadinessHandler)?
        private let isEdgeTriggered: Bool
        private let state = Atomic<UInt8>(0)
        /// Makes a change of epoll's set and of the state one step.
        // Not of `Void`, whose place in memory is another's too, which the thread sanitizer takes for a race.
        private let registration = SystemLock(UInt8(0))

        init(loop: EpollLoop, descriptor: Int32, handler: any ReadinessHandler) {
            self.loop = loop
            self.descriptor = descriptor
            self.handler = handler
            isEdgeTriggered = handler.readsUntilDrained
        }

        func arm(_ interest: Readiness) {
            if interest == .read {
                // The common case: epoll watches already, for reading alone.
                let fast = state.compareExchange(
                    expected: Self.reading, desired: Self.reading | Self.armed, ordering: .acquiringAndReleasing)
                if fast.exchanged { return }
            }
            registration.withLock { _ in
                let old = state.load(ordering: .acquiring)
                guard old & Self.cancelled == 0 else { return }
                var wanted: UInt8 = 0
                if interest.contains(.read) { wanted |= Self.reading }
                if interest.contains(.write) { wanted |= Self.writing }
                // Armed before epoll knows, so that a report cannot come too early.
                state.store(wanted | Self.armed | old & Self.ended, ordering: .releasing)
                // Asked for room to write again, epoll looks again: whoever leaves bytes unread asks for it.
                let looksAgain = isEdgeTriggered && wanted & Self.writing != 0
                control(from: old & (Self.reading | Self.writing), to: wanted, always: looksAgain)
                if old & (Self.reported | Self.ended) != 0 { loop.execute { self.report([.read, .write]) } }
            }
        }

        var notesReports: Bool { isEdgeTriggered && state.load(ordering: .relaxed) & Self.reading != 0 }

        func takeReport() -> Bool {
            guard isEdgeTriggered, state.load(ordering: .relaxed) & (Self.reported | Self.ended) != 0 else {
                return false
            }
            _ = state.bitwiseAnd(~Self.reported, ordering: .acquiringAndReleasing)
            return true
        }

        func rest() {
            guard state.load(ordering: .relaxed) & (Self.reading | Self.writing) != 0 else { return }
            registration.withLock { _ in
                let old = state.bitwiseAnd(~(Self.reading | Self.writing), ordering: .acquiringAndReleasing).oldValue
                control(from: old & (Self.reading | Self.writing), to: 0)
            }
        }

        func disarm() {
            registration.withLock { _ in
                _ = state.bitwiseAnd(~Self.armed, ordering: .acquiringAndReleasing)
            }
        }

        func cancel() {
            registration.withLock { _ in
                let old = state.exchange(Self.cancelled, ordering: .acquiringAndReleasing)
                guard old & Self.cancelled == 0 else { return }
                control(from: old & (Self.reading | Self.writing), to: 0)
                close(descriptor)
            }
            handler = nil
            loop.bury(self)
        }

        /// On the loop: epoll says so.
        func report(_ readiness: Readiness, hasEnded: Bool = false) {
            if isEdgeTriggered, hasEnded { _ = state.bitwiseOr(Self.ended, ordering: .relaxed) }
            while true {
                let old = state.load(ordering: .acquiring)
                if old & Self.cancelled != 0 { return }
                if old & Self.armed != 0 {
                    // On its way when the interest changed: what is wanted now, epoll reports by itself.
                    guard !readiness.isDisjoint(with: interest(of: old)) else { return }
                    let taken = state.compareExchange(
                        expected: old, desired: old & ~Self.armed, ordering: .acquiringAndReleasing)
                    if taken.exchanged {
                        handler?.ready(readiness)
                        return
                    }
                    continue
                }
                if isEdgeTriggered {
                    let noted = state.compareExchange(
                        expected: old, desired: old | Self.reported, ordering: .acquiringAndReleasing)
                    if noted.exchanged { return }
                    continue
                }
                // Nobody asked: out of epoll, which would repeat itself for ever.
                let done = registration.withLock { _ -> Bool in
                    let taken = state.compareExchange(expected: old, desired: 0, ordering: .acquiringAndReleasing)
                    if taken.exchanged { control(from: old, to: 0) }
                    return taken.exchanged
                }
                if done { return }
            }
        }

        private func interest(of state: UInt8) -> Readiness {
            var interest: Readiness = []
            if state & Self.reading != 0 { interest.insert(.read) }
            if state & Self.writing != 0 { interest.insert(.write) }
            return interest
        }

        private func control(from old: UInt8, to new: UInt8, always: Bool = false) {
            guard old != new || always else { return }
            var event = epoll_event()
            if new & Self.reading != 0 { event.events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
            if new & Self.writing != 0 { event.events |= EPOLLOUT.rawValue }
            if isEdgeTriggered { event.events |= EPOLLET.rawValue }
            event.data.u64 = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
            let operation = new == 0 ? EPOLL_CTL_DEL : old == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
            if epoll_ctl(loop.epoll, operation, descriptor, &event) != 0, operation != EPOLL_CTL_DEL {
                // The descriptor is gone or the process is out of memory: the handler finds out when it reads.
                let source = self
                loop.execute { source.report([.read, .write]) }
            }
        }
    }
#endif
