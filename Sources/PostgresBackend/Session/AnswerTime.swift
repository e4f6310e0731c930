import Synchronization

/// Whether a session's next answer is waited for on the thread that asked for it.
///
/// Handing a session to the loop and its task back costs more processor time than many answers take to come. So while
/// no other exchange is in flight in this process, and answers come quickly, the thread waits for them. After a few
/// in a row the task is suspended all the same, so that the others of its executor get their turn. After an answer that
/// does not come in time the next ones are left to the loop: more of them each time, until one comes in time again.
struct AnswerTime {
    /// The longest wait, in nanoseconds.
    static let longestWait = 100_000
    /// The most answers in a row that are waited for.
    private static let longestRun = 8
    /// The most exchanges that are left to the loop before a wait is tried again.
    private static let longestPause: UInt16 = 1024
    /// Exchanges in flight in this process whose answers come in one go.
    static let inFlight = Atomic<Int>(0)

    private var run = 0
    private var pause: UInt16 = 0
    private var remaining: UInt16 = 0

    /// Decides for the next exchange, which is in flight already.
    mutating func isWorthWaiting() -> Bool {
        guard Self.inFlight.load(ordering: .relaxed) <= 1 else { return false }
        if remaining > 0 {
            remaining -= 1
            return false
        }
        run += 1
        if run <= Self.longestRun { return true }
        run = 0
        return false
    }

    /// Notes how a wait ended.
    mutating func record(_ answered: Bool) {
        pause = answered ? 0 : min(Self.longestPause, 2 * pause + 8)
        remaining = pause
    }
}
