/// Whether it is worth waiting for a session's next answer on the thread that asked for it.
///
/// Handing a session to the loop and its task back costs more processor time than many answers take to come. While
/// answers come quickly the thread waits for them. After one that does not come in time the next ones are left to the
/// loop: more of them each time, until one comes in time again.
struct AnswerTime {
    /// The longest wait, in nanoseconds.
    static let longestWait = 100_000
    /// The most exchanges that are left to the loop before a wait is tried again.
    private static let longestPause: UInt16 = 1024

    private var pause: UInt16 = 0
    private var remaining: UInt16 = 0

    /// Decides for the next exchange.
    mutating func isWorthWaiting() -> Bool {
        if remaining == 0 { return true }
        remaining -= 1
        return false
    }

    /// Notes how a wait ended.
    mutating func record(_ answered: Bool) {
        pause = answered ? 0 : min(Self.longestPause, 2 * pause + 8)
        remaining = pause
    }
}
