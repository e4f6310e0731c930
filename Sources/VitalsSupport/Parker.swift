#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where one thread sleeps until another wakes it.
// The condition variable and the flag are accessed only while holding the mutex.
package final class Parker: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isWoken = false

    package init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
            pthread_cond_init(condition, nil)
        #else
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Forgets earlier calls of ``wake()``; those from now on count.
    package func prepare() { withLock { isWoken = false } }

    /// Sleeps until ``wake()``. A wake after ``prepare()`` and before this is not lost.
    package func park() {
        withLock { while !isWoken { pthread_cond_wait(condition, mutex) } }
    }

    /// Sleeps until ``wake()``, for so many nanoseconds at most.
    package func park(nanoseconds: Int64) {
        withLock {
            #if canImport(Darwin)
                var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
                while !isWoken, pthread_cond_timedwait_relative_np(condition, mutex, &time) == 0 {}
            #else
                let end = MonotonicTime.now() &+ nanoseconds
                var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
                while !isWoken, pthread_cond_timedwait(condition, mutex, &time) == 0 {}
            #endif
        }
    }

    /// Wakes the thread, or keeps it from going to sleep.
    package func wake() {
        withLock { isWoken = true }
        pthread_cond_signal(condition)
    }

    @inline(__always)
    private func withLock(_ body: () -> Void) {
        pthread_mutex_lock(mutex)
        body()
        pthread_mutex_unlock(mutex)
    }
}
