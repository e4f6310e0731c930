/// Where one thread sleeps until another wakes it.
// The flag is accessed only while holding the monitor.
package final class Parker: @unchecked Sendable {
    private let monitor = Monitor()
    private var isWoken = false

    package init() {}

    /// Forgets earlier calls of ``wake()``; those from now on count.
    package func prepare() { monitor.withLock { isWoken = false } }

    /// Sleeps until ``wake()``. A wake after ``prepare()`` and before this is not lost.
    package func park() {
        monitor.withLock { while !isWoken { monitor.wait() } }
    }

    /// Sleeps until ``wake()``, for so many nanoseconds at most.
    package func park(nanoseconds: Int64) {
        let end = MonotonicTime.now() &+ nanoseconds
        monitor.withLock { while !isWoken, MonotonicTime.now() < end { monitor.wait(until: end) } }
    }

    /// Wakes the thread, or keeps it from going to sleep.
    package func wake() {
        monitor.withLock { isWoken = true }
        monitor.signal()
    }
}
