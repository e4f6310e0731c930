/// Triage that follows severity while its shares stay the given ones: casualties are ranked by severity and the worst
/// fill T1, then T2, then T3; a part is triaged by chance alone (over- and undertriage).
struct Triage: Sendable {
    /// Shares of T1…T3 by severity 1…5.
    let shares: [[Double]]
    /// The same to draw from.
    let tables: [Weights]
    /// The part triaged without regard to severity.
    static let error = 0.15

    init(_ target: [Double], severities: [Double]) {
        let sum = max(severities.reduce(0, +), .leastNonzeroMagnitude)
        var left = target
        var rows = [[Double]](repeating: target, count: severities.count)
        for place in severities.indices.reversed() {
            let share = severities[place] / sum
            guard share > 0 else { continue }
            var need = share
            var row = [0.0, 0, 0]
            for category in 0..<3 {
                let part = category == 2 ? need : min(need, left[category])
                row[category] = part / share
                left[category] -= part
                need -= part
            }
            rows[place] = zip(row, target).map { (1 - Self.error) * $0 + Self.error * $1 }
        }
        shares = rows
        tables = rows.map(Weights.init)
    }

    /// T1/T2/T3 (the original's tables).
    static func target(_ type: InjuryType, _ warfare: Warfare, polytrauma: Bool) -> [Double] {
        switch (type, warfare) {
        case (.battle, .artillery): [0.5, 0.35, 0.15]
        case (.disease, .cbrn): [0.7, 0.25, 0.05]
        case (.battle, _): polytrauma ? [0.5, 0.35, 0.15] : [0.4, 0.4, 0.2]
        default: [0.2, 0.3, 0.5]
        }
    }
}
