/// The days of a scenario: the tempo's eight weights stretched over them, and the hours in which more happens.
struct Calendar: Sendable {
    /// An offensive or an ambush: so many times as many casualties for a while.
    struct Window: Sendable {
        let day: Int
        let start: Int
        let length: Int
        let factor: Double
        /// Share of the day's battle casualties that fall within it.
        let share: Share
    }

    let days: Weights
    let weights: [Double]
    let windows: [Window]

    init(_ scenario: Scenario, seed: UInt64) {
        let shape: [Double] =
            switch scenario.tempo {
            case .sustained: [1, 1, 1, 1, 1, 1, 1, 1]
            case .escalating: [0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8]
            case .surge: [0.5, 1.5, 2, 1.5, 0.5, 0.8, 1.2, 0.6]
            case .declining: [1.8, 1.6, 1.4, 1.2, 1, 0.8, 0.6, 0.4]
            case .intermittent: [1, 0.3, 1.5, 0.4, 1.2, 0.2, 1, 0.5]
            }
        let count = scenario.daysOfFighting
        var weights = (0..<count).map { shape[$0 * 8 / count] }
        var windows: [Window] = []
        for event in scenario.specialEvents {
            var draws = Draws(seed: seed, index: event == .ambush ? 1 : 0, stream: .window)
            let (factor, minutes): (Double, Int)
            switch event {
            case .majorOffensive: (factor, minutes) = (3, 240)
            case .ambush: (factor, minutes) = (2, 60)
            case .massCasualty: continue
            }
            var day = draws.below(count)
            while windows.contains(where: { $0.day == day }), windows.count < count { day = (day + 1) % count }
            let inside = factor * Double(minutes)
            let share = inside / (inside + Double(1440 - minutes))
            windows.append(
                Window(
                    day: day, start: draws.below(1440 - minutes), length: minutes, factor: factor, share: Share(share)))
            weights[day] *= 1 + (factor - 1) * Double(minutes) / 1440
        }
        self.weights = weights
        self.windows = windows
        days = Weights(weights)
    }

    /// A minute of a day.
    @inline(__always)
    func minute(day: Int, _ draws: inout Draws) -> Int {
        for window in windows where window.day == day {
            if draws.chance(window.share) { return window.start + draws.below(window.length) }
            let minute = draws.below(1440 - window.length)
            return minute < window.start ? minute : minute + window.length
        }
        return draws.below(1440)
    }
}
