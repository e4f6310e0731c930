#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
