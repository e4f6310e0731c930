/// How bad the worst wound of a battle casualty is: its AIS digit 1…5 (only the digit; AIS is licensed).
enum Severity {
    /// Shares of the digits, tilted: each digit weighs `tilt` times more than the one below it.
    static func shares(_ base: [Double], tilt: Double) -> [Double] {
        var factor = 1.0
        let raw = base.map { share in
            defer { factor *= tilt }
            return share * factor
        }
        let sum = raw.reduce(0, +)
        return raw.map { $0 / sum }
    }

    /// By intensity and warfare; 1 leaves the calibrated shares. Assumptions.
    static func tilt(_ intensity: Intensity, _ warfare: Warfare) -> Double {
        let hard =
            switch intensity {
            case .low: 0.85
            case .medium: 1.0
            case .high: 1.1
            case .extreme: 1.25
            }
        let kind =
            switch warfare {
            case .conventional, .naval, .drone: 1.0
            case .artillery: 1.08
            case .urban: 1.05
            case .guerrilla: 0.97
            case .cbrn: 1.1
            case .peacekeeping: 0.9
            }
        return hard * kind
    }

    /// Share of each digit's casualties that have a second region of AIS 3 or worse.
    static let polytrauma = [0, 0, 0.25, 0.4, 0.55]
    /// Shares of ATLS classes of blood loss by the worst digit. An assumption, held by checks 4 and 11.
    static let bloodLoss: [[Double]] = [
        [0.99, 0.01, 0, 0], [0.95, 0.045, 0.005, 0], [0.82, 0.14, 0.035, 0.005], [0.60, 0.26, 0.10, 0.04],
        [0.40, 0.30, 0.18, 0.12],
    ]
    /// Shares of polytrauma by class of blood loss, whose mean is a given share: who bleeds more is hit in more places.
    static func polytrauma(_ share: Double, _ losses: [Double]) -> [Share] {
        let tilt = [0.75, 1.1, 1.6, 2.4]
        let mean = zip(losses, tilt).reduce(0) { $0 + $1.0 * $1.1 }
        return tilt.map { Share(min(0.97, share * $0 / mean)) }
    }
}
