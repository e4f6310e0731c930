/// Receives the events of a pool.
///
/// They are told in order and one at a time, on a thread of the pool's own, which nothing waits for: an observer that blocks
/// gets 1,024 events later and loses those beyond, which ``PoolStatistics/lostEvents`` counts. Only
/// ``PoolEvent/acquired(waited:site:)`` and ``PoolEvent/released(held:site:)`` are told by the task that borrows, which waits.
public protocol PoolObserver: Sendable {
    /// Something happened.
    func pool(did event: PoolEvent)
}

/// What happens in a pool.
public enum PoolEvent: Sendable {
    /// A connection was made, in so long.
    case connected(Duration)
    /// A connection attempt failed; the next one is made after the pause.
    case connectFailed(any Error, retryAfter: Duration)
    /// A connection was closed.
    case closed(reason: PoolCloseReason)
    /// A connection was lent, after so long. Told only with ``PoolConfiguration/echo``.
    case acquired(waited: Duration, site: AcquisitionSite)
    /// A connection came back, after so long. Told only with ``PoolConfiguration/echo``.
    case released(held: Duration, site: AcquisitionSite)
    /// A caller waited too long.
    case timedOut(waited: Duration, site: AcquisitionSite)
    /// A caller was refused early because there are too many; see ``PoolOverload/shed(target:interval:)``.
    case shed(waited: Duration, priority: Int, site: AcquisitionSite)
    /// A connection is lent for longer than the leak threshold.
    case suspectedLeak(held: Duration, site: AcquisitionSite)
    /// A connection that was suspected to be leaked came back.
    case leakReturned(held: Duration, site: AcquisitionSite)
    /// A call of the backend did not return in its time, and the pool goes on without it. Its connection is not used again,
    /// and may still be open, beyond the limit of the pool.
    case abandoned(PoolCall, after: Duration)
}

/// Why a connection was closed.
public enum PoolCloseReason: String, Sendable, Hashable, CaseIterable {
    case maxLifetime, idleTimeout, overflow, broken, invalid, evicted, shutdown
    /// It was made after the pool had given the attempt up.
    case late
}

/// Where in the program a connection was acquired.
public struct AcquisitionSite: Sendable, Hashable, CustomStringConvertible {
    /// The address of a static string, which ends with a zero byte; 0 for none. A number can be read at any moment.
    let filePointer: UInt
    let line: UInt

    init(filePointer: UInt, line: UInt) {
        self.filePointer = filePointer
        self.line = line
    }

    @inline(__always)
    package init(file: StaticString, line: UInt) {
        filePointer = file.hasPointerRepresentation ? UInt(bitPattern: file.utf8Start) : 0
        self.line = line
    }

    /// `Module/File.swift:12`.
    public var description: String {
        guard let start = UnsafePointer<CChar>(bitPattern: filePointer) else { return "unknown" }
        return "\(String(cString: start)):\(line)"
    }
}
