#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system's monotonic clock, in nanoseconds.
enum MonotonicTime {
    #if canImport(Darwin)
        private static var fine: clockid_t { CLOCK_MONOTONIC_RAW }
        private static var rough: clockid_t { CLOCK_MONOTONIC_RAW_APPROX }
    #else
        private static var fine: clockid_t { CLOCK_MONOTONIC }
        private static var rough: clockid_t { CLOCK_MONOTONIC_COARSE }
    #endif

    @inline(__always)
    static func now() -> UInt64 { read(fine) }

    /// The time at the kernel's last tick.
    @inline(__always)
    static func coarseNow() -> UInt64 { read(rough) }

    @inline(__always)
    private static func read(_ clock: clockid_t) -> UInt64 {
        // A timespec is two words. Its members cannot be named here: with MemberImportVisibility some builds find them in
        // a private module of the toolchain (Swift 6.3.1).
        var time = (seconds: 0, nanoseconds: 0)
        withUnsafeMutablePointer(to: &time) {
            _ = $0.withMemoryRebound(to: timespec.self, capacity: 1) { clock_gettime(clock, $0) }
        }
        return UInt64(truncatingIfNeeded: time.seconds) &* 1_000_000_000
            &+ UInt64(truncatingIfNeeded: time.nanoseconds)
    }
}
