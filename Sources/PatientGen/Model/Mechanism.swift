/// What caused an injury of battle.
public enum Mechanism: String, Sendable, Hashable, CaseIterable {
    case explosion, gunshot, other

    /// Explosion, gunshot and other by warfare. Conventional warfare is as Owens 2008 has it; the others are tilted from
    /// it by assumption.
    static func shares(_ warfare: Warfare, _ figures: ClinicalFigures) -> [Double] {
        let tilt: [Double] =
            switch warfare {
            case .conventional: [1, 1, 1]
            case .artillery: [1.3, 0.3, 0.8]
            case .urban: [0.8, 2, 1.2]
            case .guerrilla: [0.9, 1.5, 0.8]
            case .drone: [1.3, 0.4, 0.8]
            case .naval: [0.9, 0.5, 7]
            case .cbrn: [0.7, 0.6, 10]
            case .peacekeeping: [0.7, 1.6, 4]
            }
        return zip(figures.mechanisms, tilt).map(*)
    }
}
