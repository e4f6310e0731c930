import Glibc

/// Ends the process with the seed of the schedule that crashed, or that blocks the thread.
enum Watchdog {
    /// How many seconds a thousand schedules may take.
    private static let limit: UInt32 = 60
    /// The seed of the schedule that runs, as text that a signal handler can write: 20 digits.
    private nonisolated(unsafe) static let text: UnsafeMutablePointer<UInt8> = .allocate(capacity: 20)

    static func install() {
        text.initialize(repeating: UInt8(ascii: "0"), count: 20)
        alarm(limit)
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGALRM] {
            Glibc.signal(signal) { signal in
                let words: StaticString =
                    signal == SIGALRM ? "\nit blocks the thread, with --seed " : "\nit crashes, with --seed "
                write(2, words.utf8Start, words.utf8CodeUnitCount)
                write(2, Watchdog.text, 20)
                write(2, "\n", 1)
                _exit(2)
            }
        }
    }

    static func watch(_ seed: UInt64) {
        var rest = seed
        for index in (0..<20).reversed() {
            text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        if seed % 1_000 == 0 { alarm(limit) }
    }
}
