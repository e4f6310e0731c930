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

    private let descriptor: Int32
    private let capacity: Int
    private var buffer: [UInt8] = []
    private var isWriting = false
    private var lost: UInt64 = 0
    private var told: UInt64 = 0
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
        mutex.initialize(to: pthread_mutex_t())
        filled.initialize(to: pthread_cond_t())
        emptied.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
        pthread_cond_init(emptied, nil)
        startThread()
    }

    /// Adds a line, which must end with a line feed.
    public func write(_ line: [UInt8]) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard buffer.count + line.count <= capacity else {
            lost += 1
            return
        }
        let wasEmpty = buffer.isEmpty
        buffer.append(contentsOf: line)
        // Who writes looks again before it sleeps.
        if wasEmpty, !isWriting { pthread_cond_signal(filled) }
    }

    /// Lines dropped because nobody read, or the descriptor is gone.
    public var dropped: UInt64 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return lost
    }

    /// Bytes that wait to be written.
    public var waiting: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return buffer.count
    }

    /// Waits until everything is written.
    /// - Parameter seconds: The longest wait.
    /// - Returns: Whether all was written.
    @discardableResult
    public func flush(within seconds: Int = 5) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += seconds
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !buffer.isEmpty || isWriting {
            if pthread_cond_timedwait(emptied, mutex, &deadline) == ETIMEDOUT { return false }
        }
        return true
    }

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
        var taken: [UInt8] = []
        while true {
            pthread_mutex_lock(mutex)
            isWriting = false
            if buffer.isEmpty { pthread_cond_broadcast(emptied) }
            while buffer.isEmpty { pthread_cond_wait(filled, mutex) }
            taken.removeAll(keepingCapacity: true)
            swap(&taken, &buffer)
            isWriting = true
            if lost > told {
                let text =
                    "{\"ts\":\"\(timestamp())\",\"level\":\"warning\",\"msg\":\"log lines dropped\",\"logger\":\"log\",\"dropped\":\(lost - told)}\n"
                told = lost
                taken.append(contentsOf: text.utf8)
            }
            pthread_mutex_unlock(mutex)
            let sent = taken.withUnsafeBytes { send($0) }
            guard sent < taken.count else {
                gather()
                continue
            }
            let unsent = UInt64(taken[sent...].count { $0 == UInt8(ascii: "\n") })
            pthread_mutex_lock(mutex)
            lost += unsent
            pthread_mutex_unlock(mutex)
        }
    }

    /// Where lines came while others were written, more will: a millisecond later they go out as one write, instead of
    /// a wake-up for every few of them. A line after silence is written at once.
    private func gather() {
        pthread_mutex_lock(mutex)
        let isBusy = !buffer.isEmpty && buffer.count < capacity / 8
        pthread_mutex_unlock(mutex)
        if isBusy { usleep(1000) }
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

    private func timestamp() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var line = LogLine(redaction: LogRedaction([]))
        line.open(seconds: Int64(time.tv_sec), microseconds: Int64(time.tv_nsec) / 1000)
        return String(decoding: line.close().dropFirst(7).dropLast(2), as: UTF8.self)
    }
}

private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
