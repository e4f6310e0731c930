/// A pool at one moment, and what it has done since its start.
public struct PoolStatistics: Sendable, Hashable {
    /// The configured number of persistent connections.
    public var size = 0
    /// The most connections there can be: size and overflow.
    public var limit = 0
    /// Connections lent at the moment.
    public var inUse = 0
    /// Connections ready to be lent.
    public var idle = 0
    /// Connections being made.
    public var connecting = 0
    /// Connections being checked or made clean.
    public var checking = 0
    /// Connections being closed, whose places are taken until then.
    public var closing = 0
    /// Whether nothing is lent until ``Pool/resume()``.
    public var isSuspended = false
    /// Calls of the backend that did not return in their time and still have not. Each may hold a connection that is
    /// counted nowhere else.
    public var stuckCalls = 0
    /// Callers that wait.
    public var waiting = 0
    /// Connections that exist beyond ``size``.
    public var overflow: Int { max(0, total + connecting - size) }
    /// Connections that exist.
    public var total: Int { inUse + idle + checking }
    /// Leases given since the start.
    public var leases: UInt64 = 0
    /// Connections made since the start.
    public var created: UInt64 = 0
    /// Connections closed since the start.
    public var closed: UInt64 = 0
    /// The same by cause, and those that came too late, which were never counted as made.
    public var closings: [PoolCloseReason: UInt64] = [:]
    /// Failed connection attempts since the start.
    public var connectFailures: UInt64 = 0
    /// Callers that waited too long since the start.
    public var timeouts: UInt64 = 0
    /// Calls of the backend that the pool went on without, since the start.
    public var abandonedCalls: UInt64 = 0
    /// Callers that were refused early since the start, because there were too many.
    public var shed: UInt64 { shedByPriority.values.reduce(0, &+) }
    /// The same by the priority with which they came, from -3,600 to 3,600.
    public var shedByPriority: [Int: UInt64] = [:]
    /// Events that the observer was not told since the start, because it took too long for those before them.
    public var lostEvents: UInt64 = 0
    /// Whether callers are refused early at the moment, and those that came last are served first.
    public var isOverloaded = false
    /// Leases held longer than the leak threshold since the start.
    public var leaks: UInt64 = 0
    /// Where the connection that is lent the longest was acquired.
    public var longestHeldSite: String?
    /// For how long it has been lent.
    public var longestHeld = Duration.zero
    /// For how long the first of those that wait has waited.
    public var longestWaiting = Duration.zero
    /// How long callers waited, whether they were served, timed out or were refused; those that found an idle connection are in
    /// the first bucket.
    public var waitTimes = DurationHistogram()
    /// How long connections were lent, to the 1–4 ms of the system's coarse clock.
    public var useTimes = DurationHistogram()
    /// How long it took to make connections.
    public var createTimes = DurationHistogram()

    /// A pool at rest: for tests of what reads statistics, and for pools of other makes.
    public init() {}

    /// The share of leases that needed no new connection, 0…1; 1 before the first lease.
    public var reuse: Double { leases == 0 ? 1 : max(0, 1 - Double(created) / Double(leases)) }
    /// The share of the limit, overflow included, that is lent, 0…1.
    public var utilisation: Double { limit == 0 ? 0 : Double(inUse) / Double(limit) }
}
