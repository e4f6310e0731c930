import Foundation

/// A line on the terminal: how far, how fast, how long yet. Silent where standard error is no terminal.
struct ProgressBar {
    private let total: UInt64
    /// What was done before this run: it is no part of the rate.
    private let earlier: (patients: UInt64, bytes: Int)
    private let start = ContinuousClock.now
    private var shown = ContinuousClock.now
    private let isShown: Bool

    init(total: UInt64, earlier: (patients: UInt64, bytes: Int) = (0, 0)) {
        self.total = total
        self.earlier = earlier
        isShown = isatty(2) == 1
    }

    mutating func update(_ done: UInt64, bytes: Int) {
        let now = ContinuousClock.now
        guard isShown, now - shown >= .milliseconds(100) else { return }
        shown = now
        draw(text(done, bytes, seconds: (now - start) / .seconds(1)))
    }

    func finish(bytes: Int) {
        guard isShown else { return }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        draw(text(total, bytes, seconds: seconds) + "\n")
    }

    private func draw(_ text: String) { FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8)) }

    /// `[######--------] 40 %  400000 of 1000000  310 k/s  760 MB/s  2 s left`
    private func text(_ done: UInt64, _ bytes: Int, seconds: Double) -> String {
        let share = total == 0 ? 1 : Double(done) / Double(total)
        let filled = Int(share * 24)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
        let rate = seconds > 0 ? Double(done - min(done, earlier.patients)) / seconds : 0
        let flow = seconds > 0 ? Double(bytes - earlier.bytes) / seconds : 0
        let left = rate > 0 ? Double(total - min(total, done)) / rate : 0
        var text = "[\(bar)] \(Int(share * 100)) %  \(done) of \(total)"
        text += "  \(Self.short(rate)) patients/s  \(Self.short(flow))B/s"
        text += done < total ? "  \(Self.duration(left)) left" : "  in \(Self.duration(seconds))"
        return text
    }

    private static func short(_ value: Double) -> String {
        if value >= 1e9 { return String(format: "%.2f G", value / 1e9) }
        if value >= 1e6 { return String(format: "%.1f M", value / 1e6) }
        if value >= 1e3 { return String(format: "%.0f k", value / 1e3) }
        return String(format: "%.0f ", value)
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
