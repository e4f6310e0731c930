/// Limbs that an explosion tears off: at which level, and whether a second one.
///
/// Krueger 2012, 1,221 amputees with 1,631 amputations: 41.8 % below and 34.5 % above the knee, 14 % of the upper limb, the
/// rest of the foot and others; 30 % lost more than one limb.
enum Amputations {
    /// Thigh, lower leg, foot, forearm, upper arm, not said which: the place of each among ``Condition/battle``.
    private static let rows: [UInt8] = ["S78.1", "S88.1", "S98.0", "S58.1", "S48.1", "262595009"].map { code in
        UInt8(Condition.battle.firstIndex { $0.code == code } ?? 0)
    }

    /// By AIS digit 3, 4 and 5; what a level cannot have is 0. The whole has the shares above.
    private static let levels: [Weights] = [[0, 63, 18, 11, 0, 8], [52, 36, 0, 3, 5, 4], [93, 0, 0, 0, 0, 7]].map(
        Weights.init)

    /// How often the next wound of an extremity takes a second limb: not all have one, so that 30 % of the amputees do.
    private static let second = Share(0.51)

    @inline(__always)
    static func row(_ digit: Int, _ draws: inout Draws) -> Int {
        Int(rows[draws.pick(levels[min(5, max(3, digit)) - 3])])
    }

    static func takesSecond(_ draws: inout Draws) -> Bool { draws.chance(second) }
}
