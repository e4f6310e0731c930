/// Mass-casualty events. Each belongs to the scenario and the seed; its casualties are a run of indices, so that a patient
/// finds its event by its index alone, and share its day, place and hour.
struct Events: Sendable {
    struct Event: Sendable, Hashable {
        let start: UInt64
        let count: Int
        let day: Int
        let minute: Int
        let minutes: Int
        let front: Int
        let warfare: Int
    }

    let all: [Event]
    /// Patients that are part of one.
    let casualties: Int

    /// Weight among the warfare types; probability of an event a day; casualties (the original's table).
    static func figures(_ warfare: Warfare) -> (weight: Double, probability: Double, casualties: ClosedRange<Int>) {
        switch warfare {
        case .conventional: (1.0, 0.3, 10...30)
        case .artillery: (1.2, 0.8, 15...50)
        case .urban: (1.1, 0.4, 5...20)
        case .guerrilla: (0.8, 0.15, 2...8)
        case .drone: (0.6, 0.1, 1...5)
        case .naval: (0.9, 0.4, 10...25)
        case .cbrn: (2.0, 0.95, 50...200)
        case .peacekeeping: (0.4, 0.05, 1...5)
        }
    }

    /// At most 60 % of the battle casualties are part of an event.
    init(_ scenario: Scenario, battleShare: Double, calendar: Calendar, fronts: Weights, warfare: Weights, seed: UInt64)
    {
        let total = scenario.totalPatients
        var budget = Int(Double(total) * battleShare * 0.6)
        var sizes: [(count: Int, warfare: Int, minutes: Int)] = []
        for (place, type) in scenario.warfareTypes.enumerated() {
            let figures = Self.figures(type)
            for day in 0..<scenario.daysOfFighting {
                var draws = Draws(seed: seed, index: UInt64(place * 1000 + day), stream: .event)
                guard draws.chance(Share(figures.probability)) else { continue }
                sizes.append((draws.within(figures.casualties), place, 60))
            }
        }
        if scenario.specialEvents.contains(.massCasualty) {
            var draws = Draws(seed: seed, index: 1_000_000, stream: .event)
            sizes.insert((draws.within(30...100), draws.pick(warfare), 30), at: 0)
        }
        sizes = sizes.compactMap { size in
            guard budget >= 1 else { return nil }
            let count = min(size.count, budget)
            budget -= count
            return (count, size.warfare, size.minutes)
        }
        let sum = sizes.reduce(0) { $0 + $1.count }
        // The runs lie spread over all indices, with even gaps between.
        var events: [Event] = []
        var before = 0
        for (number, size) in sizes.enumerated() {
            var draws = Draws(seed: seed, index: UInt64(2_000_000 + number), stream: .event)
            let gap = (total - sum) * (number + 1) / (sizes.count + 1)
            let day = draws.pick(calendar.days)
            events.append(
                Event(
                    start: UInt64(gap + before), count: size.count, day: day, minute: draws.below(1440 - size.minutes),
                    minutes: size.minutes, front: draws.pick(fronts), warfare: size.warfare))
            before += size.count
        }
        all = events
        casualties = sum
    }

    /// The number of a patient's event.
    @inline(__always)
    func event(of index: UInt64) -> Int? {
        guard casualties > 0 else { return nil }
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].start <= index { low = middle + 1 } else { high = middle }
        }
        guard low > 0, index < all[low - 1].start + UInt64(all[low - 1].count) else { return nil }
        return low - 1
    }
}
