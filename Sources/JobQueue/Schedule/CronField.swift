/// One of the five fields: its numbers, its names and how its list is read.
struct CronField: Sendable {
    let name: String
    let range: ClosedRange<Int>
    /// How many values there are; a longer step would match the first value alone.
    let count: Int
    private var names: [Substring: Int] = [:]
    /// The forms that the field takes besides numbers, worded for a refusal.
    private var extras = ""

    static let minute = CronField(name: "minute", range: 0...59, count: 60)
    static let hour = CronField(name: "hour", range: 0...23, count: 24)
    static let dayOfMonth = CronField(
        name: "day of month", range: 1...31, count: 31,
        extras: ", L, L-1 to L-30, LW, a number with W (15W), or ? alone")
    static let month = CronField(
        name: "month", range: 1...12, count: 12,
        names: table("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", from: 1), extras: ", names from JAN to DEC")
    static let dayOfWeek = CronField(
        name: "day of week", range: 0...7, count: 7, names: table("SUN MON TUE WED THU FRI SAT", from: 0),
        extras: ", names from SUN to SAT, a day with L (FRIL, 5L) or #1 to #5 (MON#2, 1#2), or ? alone")

    private static func table(_ names: String, from first: Int) -> [Substring: Int] {
        Dictionary(uniqueKeysWithValues: names.split(separator: " ").enumerated().map { ($1, $0 + first) })
    }

    /// The parts of a list. Empty parts are kept, to be refused.
    func parts(of text: Substring) -> [Substring] { text.split(separator: ",", omittingEmptySubsequences: false) }

    /// Reads a list of numbers, ranges and steps.
    func numbers(_ text: Substring) throws(CronRefusal) -> NumberSet {
        var numbers = NumberSet()
        for part in parts(of: text) { try read(part, into: &numbers) }
        return numbers
    }

    /// Reads one part of a list: a number, a range, or either with a step.
    func read(_ part: Substring, into numbers: inout NumberSet) throws(CronRefusal) {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let span = try span(pieces[0], hasStep: pieces.count == 2, of: part)
        guard pieces.count == 2 else {
            for value in span { numbers.insert(value) }
            return
        }
        guard let step = number(pieces[1], in: 1...count) else {
            throw refusal(part, "; a step is from 1 to \(count), and longer rhythms are written as @every 90m")
        }
        for value in stride(from: span.lowerBound, through: span.upperBound, by: step) { numbers.insert(value) }
    }

    private func span(
        _ text: Substring, hasStep: Bool, of part: Substring
    ) throws(CronRefusal) -> ClosedRange<Int> {
        if text == "*" { return range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = value(ends[0]) else { throw refusal(part) }
        guard ends.count == 2 else { return first...(hasStep ? range.upperBound : first) }
        guard let last = value(ends[1]) else { throw refusal(part) }
        guard first <= last else { throw refusal(part, "; a range ascends: split one that wraps around in two") }
        return first...last
    }

    /// Reads a number or a name of the field.
    func value(_ text: Substring) -> Int? { names[text] ?? number(text, in: range) }

    /// Reads a number in ASCII digits.
    func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else { return nil }
        return range.contains(number) ? number : nil
    }

    func refusal(_ part: Substring, _ remedy: String = "") -> CronRefusal {
        CronRefusal(
            "has “\(part.prefix(40))” as \(name): this field takes * or a list of numbers from \(range.lowerBound) to "
                + "\(range.upperBound), ranges (1-5), steps (*/2)\(extras)\(remedy)")
    }
}
