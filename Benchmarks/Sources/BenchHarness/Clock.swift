import Foundation

/// Nanoseconds of the monotonic clock.
public func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Nanoseconds of CPU this process has used, all threads together.
public func cpuTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Nanoseconds a repetition of a body took.
@inline(__always)
public func nanoseconds(per count: Int, _ body: () throws -> Void) rethrows -> Double {
    let start = now()
    for _ in 0..<count { try body() }
    return Double(now() - start) / Double(count)
}

/// Keeps the optimiser from removing a value.
@inline(never)
public func blackHole<Value>(_ value: Value) {}
