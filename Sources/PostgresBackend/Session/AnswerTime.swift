/// How long a session's answers take, and whether it is worth waiting for the next one on the thread that asked.
///
/// Handing a session to the loop and its task back costs more than many answers take to come. While answers come
/// quickly the thread waits for them; as soon as one does not, the following ones are left to the loop, and the wait is
/// tried again now and then.
struct AnswerTime {
    /// The longest wait, in nanoseconds.
    static let longestWait = 100_000

    private var misses: UInt8 = 0
    private var skipped: UInt16 = 0

    var isWorthWaiting: Bool { misses == 0 }

    mutating func record(_ answered: Bool) {
        if answered {
            misses = 0
        } else {
            misses = min(misses + 1, 8)
        }
    }
}
