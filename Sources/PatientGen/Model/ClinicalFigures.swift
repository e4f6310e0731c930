/// The figures that the model is calibrated to. Each has its source in Documentation/Sources.md and can be replaced by a
/// scenario; shares are fractions of 1.
public struct ClinicalFigures: Sendable, Hashable {
    /// %KIA = KIA / (KIA + WIA − RTD) of battle casualties (Holcomb 2006). After 2009: 0.099 (Kotwal 2016).
    public var killed = 0.099
    /// %DOW = DOW / (WIA − RTD) (Holcomb 2006). After 2009: 0.043 (Kotwal 2016).
    public var diedOfWounds = 0.043
    /// Case fatality rate = (KIA + DOW) / (KIA + WIA). After 2009: 0.076 (Kotwal 2016). With the two shares before it
    /// fixes how many return to duty within the theatre.
    public var caseFatality = 0.076
    /// Where set, the share of deaths before a facility, 0.873 in Eastridge 2012: splits ``caseFatality`` instead of
    /// ``killed`` and ``diedOfWounds``.
    public var deathsBeforeFacility: Double?
    /// Of those killed, the share dead at once, and within 10, 60 and 120 minutes (Webster 2021).
    public var timeToDeath = [0.571, 0.677, 0.914, 0.990]
    /// Of the killed whose death takes time, the share that bleeds to death (Eastridge 2012, potentially survivable).
    public var haemorrhage = 0.909
    /// Of those that bleed to death: from the trunk, from where limbs and neck join it, from a limb (Eastridge 2012).
    public var bleedingSites = [0.673, 0.192, 0.135]
    /// Wounds by region, in the order of ``BodyRegion`` (Owens 2008; sums to 101, scaled).
    public var regions: [Double] = [8, 6, 3, 10, 3, 6, 11, 54]
    /// Explosion, gunshot, other (Owens 2008).
    public var mechanisms = [0.78, 0.18, 0.04]
    /// The worst wound's AIS digit 1…5 of battle casualties. An assumption, held by the calibration of the outcomes.
    public var severities = [0.31, 0.28, 0.22, 0.13, 0.06]
    /// Relative risk to be killed by the worst wound's AIS digit. An assumption; the level is solved for.
    public var killedBySeverity = [0, 0.01, 0.10, 0.40, 1]
    /// Mortality of severe casualties (AIS ≥ 4, so ISS ≥ 16) by base-deficit class on arrival at Role 2 (Mutschler 2013).
    public var mortalityByBaseDeficit = [0.074, 0.124, 0.239, 0.515]
    /// Share of severe battle casualties in triage category 1 flown past Role 1. An assumption (NATO 10-1-2).
    public var flownToSurgery = 0.6
    /// Median and quartiles of the age in years (DoDTR): 21, 24, 29.
    public var ageQuartiles = [21, 24, 29]
    /// Share of women (DoDTR).
    public var women = 0.032
    /// Share of enlisted (Cohen 2010).
    public var enlisted = 0.91
    /// Shares of battle, non-battle injury and disease among those evacuated to Role 4 (Hauret 2010).
    public var evacuationMix = [0.17, 0.348, 0.482]
    /// The mix of all casualties that ``evacuationMix`` is reached from.
    public var referenceMix = [0.15, 0.33, 0.52]
    /// Share of non-battle casualties that dies. An assumption.
    public var nonBattleMortality = 0.001
    /// Rates of return to duty at Roles 1 to 4, whose proportions are kept (the original's tables).
    public var returnRates = [0.25, 0.35, 0.45, 0.70]
    /// Share that knows of an allergy; of those on long-term medication.
    public var allergic = 0.08
    /// Share on a long-term medication.
    public var medicated = 0.06

    /// After 2009 (Kotwal 2016).
    public init() {}

    /// Casualties after 2009: %KIA 9.9, %DOW 4.3, CFR 7.6 (Kotwal 2016).
    public static let post2009 = ClinicalFigures()
    /// Casualties before 2009: %KIA 16.0, %DOW 4.1, CFR 13.7 (Kotwal 2016).
    public static let pre2009 = {
        var figures = ClinicalFigures()
        (figures.killed, figures.diedOfWounds, figures.caseFatality) = (0.160, 0.041, 0.137)
        return figures
    }()
    /// Places of death as in Eastridge 2012: 87.3 % before a facility, of the deaths after 2009.
    public static let eastridge2012 = {
        var figures = ClinicalFigures()
        figures.deathsBeforeFacility = 0.873
        return figures
    }()
    /// Large-scale combat without control of the air. **Weakly sourced**: older wars' %KIA near 20, late evacuation.
    public static let largeScaleCombat = {
        var figures = ClinicalFigures()
        (figures.killed, figures.diedOfWounds, figures.caseFatality) = (0.20, 0.06, 0.19)
        figures.mechanisms = [0.85, 0.11, 0.04]
        figures.flownToSurgery = 0.1
        return figures
    }()

    /// The sets by the names that a scenario's `outcome_preset` has for them.
    public static let presets: [(name: String, figures: ClinicalFigures)] = [
        ("post_2009", post2009), ("pre_2009", pre2009), ("eastridge_2012", eastridge2012),
        ("large_scale_combat", largeScaleCombat),
    ]

    /// Shares of all battle casualties: killed, dead of wounds, returned to duty within the theatre.
    ///
    /// With M = KIA + WIA − RTD: KIA = kM, DOW = d(1 − k)M, and CFR = (KIA + DOW) / all gives M.
    var shares: (killed: Double, died: Double, returned: Double) {
        let perRemaining = killed + diedOfWounds * (1 - killed)
        let remaining = perRemaining > 0 ? min(1, caseFatality / perRemaining) : 1
        if let before = deathsBeforeFacility {
            return (caseFatality * before, caseFatality * (1 - before), 1 - remaining)
        }
        return (killed * remaining, diedOfWounds * (1 - killed) * remaining, 1 - remaining)
    }
}
