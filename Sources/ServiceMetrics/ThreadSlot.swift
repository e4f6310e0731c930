#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Synchronization

/// A small number for each thread, by which threads choose their own cell of a striped metric.
enum ThreadSlot {
    /// How many cells a striped metric has: four times the cores, so that the few threads that are busy at once seldom share
    /// one whatever their numbers, rounded up to a power of two, 8…32.
    static let cells: Int = {
        let wanted = 4 * max(2, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        return 1 << (Int.bitWidth - (wanted - 1).leadingZeroBitCount)
    }()

    static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()
    private static let next = Atomic<Int>(0)

    /// The thread's number, 0…; threads are numbered as they first ask.
    static var current: Int { current(key) }

    /// The thread's number, by a key that the caller keeps at hand.
    @inline(__always)
    static func current(_ key: pthread_key_t) -> Int {
        let slot = Int(bitPattern: pthread_getspecific(key))
        return slot != 0 ? slot &- 1 : assign(key)
    }

    @inline(never)
    private static func assign(_ key: pthread_key_t) -> Int {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue & 0x3FFF_FFFF
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: max(1, number)))
        return max(1, number) - 1
    }
}
