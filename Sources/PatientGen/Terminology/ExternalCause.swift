/// What brought an injury about: a code of ICD-10 (WHO, 2019), chapter XX.
public enum ExternalCause: UInt8, Sendable, Hashable, CaseIterable {
    case explosion, fire, firearm, nuclear, biological, chemical, vehicle, fall, sharpObject, heat, cold

    /// The code.
    public var code: String { Self.rows[Int(rawValue)].0 }
    /// The term.
    public var name: String { Self.rows[Int(rawValue)].1 }

    private static let rows: [(String, String)] = [
        ("Y36.2", "War operations involving other explosions and fragments"),
        ("Y36.3", "War operations involving fires, conflagrations and hot substances"),
        ("Y36.4", "War operations involving firearm discharge and other forms of conventional warfare"),
        ("Y36.5", "War operations involving nuclear weapons"),
        ("Y36.6", "War operations involving biological weapons"),
        ("Y36.7", "War operations involving chemical weapons and other forms of unconventional warfare"),
        ("V43", "Car occupant injured in collision with car, pick-up truck or van"),
        ("W19", "Unspecified fall"),
        ("W26", "Contact with other sharp object(s)"),
        ("X30", "Exposure to excessive natural heat"),
        ("X31", "Exposure to excessive natural cold"),
    ]

    /// By the place of a condition among ``Condition/all``: of an injury or illness that is not of battle.
    private static let ofIllness: [ExternalCause?] = {
        var causes = [ExternalCause?](repeating: nil, count: Condition.all.count)
        for row in Condition.nonBattle + Condition.disease { causes[row.place] = row.cause }
        return causes
    }()

    /// Whether a condition, by its place, is a burn.
    private static let isBurn: [Bool] = {
        var burns = [Bool](repeating: false, count: Condition.all.count)
        for row in Condition.battle where row.traits.contains(.burn) { burns[row.place] = true }
        return burns
    }()

    /// What brought a patient's worst injury about; `nil` for a disease that comes by itself.
    init?(_ patient: borrowing Patient) {
        guard let worst = patient.conditions.first?.condition.place else { return nil }
        let found: ExternalCause? =
            patient.injuryType != .battle
            ? Self.ofIllness[worst]
            : Self.isBurn[worst] ? .fire : patient.mechanism == .explosion ? .explosion : .firearm
        guard let found else { return nil }
        self = found
    }
}
