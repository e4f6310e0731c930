/// Mass-casualty events. Each belongs to the scenario and the seed; its casualties are a run of indices, so that a patient
/// finds its event by its index alone, and share its day, place and hour.
struct Events: Sendable {
    struct Event: Sendable, Hashable {
        let start: UInt64
        let count: Int
        /// Casualties of the events before it.
        let before: Int
        /// Of its front's casualties, which is the event's first.
        let rank: Int
        let day: Int
        let minute: Int
        let minutes: Int
        let front: Int
        let warfare: Int
    }

    let all: [Event]
    /// Patients that are part of one.
    let casualties: Int
    let casualtiesByFront: [Int]

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

    /// At most 60 % of the battle casualties are part of an event, and none has more than its front.
    /// - Parameter fronts: how many casualties each front has, and their weights.
    init(
        _ scenario: Scenario, battle: Int, calendar: Calendar, fronts: (counts: [Int], weights: Weights),
        warfare: Weights, seed: UInt64
    ) {
        let total = scenario.totalPatients
        var budget = battle * 6 / 10
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
        // Where and when; a front that has too few left gives way to the one that has most.
        var left = fronts.counts
        var places: [(front: Int, day: Int, minute: Int)] = []
        for (number, size) in sizes.enumerated() {
            var draws = Draws(seed: seed, index: UInt64(2_000_000 + number), stream: .event)
            let day = draws.pick(calendar.days)
            let minute = draws.below(1440 - size.minutes)
            var front = draws.pick(fronts.weights)
            if left[front] < size.count, let most = left.indices.max(by: { left[$0] < left[$1] }) { front = most }
            sizes[number].count = min(size.count, left[front])
            left[front] -= sizes[number].count
            places.append((front, day, minute))
        }
        let sum = sizes.reduce(0) { $0 + $1.count }
        // The runs lie spread over all indices, with even gaps between.
        var events: [Event] = []
        var before = 0
        var ranks = [Int](repeating: 0, count: fronts.counts.count)
        for (number, (size, place)) in zip(sizes, places).enumerated() where size.count > 0 {
            let gap = (total - sum) * (number + 1) / (sizes.count + 1)
            events.append(
                Event(
                    start: UInt64(gap + before), count: size.count, before: before, rank: ranks[place.front],
                    day: place.day, minute: place.minute, minutes: size.minutes, front: place.front,
                    warfare: size.warfare))
            before += size.count
            ranks[place.front] += size.count
        }
        all = events
        casualties = sum
        casualtiesByFront = ranks
    }

    /// The number of a patient's event, or its place among those of no event.
    @inline(__always)
    func find(_ index: UInt64) -> (event: Int?, slot: Int) {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].start <= index { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return (nil, Int(index)) }
        let last = all[low - 1]
        if index < last.start + UInt64(last.count) { return (low - 1, 0) }
        return (nil, Int(index) - last.before - last.count)
    }
}
