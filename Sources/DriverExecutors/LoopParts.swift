#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import VitalsSupport

/// A loop that could not be started.
package struct LoopError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ call: String, _ code: Int32) {
        description = "\(call): \(String(cString: strerror(code))); raise the limit of descriptors or threads"
    }
}

/// The monotonic clock in nanoseconds.
package enum MonotonicTime {
    /// Nanoseconds since some moment in the past; does not count while the machine sleeps.
    @inline(__always)
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// A duration in nanoseconds, at least 0 and at most a century.
    package static func nanoseconds(_ duration: Duration) -> UInt64 {
        let parts = duration.components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        guard parts.seconds < 3_155_760_000 else { return 3_155_760_000_000_000_000 }
        return UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
    }
}

/// A queue of jobs: a ring that grows.
struct JobQueue {
    private var ring: [UnownedJob?] = Array(repeating: nil, count: 64)
    private var head = 0
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: UnownedJob) {
        if count == ring.count {
            ring = (0..<count).map { ring[(head + $0) & (ring.count - 1)] } + Array(repeating: nil, count: count)
            head = 0
        }
        ring[(head + count) & (ring.count - 1)] = job
        count += 1
    }

    mutating func popFirst() -> UnownedJob? {
        guard count > 0 else { return nil }
        let job = ring[head]
        head = (head + 1) & (ring.count - 1)
        count -= 1
        return job
    }
}

/// Delayed closures, the earliest first.
struct TimerHeap {
    struct Entry {
        let due: UInt64
        let timer: LoopTimer
        let body: @Sendable () -> Void
    }

    private var heap: [Entry] = []

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the next closure that is due, if there is one.
    mutating func popDue() -> (@Sendable () -> Void)? {
        guard !heap.isEmpty else { return nil }
        let now = MonotonicTime.now()
        while let first = heap.first, first.due <= now || first.timer.isCancelled {
            removeFirst()
            if !first.timer.isCancelled { return first.body }
        }
        return nil
    }

    /// Milliseconds until the next is due, rounded up; -1 when there is none.
    mutating func timeout() -> Int32 {
        while let first = heap.first, first.timer.isCancelled { removeFirst() }
        guard let first = heap.first else { return -1 }
        let now = MonotonicTime.now()
        guard first.due > now else { return 0 }
        return Int32(clamping: (first.due - now + 999_999) / 1_000_000)
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].due < heap[least].due
            {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

/// Threads with a name.
enum LoopThread {
    /// Starts a detached thread.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(LoopError) {
        let code = NamedThread.start(name, body)
        guard code == 0 else { throw LoopError("pthread_create", code) }
    }
}
