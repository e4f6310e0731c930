#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where lines go: gathered in memory, written by a thread of its own, so that no task waits for a terminal or a pipe.
// The mutex and condition guard the buffer; the descriptor is only used by the writing thread.
public final class LogSink: @unchecked Sendable {
    /// The process's standard output.
    public static let standardOutput = LogSink(descriptor: 1)

    private let descriptor: Int32
    private let capacity: Int
    private var buffer: [UInt8] = []
    private var isWriting = false
    private var lost: UInt64 = 0
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let emptied = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// A sink that lives as long as the process.
    /// - Parameters:
    ///   - descriptor: Where it writes.
    ///   - capacity: Bytes held for a slow reader; what comes above is dropped and counted.
    public init(descriptor: Int32, capacity: Int = 8 << 20) {
        self.descriptor = descriptor
        self.capacity = capacity
        mutex.initialize(to: pthread_mutex_t())
        filled.initialize(to: pthread_cond_t())
        emptied.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
        pthread_cond_init(emptied, nil)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<LogSink>.fromOpaque(context).takeUnretainedValue().drain() }
                return nil
            }, context)
        pthread_detach(thread)
        atexit { LogSink.standardOutput.flush() }
    }

    /// Adds a line, which must end with a line feed.
    public func write(_ line: [UInt8]) {
        pthread_mutex_lock(mutex)
        if buffer.count + line.count > capacity { lost += 1 } else { buffer.append(contentsOf: line) }
        pthread_cond_signal(filled)
        pthread_mutex_unlock(mutex)
    }

    /// Lines dropped because nobody read.
    public var dropped: UInt64 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return lost
    }

    /// Waits until everything is written.
    public func flush() {
        pthread_mutex_lock(mutex)
        while !buffer.isEmpty || isWriting { pthread_cond_wait(emptied, mutex) }
        pthread_mutex_unlock(mutex)
    }

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
            pthread_mutex_unlock(mutex)
            taken.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    let count = posixWrite(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
                    if count < 0 {
                        if errno == EINTR || errno == EAGAIN { continue }
                        break
                    }
                    sent += count
                }
            }
        }
    }
}

private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
