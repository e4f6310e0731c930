/// Blood volume after Benhassine 2025: dBV/dt = −(α₀ + kt)·BV, so BV = exp(−(α₀t + kt²/2)); death below 40 %.
enum Bleeding: Int {
    case smallLimb, limbArtery, torso, multiple, greatVessel

    /// α₀ in thousandths an hour, smallest and largest.
    var rates: ClosedRange<Int> {
        switch self {
        case .smallLimb: 100...300
        case .limbArtery: 2000...5000
        case .torso: 500...2000
        case .multiple: 1000...3000
        case .greatVessel: 10000...15000
        }
    }

    /// k in thousandths an hour².
    var growth: Int { [20, 50, 100, 150, 300][rawValue] }

    /// The source of a casualty's bleeding, by the worst wound.
    static func source(_ region: BodyRegion, severity: Int, wounds: Int, greatVessel: Bool) -> Bleeding {
        if greatVessel { return .greatVessel }
        switch region {
        case .extremity: return severity >= 3 ? .limbArtery : .smallLimb
        case .thorax, .abdomen: return wounds >= 4 && severity >= 3 ? .multiple : .torso
        default: return severity >= 3 ? .torso : .smallLimb
        }
    }

    /// Minutes until a loss in thousandths of the volume is reached: α₀t + kt²/2 = −ln(1 − loss), by bisection in whole
    /// numbers.
    static func minutes(untilLoss loss: Int, rate: Int, growth: Int) -> Int {
        let goal = exponents[min(650, max(0, loss))]
        var low = 0
        var high = 720
        while low < high {
            let middle = (low + high) / 2
            // In millionths: rate in thousandths an hour, minutes / 60.
            let lost = rate * middle * 1000 / 60 + growth * middle * middle * 1000 / 7200
            if lost < goal { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// −ln(1 − x/1000) in millionths, x = 0…650, as the sum of 1/n over the thousandths that are left: whole numbers, no libm.
    private static let exponents: [Int] = {
        var sum = 0
        return [0]
            + (0..<650).map { lost in
                // ln(n) − ln(n − 1) ≈ 2 / (2n − 1), n thousandths left.
                sum += 2_000_000_000 / (2 * (1000 - lost) - 1)
                return sum / 1000
            }
    }()
}
