/// Vital signs that follow from the blood lost: the ATLS classes for 70 kg, drawn as lines through the classes' bounds
/// with noise of the person (the same in all signs of a series) and of the moment.
struct Physiology {
    /// Beats a minute above or below the mean at rest.
    let pulse: Int
    /// mmHg above or below the mean at rest.
    let pressure: Int
    /// Tenths of a degree.
    let warmth: Int
    /// GCS that the head injury leaves.
    let consciousness: Int
    /// Percentage points of oxygen that the chest injury or the illness costs.
    let airway: Int
    /// Pain 0…10 at first.
    let pain: Int

    init(consciousness: Int, airway: Int, warmth: Int, pain: Int, _ draws: inout Draws) {
        pulse = draws.below(9) + draws.below(9) - 8
        pressure = draws.below(11) + draws.below(11) - 10
        self.warmth = warmth + draws.below(7) - 3
        self.consciousness = consciousness
        self.airway = airway
        self.pain = pain
    }

    /// ATLS class 1…4 of a loss in thousandths.
    static func shockClass(_ loss: Int) -> Int { loss < 150 ? 1 : loss < 300 ? 2 : loss <= 400 ? 3 : 4 }

    /// Base deficit in tenths of mmol/l of a class: I ≤ 2, II > 2–6, III > 6–10, IV > 10 (Mutschler 2013).
    static func baseDeficit(_ loss: Int, _ draws: inout Draws) -> Int {
        switch shockClass(loss) {
        case 1: draws.below(21)
        case 2: 21 + (loss - 150) * 39 / 150
        case 3: 61 + (loss - 300) * 39 / 101
        default: 101 + (loss - 400) * 3 / 5 + draws.below(20)
        }
    }

    /// Signs at a moment, `relief` per cent of pain and chest trouble gone, `loss` what is not yet made good.
    func signs(minute: Int, loss: Int, relief: Int, _ draws: inout Draws) -> Patient.Vitals {
        let word = draws.next()
        func noise(_ shift: UInt32, _ span: Int) -> Int { (Int((word >> shift) & 255) * (2 * span + 1)) >> 8 }
        let trouble = airway * (100 - relief) / 100
        let hurt = pain * (100 - relief) / 100
        var rate = Self.line(loss, (72, 92, 114, 134, 150, 160)) + pulse / 2 + noise(0, 3) - 3
        if loss < 150 { rate = min(99, rate + hurt + trouble / 2 + max(0, warmth - 370) / 2) }
        // Compensated up to 30 %: systolic holds, diastolic rises; beyond, both fall.
        let systolic = Self.line(loss, (124, 122, 116, 94, 74, 56)) + pressure * (loss < 300 ? 1 : 0) + noise(8, 3) - 3
        let diastolic = min(systolic - 12, Self.line(loss, (78, 80, 84, 62, 44, 32)) + pressure / 2)
        let breaths = Self.line(loss, (15, 19, 27, 36, 40, 42)) + noise(16, 2) - 2 + (loss < 150 ? min(4, trouble) : 0)
        let shock = loss < 300 ? 15 : max(6, 15 - (loss - 280) / 28)
        return Patient.Vitals(
            minute: minute, heartRate: max(45, rate), systolic: max(loss < 300 ? 100 : 40, systolic),
            diastolic: max(20, diastolic), respiratoryRate: max(8, breaths),
            oxygenSaturation: max(70, 98 - trouble - max(0, loss - 250) / 40 - noise(24, 1)),
            temperature: max(320, warmth - max(0, loss - 150) / 25 + noise(28, 2) - 1),
            consciousness: min(15, max(3, min(consciousness + (15 - consciousness) * relief / 200, shock))),
            pain: min(10, hurt))
    }

    /// A line through the values at losses of 0, 15, 30, 40, 50 and 65 %.
    @inline(__always)
    private static func line(
        _ loss: Int, _ at: (Int, Int, Int, Int, Int, Int)
    ) -> Int {
        switch loss {
        case ..<150: at.0 + (at.1 - at.0) * max(0, loss) / 150
        case ..<300: at.1 + (at.2 - at.1) * (loss - 150) / 150
        case ..<400: at.2 + (at.3 - at.2) * (loss - 300) / 100
        case ..<500: at.3 + (at.4 - at.3) * (loss - 400) / 100
        default: at.4 + (at.5 - at.4) * (min(650, loss) - 500) / 150
        }
    }
}
