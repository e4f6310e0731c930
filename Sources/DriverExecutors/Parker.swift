import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where one thread sleeps until another wakes it.
// The condition variable is used under its mutex; the flag is atomic.
final class Parker: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let isWoken = Atomic<Bool>(false)

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Says that the thread is about to sleep; a ``wake()`` from now on counts.
    func prepare() { isWoken.store(false, ordering: .relaxed) }

    /// Sleeps until ``wake()``. A wake after ``prepare()`` and before this is not lost.
    func park() {
        pthread_mutex_lock(mutex)
        while !isWoken.load(ordering: .relaxed) { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }

    /// Wakes the thread, or keeps it from going to sleep.
    func wake() {
        pthread_mutex_lock(mutex)
        isWoken.store(true, ordering: .relaxed)
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }
}

/// Remembers, for each thread, whose it is.
enum ThreadMark {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Marks the calling thread as an owner's. The owner outlives the thread.
    static func set(_ owner: AnyObject) {
        pthread_setspecific(key, Unmanaged.passUnretained(owner).toOpaque())
    }

    /// Whether the calling thread is an owner's.
    static func isOf(_ owner: AnyObject) -> Bool {
        pthread_getspecific(key).map(UnsafeRawPointer.init)
            == UnsafeRawPointer(Unmanaged.passUnretained(owner).toOpaque())
    }
}
