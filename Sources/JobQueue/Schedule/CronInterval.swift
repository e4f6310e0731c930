/// The rhythm of `@every`: the multiples of an interval since 1970-01-01 00:00 UTC.
struct CronInterval: Sendable, Hashable {
    let seconds: Int64

    private static let units: [(name: Substring, milliseconds: Int64)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    /// In milliseconds: from a second to a year.
    private static let limits: ClosedRange<Int64> = 1000...8760 * 3_600_000

    /// Reads a duration such as `1h30m`.
    init(_ text: Substring) throws(CronRefusal) {
        var milliseconds: Int64 = 0
        var rest = Substring(text.lowercased())
        var units = Self.units[...]
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let name = rest.dropFirst(digits.count).prefix { ("a"..."z").contains($0) }
            // Twelve digits are more than the limit in each unit, and their sum fits.
            guard digits.count <= 12, let number = Int64(digits),
                let index = units.firstIndex(where: { $0.name == name })
            else { throw Self.refusal(text) }
            milliseconds += number * units[index].milliseconds
            units = units[(index + 1)...]
            rest = rest.dropFirst(digits.count + name.count)
        }
        guard Self.limits.contains(milliseconds), milliseconds.isMultiple(of: 1000) else { throw Self.refusal(text) }
        seconds = milliseconds / 1000
    }

    /// Returns the first tick after a moment, both in seconds since 1970.
    func next(after moment: Int64) -> Int64 { (moment.flooredQuotient(seconds) + 1) * seconds }

    private static func refusal(_ text: Substring) -> CronRefusal {
        CronRefusal(
            "has “\(text.prefix(40))” as the interval: @every takes whole numbers with the units h, m, s and ms, in this "
                + "order and each at most once, such as 90s or 1h30m: whole seconds in all, from 1s to 8760h")
    }
}
