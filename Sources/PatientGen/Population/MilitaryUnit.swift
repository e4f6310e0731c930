/// A company of a battalion that is of an exercise: its number is above 900, and its name says so.
public struct MilitaryUnit: Sendable, Hashable {
    /// 0 for A … 3 for D.
    public var company: Int
    /// 901…999.
    public var battalion: Int

    /// `A` … `D`.
    public var letter: String { ["A", "B", "C", "D"][company & 3] }
    /// `B Coy, 917 EX Bn`.
    public var name: String { "\(letter) Coy, \(battalion) EX Bn" }
}

extension Patient {
    /// Gives the unit and the place of the injury. A front has three battalions of each nation; casualties of one event
    /// are of one company and lie in one place.
    mutating func assignUnit(seed: UInt64) {
        // Events count down from the last index, which no patient has.
        var draws = Draws(seed: seed, index: event.map { .max - UInt64($0) } ?? index, stream: .unit)
        unit = MilitaryUnit(company: draws.below(4), battalion: 901 + (front * 3 + draws.below(3)) % 99)
        grid = draws.below(10_000) * 10_000 + draws.below(10_000)
    }
}
