/// Who waits for a bed, and who is taken to the next facility because none becomes free in time. Computed once from the
/// scenario and the seed, so that no patient has to know another.
///
/// Up to ``largest`` patients it is exact: every stay is played through, so that no facility ever holds more than its beds.
/// Above that every n-th patient is played through with an n-th of the beds, and what befell them, hour by hour, is what
/// befalls all.
struct Schedule: Sendable {
    /// What a casualty meets that asks for a bed.
    enum Decision {
        case admitted(wait: Int)
        case diverted
    }

    /// The longest wait, in minutes; above it the next facility is asked. An assumption.
    static let patience = 240
    /// The most patients that are played through one by one.
    static let largest = 50_000
    private static let isDiverted: Int32 = -1

    /// By place: minutes for each patient played through; empty where beds are not limited.
    private var waits: [[Int32]] = [[], [], [], [], []]
    /// By place and hour of the scenario, where not every patient is played through.
    private var hours: [[(wait: Int32, diverted: Share)]] = [[], [], [], [], []]
    private var stride: UInt64 = 1
    private let seed: UInt64

    /// Beds without limit.
    init(seed: UInt64) { self.seed = seed }

    /// - Parameter beds: of Roles 1 to 4 (place 0 is the point of injury); `nil` for any number.
    init(_ plan: Plan, beds: [Int?], total: Int, seed: UInt64) {
        self.seed = seed
        stride = UInt64((total + Self.largest - 1) / Self.largest)
        let count = (total + Int(stride) - 1) / Int(stride)
        var plan = plan
        var stays = [[(arrives: Int32, leaves: Int32)]](
            repeating: Array(repeating: (-1, -1), count: count), count: Place.allCases.count)
        var changed = Array(0..<count)
        var patient = Patient()
        for place in Place.allCases.dropFirst() {
            guard let beds = beds[place.rawValue] else { continue }
            for number in changed {
                plan.injure(UInt64(number) * stride, into: &patient, seed: seed)
                for place in Place.allCases { stays[place.rawValue][number] = Self.stay(of: patient, at: place) }
            }
            waits[place.rawValue] = queue(stays[place.rawValue], beds: beds)
            changed = (0..<count).filter { waits[place.rawValue][$0] != 0 }
            plan.course.schedule = self
            if stride > 1 { hours[place.rawValue] = average(waits[place.rawValue], stays[place.rawValue]) }
        }
        if stride > 1 { waits = [[], [], [], [], []] }
    }

    /// What a patient meets that would reach a place at a minute of the scenario.
    @inline(__always)
    func decision(_ index: UInt64, _ place: Place, at minute: Int) -> Decision {
        let waits = waits[place.rawValue]
        if !waits.isEmpty {
            let wait = waits[Int(index / stride)]
            return wait == Self.isDiverted ? .diverted : .admitted(wait: Int(wait))
        }
        let hours = hours[place.rawValue]
        guard !hours.isEmpty else { return .admitted(wait: 0) }
        let hour = hours[min(hours.count - 1, max(0, minute / 60))]
        var draws = Draws(seed: seed, index: index, stream: .schedule)
        draws.jump(to: UInt32(place.rawValue))
        return draws.chance(hour.diverted) ? .diverted : .admitted(wait: Int(hour.wait))
    }

    /// Minutes of the scenario between which a patient holds a bed. Who remains in treatment holds it for a day, and is
    /// then elsewhere.
    static func stay(of patient: Patient, at place: Place) -> (arrives: Int32, leaves: Int32) {
        guard let number = patient.timeline.firstIndex(where: { $0.kind == .arrival && $0.place == place }) else {
            return (-1, -1)
        }
        let arrives = patient.injuredAt + patient.timeline[number].minute
        let next = patient.timeline.index(after: number)
        let leaves = next < patient.timeline.count ? patient.injuredAt + patient.timeline[next].minute : arrives + 1440
        return (Int32(arrives), Int32(leaves))
    }

    /// First come, first served.
    private func queue(_ stays: [(arrives: Int32, leaves: Int32)], beds: Int) -> [Int32] {
        var waits = [Int32](repeating: 0, count: stays.count)
        // An n-th of the beds; what rounding them does is made good by longer or shorter stays.
        let share = Double(beds) / Double(stride)
        let beds = beds == 0 ? 0 : max(1, Int(share.rounded()))
        let stretch = beds == 0 ? 1 : Double(beds) / share
        var released = MinHeap()
        let order = stays.indices.filter { stays[$0].arrives >= 0 }.sorted {
            (stays[$0].arrives, $0) < (stays[$1].arrives, $1)
        }
        for number in order {
            let stay = stays[number]
            while let first = released.first, first <= stay.arrives { released.removeFirst() }
            var wait: Int32 = 0
            if released.count >= beds {
                guard let first = released.first, first - stay.arrives <= Int32(Self.patience) else {
                    waits[number] = Self.isDiverted
                    continue
                }
                wait = first - stay.arrives
                released.removeFirst()
            }
            waits[number] = wait
            released.insert(stay.arrives + wait + Int32(Double(stay.leaves - stay.arrives) * stretch))
        }
        return waits
    }

    /// Hour by hour; hours without arrivals are like the one before.
    private func average(
        _ waits: [Int32], _ stays: [(arrives: Int32, leaves: Int32)]
    ) -> [(wait: Int32, diverted: Share)] {
        let last = stays.reduce(0) { max($0, Int($1.arrives)) } / 60
        var sums = [(arrived: Int, diverted: Int, minutes: Int)](repeating: (0, 0, 0), count: last + 1)
        for (wait, stay) in zip(waits, stays) where stay.arrives >= 0 {
            let hour = Int(stay.arrives) / 60
            sums[hour].arrived += 1
            if wait == Self.isDiverted { sums[hour].diverted += 1 } else { sums[hour].minutes += Int(wait) }
        }
        var row: (wait: Int32, diverted: Share) = (0, Share(0))
        return sums.map { sum in
            if sum.arrived > 0 {
                let admitted = max(1, sum.arrived - sum.diverted)
                row = (Int32(sum.minutes / admitted), Share(Double(sum.diverted) / Double(sum.arrived)))
            }
            return row
        }
    }
}

/// The smallest of many numbers at hand.
private struct MinHeap {
    private var values: [Int32] = []
    var first: Int32? { values.first }
    var count: Int { values.count }

    mutating func insert(_ value: Int32) {
        values.append(value)
        var child = values.count - 1
        while child > 0, values[(child - 1) / 2] > values[child] {
            values.swapAt((child - 1) / 2, child)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = values.popLast(), !values.isEmpty else { return }
        values[0] = last
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < values.count else { return }
            if child + 1 < values.count, values[child + 1] < values[child] { child += 1 }
            guard values[child] < values[parent] else { return }
            values.swapAt(child, parent)
            parent = child
        }
    }
}
