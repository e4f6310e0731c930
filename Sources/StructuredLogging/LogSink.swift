#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// The mutex guards the buffer and the figures; the descriptor is only used by the writing thread.
/// Where lines go: gathered in memory, written by a thread of its own, so that no task waits for a terminal or a pipe.
///
/// The memory is bounded. Lines that find no room are dropped and counted, and a line says so once there is room again.
public final class LogSink: @unchecked Sendable {
    /// The process's standard output. What it holds is written when the process exits, if somebody reads it.
    public static let standardOutput: LogSink = {
        let sink = LogSink(descriptor: 1)
        atexit { LogSink.standardOutput.flush(within: 2) }
        return sink
    }()

    /// What the mutex guards.
    private struct State: ~Copyable {
        var buffer = LogBuffer(capacity: 4096)
        var isWriting = false
        var lost: UInt64 = 0
        var told: UInt64 = 0
    }

    private let descriptor: Int32
    private let capacity: Int
    private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let emptied = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// A sink that lives as long as the process.
    /// - Parameters:
    ///   - descriptor: Where it writes.
    ///   - capacity: Bytes held for a slow reader; what comes above is dropped and counted.
    public init(descriptor: Int32, capacity: Int = 8 << 20) {
        self.descriptor = descriptor
        self.capacity = max(1024, capacity)
        state.initialize(to: State())
        mutex.initialize(to: pthread_mutex_t())
        filled.initialize(to: pthread_cond_t())
        emptied.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
        pthread_cond_init(emptied, nil)
        startThread()
    }

    /// Adds a line, which must end with a line feed.
    public func write(_ line: [UInt8]) { line.withUnsafeBufferPointer { write($0) } }

    func write(_ line: UnsafeBufferPointer<UInt8>) {
        lock()
        defer { unlock() }
        guard state.pointee.buffer.count + line.count <= capacity else {
            state.pointee.lost += 1
            return
        }
        let wasEmpty = state.pointee.buffer.count == 0
        state.pointee.buffer.append(line)
        // Who writes looks again before it sleeps.
        if wasEmpty, !state.pointee.isWriting { pthread_cond_signal(filled) }
    }

    /// Lines dropped because nobody read, or the descriptor is gone.
    public var dropped: UInt64 {
        lock()
        defer { unlock() }
        return state.pointee.lost
    }

    /// Bytes that wait to be written.
    public var waiting: Int {
        lock()
        defer { unlock() }
        return state.pointee.buffer.count
    }

    /// Waits until everything is written.
    /// - Parameter seconds: The longest wait.
    /// - Returns: Whether all was written.
    @discardableResult
    public func flush(within seconds: Int = 5) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += seconds
        lock()
        defer { unlock() }
        while state.pointee.buffer.count > 0 || state.pointee.isWriting {
            if pthread_cond_timedwait(emptied, mutex, &deadline) == ETIMEDOUT { return false }
        }
        return true
    }

    private func lock() { pthread_mutex_lock(mutex) }

    private func unlock() { pthread_mutex_unlock(mutex) }

    private func startThread() {
        let context = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
            pthread_create(
                &thread, nil,
                { context in
                    Unmanaged<LogSink>.fromOpaque(context).takeUnretainedValue().drain()
                    return nil
                }, context)
            if let thread { pthread_detach(thread) }
        #else
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<LogSink>.fromOpaque(context).takeUnretainedValue().drain() }
                    return nil
                }, context)
            pthread_detach(thread)
        #endif
    }

    /// The life of the writing thread.
    private func drain() {
        var taken = LogBuffer(capacity: 4096)
        var written = 0 as UInt64
        while true {
            lock()
            state.pointee.isWriting = false
            if state.pointee.buffer.count == 0 { pthread_cond_broadcast(emptied) }
            while state.pointee.buffer.count == 0 { pthread_cond_wait(filled, mutex) }
            gather(since: written)
            taken.cut(to: 0)
            swap(&taken, &state.pointee.buffer)
            state.pointee.isWriting = true
            if state.pointee.lost > state.pointee.told {
                tell(of: state.pointee.lost - state.pointee.told, in: &taken)
                state.pointee.told = state.pointee.lost
            }
            unlock()
            let bytes = taken.bytes()
            let sent = send(UnsafeRawBufferPointer(bytes))
            written = nanoseconds()
            guard sent < bytes.count else { continue }
            let unsent = UInt64(bytes[sent...].count { $0 == UInt8(ascii: "\n") })
            lock()
            state.pointee.lost += unsent
            unlock()
        }
    }

    /// The line that says how many were dropped.
    private func tell(of dropped: UInt64, in bytes: inout LogBuffer) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var line = LogLine(redaction: LogRedaction([]))
        line.open(seconds: Int64(time.tv_sec), microseconds: Int64(time.tv_nsec) / 1000)
        line.bytes.append(",\"level\":\"warning\",\"msg\":\"log lines dropped\",\"logger\":\"log\",\"dropped\":")
        line.bytes.append(Int(clamping: dropped))
        line.bytes.append("}\n")
        bytes.append(line.bytes.bytes())
    }

    /// A line after silence is written at once. Those that follow within a millisecond go out as one write, instead of a
    /// wake-up for every few of them. Called with the lock held, which others may take in the meantime.
    private func gather(since written: UInt64) {
        let (passed, span) = (nanoseconds() &- written, 1_000_000 as UInt64)
        guard passed < span, state.pointee.buffer.count < capacity / 8 else { return }
        unlock()
        usleep(UInt32((span - passed) / 1000))
        lock()
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Writes all, waiting for the reader; returns how many bytes went out before the descriptor failed.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = posixWrite(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, 1000)
            } else if errno != EINTR {
                break
            }
        }
        return sent
    }
}

private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
