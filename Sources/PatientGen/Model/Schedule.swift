/// How long casualties wait for a bed, hour by hour: a flow through the places of care, computed once from the scenario and
/// the seed. It is of expected numbers and of the drawn events, so that no patient has to know another.
struct Schedule: Sendable {
    /// Minutes to wait at each place by hour; empty where its beds are not limited.
    private let waits: [[Int32]]
    /// The most a casualty is held for a bed: two days.
    static let longest = 2880

    /// - Parameters:
    ///   - reach: the share of casualties that reaches each place.
    ///   - stays: mean minutes at each place.
    ///   - travel: mean minutes from each place to the next.
    init(
        _ scenario: Scenario, capacities: [Int?], calendar: Calendar, events: Events, reach: [Double], stays: [Int],
        travel: [Int]
    ) {
        guard capacities.contains(where: { $0 != nil }) else {
            waits = [[], [], [], [], []]
            return
        }
        let hours = scenario.daysOfFighting * 24 + 240
        let total = Double(scenario.totalPatients - events.casualties)
        let sum = calendar.weights.reduce(0, +)
        var inflow = [Double](repeating: 0, count: hours)
        for (day, weight) in calendar.weights.enumerated() {
            for hour in 0..<24 { inflow[day * 24 + hour] += total * weight / sum / 24 }
        }
        for event in events.all { inflow[event.day * 24 + event.minute / 60] += Double(event.count) }

        var waits: [[Int32]] = [[]]
        for place in 1...4 {
            // Those who go on, later by the stay and the way.
            let later = (stays[place - 1] + travel[place - 1] + 30) / 60
            let share = reach[place] / max(reach[place - 1], 1e-9)
            var arriving = [Double](repeating: 0, count: hours)
            for hour in 0..<hours where hour + later < hours { arriving[hour + later] = inflow[hour] * share }
            guard let beds = capacities[place] else {
                waits.append([])
                inflow = arriving
                continue
            }
            // So many are discharged an hour when every bed is taken.
            let rate = max(0.01, Double(beds) * 60 / Double(max(1, stays[place])))
            var queue = 0.0
            var taken = [Double](repeating: 0, count: hours)
            var wait = [Int32](repeating: 0, count: hours)
            for hour in 0..<hours {
                queue += arriving[hour]
                wait[hour] = Int32(min(Double(Self.longest), max(0, queue - rate) / rate * 60))
                taken[hour] = min(queue, rate)
                queue -= taken[hour]
            }
            waits.append(wait)
            inflow = taken
        }
        self.waits = waits
    }

    /// Minutes to wait for a bed at a place that would be reached at a minute of the scenario.
    @inline(__always)
    func wait(_ place: Place, at minute: Int) -> Int {
        let hours = waits[place.rawValue]
        return hours.isEmpty ? 0 : Int(hours[min(hours.count - 1, max(0, minute / 60))])
    }
}
