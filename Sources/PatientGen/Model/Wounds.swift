/// Battle injuries under one kind of warfare: mechanism → wounds by region → severity → blood loss → triage. A class, so
/// that a patient borrows its tables as one reference.
final class Wounds: Sendable {
    let mechanisms: Weights
    /// How many wounds, from 1, by mechanism: 4.2 a casualty in all (Owens 2008).
    let counts: [Weights]
    let severities: Weights
    let killed: [Share]
    /// By severity and class of blood loss.
    let polytrauma: [[Share]]
    let losses: [Weights]
    let triage: [Weights]
    let polytraumaTriage: [Weights]
    /// Places in ``Condition/battle`` by mechanism, region and AIS digit, as slices of one list.
    private let rows: [UInt8]
    private let slices: [UInt16]

    static let explosionCounts: [Double] = [9, 12, 15, 15, 13, 11, 8, 6, 5, 3, 2, 1]
    static let otherCounts: [Double] = [45, 28, 15, 8, 4]

    init(
        _ warfare: Warfare, _ intensity: Intensity, _ figures: ClinicalFigures, _ effects: EnvironmentEffects,
        _ fates: Fates
    ) {
        mechanisms = Weights(Mechanism.shares(warfare, figures))
        counts = [Weights(Self.explosionCounts), Weights(Self.otherCounts), Weights(Self.otherCounts)]
        let shares = Severity.shares(figures.severities, tilt: Severity.tilt(intensity, warfare))
        severities = Weights(shares)
        killed = fates.killed.map { Share($0 * (1 + Double(effects.delay) / 100)) }
        polytrauma = zip(Severity.polytrauma, Severity.bloodLoss).map(Severity.polytrauma)
        losses = Severity.bloodLoss.map(Weights.init)
        triage =
            Triage(
                Triage.target(.battle, warfare, polytrauma: false),
                severities: zip(shares, Severity.polytrauma).map { $0 * (1 - $1) }
            ).tables
        polytraumaTriage =
            Triage(
                Triage.target(.battle, warfare, polytrauma: true), severities: zip(shares, Severity.polytrauma).map(*)
            ).tables
        // Crush wounds weigh more among debris: they stand in the lists so many times.
        var rows: [UInt8] = []
        var slices: [UInt16] = [0]
        for mechanism in Mechanism.allCases {
            for region in BodyRegion.allCases {
                for severity in 1...5 {
                    for (place, row) in Condition.battle.enumerated()
                    where row.regions.contains(region) && row.mechanisms.contains(mechanism)
                        && row.severities.contains(severity)
                    {
                        let times = row.traits.contains(.crush) ? Int(effects.crush) : 1
                        rows.append(contentsOf: repeatElement(UInt8(place), count: times))
                    }
                    slices.append(UInt16(rows.count))
                }
            }
        }
        self.rows = rows
        self.slices = slices
    }

    /// A wound of a region and severity; an open wound where the table has none.
    @inline(__always)
    func wound(_ mechanism: Int, _ region: BodyRegion, _ severity: Int, _ draws: inout Draws) -> Int {
        let slice = (mechanism * 8 + region.place) * 5 + severity - 1
        let start = Int(slices[slice])
        let count = Int(slices[slice + 1]) - start
        return count > 0 ? Int(rows[start + draws.below(count)]) : Self.open(mechanism)
    }

    /// The same wound, or another where it does not fit the blood that is lost: much is not lost from a burn, and little
    /// not from a great vessel.
    @inline(__always)
    func fitting(
        _ row: Int, _ isSource: Bool, _ bleeds: Bool, _ mechanism: Int, _ region: BodyRegion, _ severity: Int,
        _ draws: inout Draws
    ) -> Int {
        let wrong: WoundRow.Traits = isSource ? .burn : bleeds ? [] : .vessel
        var row = row
        for _ in 0..<4 where !Condition.battle[row].traits.isDisjoint(with: wrong) {
            row = wound(mechanism, region, severity, &draws)
        }
        return Condition.battle[row].traits.isDisjoint(with: wrong) ? row : Self.open(mechanism)
    }

    /// The place of the open wound that a mechanism makes anywhere.
    private static func open(_ mechanism: Int) -> Int { mechanism == 1 ? 1 : 0 }
}

/// What the injury is to the rest of the model.
struct Injury {
    var severity = 1
    var traits: WoundRow.Traits = []
    /// Minutes until the death of one who is killed.
    var death: Int?
    /// Whether the bleeding is of a limb, where a tourniquet holds it.
    var isLimbBleeding = false
    /// Whether the worst is a burn.
    var isBurn = false
    var care: IllnessRow.Care?
    /// Whether a wound of the abdomen is of AIS 3 or worse, so that it is opened.
    var isAbdomenSevere = false
    /// Whether it keeps from duty for weeks: a limb is broken or gone, much blood lost, an operation needed.
    var isLasting = false
    /// Whether it passes within days whatever its severity, so that nobody is flown out for it.
    var isPassing = false
    /// Whether a chemical, biological or radiological agent did it.
    var isOfAgent = false
    var consciousness = 15
    var airway = 0
    var fever = 0
    var pain = 0
}

extension Plan {
    /// Fills in wounds, severity, blood loss and triage of a battle casualty.
    func wound(_ patient: inout Patient, warfare place: Int, seed: UInt64) -> Injury {
        let table = wounds[place]
        var draws = Draws(seed: seed, index: patient.index, stream: .injury)
        let mechanism = draws.pick(table.mechanisms)
        let severity = draws.pick(table.severities) + 1
        let count = draws.pick(table.counts[mechanism]) + 1
        patient.mechanism = Mechanism.allCases[mechanism]

        var hit = InlineRegions()
        for _ in 0..<count { hit.append(draws.pick(regions)) }
        var fate = Draws(seed: seed, index: patient.index, stream: .death)
        var injury = Injury()
        if draws.chance(table.killed[severity - 1]), !course.isConfigured(.pointOfInjury) {
            let death = death(&fate)
            injury.death = death.minute
            patient.bleedingSite = death.site
        }
        // The worst wound is of a region that can bear it, trunk and head before limbs.
        var total = 0
        for wound in 0..<count where hit[wound].worst >= severity { total += hit[wound].lethality }
        var worst = 0
        if total == 0 {
            hit.set(0, .extremity)
        } else {
            var left = draws.below(total)
            for wound in 0..<count where hit[wound].worst >= severity {
                left -= hit[wound].lethality
                if left < 0 {
                    worst = wound
                    break
                }
            }
        }
        if let site = patient.bleedingSite { worst = Self.bring(site, into: &hit, count, &fate) }
        // A second region of AIS 3 or worse makes a polytrauma.
        var second = -1
        let loss = draws.pick(table.losses[severity - 1])
        if draws.chance(table.polytrauma[severity - 1][loss]) {
            for wound in 0..<count where hit[wound] != hit[worst] && hit[wound].worst >= 3 { second = wound }
        }

        injury.severity = severity
        injury.pain = min(9, 2 + severity * 2 - draws.below(2))
        var amputations = 0
        var worstByRegion: (Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0)
        for number in 0..<count {
            // The worst first, then the others in order.
            let wound = number == 0 ? worst : number <= worst ? number - 1 : number
            let region = hit[wound]
            var digit =
                wound == worst
                ? severity
                : wound == second
                    ? min(region.worst, loss >= 2 ? severity : min(severity, 3))
                    : min(region.worst, min(severity, 2), 1 + (draws.next() >> 31 == 0 ? 0 : 1))
            var row = table.wound(mechanism, region, digit, &draws)
            if amputations == 1, region == .extremity {
                // Asked once: two limbs at most.
                amputations = 2
                if Amputations.takesSecond(&draws) {
                    digit = min(4, max(3, severity))
                    row = Amputations.row(digit, &draws)
                }
            } else if Condition.battle[row].traits.contains(.amputation) {
                amputations = 1
                row = Amputations.row(digit, &draws)
            }
            if wound == worst || wound == second {
                let bleeds = loss > 0 || patient.bleedingSite != nil
                row = table.fitting(row, bleeds && wound == worst, bleeds, mechanism, region, digit, &draws)
            }
            let traits = Condition.battle[row].traits
            injury.traits.formUnion(traits)
            if number == 0 { injury.isBurn = traits.contains(.burn) }
            if region == .abdomen, digit >= 3, !traits.contains(.burn) { injury.isAbdomenSevere = true }
            patient.conditions.append(
                .init(condition: Condition(place: Condition.battle[row].place), severity: digit, region: region))
            Self.keep(region, digit, &worstByRegion)
            // A brain that is hit, by a bullet from AIS 3 on, clouds consciousness; burnt airways swell.
            if traits.contains(.brain) || (region == .head && digit >= 3 && !traits.contains(.burn)) {
                injury.consciousness = min(injury.consciousness, [15, 14, 12, 8, 5][digit - 1])
            }
            if region == .thorax, !traits.contains(.burn) {
                injury.airway = max(injury.airway, [0, 2, 6, 10, 14][digit - 1])
            }
            if traits.contains(.burn), digit >= 3, region == .face || region == .head {
                injury.airway = max(injury.airway, 6)
            }
        }
        patient.region = hit[worst]
        patient.isPolytrauma = second >= 0
        patient.injurySeverityScore = Self.score(worstByRegion)
        bleed(&patient, &injury, loss, seed: seed)
        injury.isLasting = patient.bloodLoss >= 150 || !injury.traits.isDisjoint(with: [.fracture, .amputation])
        if injury.death == 0 {
            patient.conditions[0].severity = 6
            patient.injurySeverityScore = 75
        }
        var order = Draws(seed: seed, index: patient.index, stream: .triage)
        patient.triage = order.pick((second >= 0 ? table.polytraumaTriage : table.triage)[severity - 1]) + 1
        return injury
    }

    /// Makes one of the wounds, the worst, one that bleeds from a site. Junctional is the neck, or a limb's root.
    private static func bring(
        _ site: BleedingSite, into hit: inout InlineRegions, _ count: Int, _ draws: inout Draws
    ) -> Int {
        let isFirst = draws.below(2) == 0
        let region: BodyRegion =
            switch site {
            case .truncal: isFirst ? .thorax : .abdomen
            case .junctional: isFirst ? .neck : .extremity
            case .extremity: .extremity
            }
        for wound in 0..<count where hit[wound] == region { return wound }
        hit.set(0, region)
        return 0
    }

    /// How much blood is lost, and in how many minutes at the rate of its source.
    private func bleed(_ patient: inout Patient, _ injury: inout Injury, _ kind: Int, seed: UInt64) {
        var draws = Draws(seed: seed, index: patient.index, stream: .bleeding)
        let bounds = [0, 150, 300, 401, 480]
        var loss = bounds[kind] + draws.below(bounds[kind + 1] - bounds[kind])
        if kind == 0, injury.severity < 3 { loss /= 2 }
        if kind == 0, injury.traits.contains(.amputation) { loss = 75 + loss / 2 }
        let source = Bleeding.source(
            patient.region, severity: injury.severity, wounds: patient.conditions.count,
            greatVessel: injury.traits.contains(.greatVessel))
        injury.isLimbBleeding =
            patient.region == .extremity && patient.bleedingSite != .junctional && !injury.isBurn
        patient.bloodLoss = loss
        patient.bleedingMinutes = Bleeding.minutes(
            untilLoss: loss, rate: draws.within(source.rates), growth: source.growth)
        if let death = injury.death {
            // One who bleeds to death has less than 40 % of the volume left then.
            if patient.bleedingSite != nil { loss = 605 + draws.below(40) }
            patient.bloodLoss = loss
            patient.bleedingMinutes = patient.bleedingSite != nil ? death : min(patient.bleedingMinutes, death)
        }
        if loss >= 300 {
            patient.conditions.append(
                .init(condition: Condition.shock, severity: loss > 400 ? 5 : 4, region: patient.region))
        }
    }

    /// Injury severity score: the squares of the three worst of six regions; an AIS of 6 makes it 75.
    private static func score(_ digits: (Int, Int, Int, Int, Int)) -> Int {
        var (a, b, c) = (0, 0, 0)
        func add(_ digit: Int) {
            if digit > a {
                (a, b, c) = (digit, a, b)
            } else if digit > b {
                (b, c) = (digit, b)
            } else {
                c = max(c, digit)
            }
        }
        add(digits.0)
        add(digits.1)
        add(digits.2)
        add(digits.3)
        add(digits.4)
        return a >= 6 ? 75 : a * a + b * b + c * c
    }

    private static func keep(_ region: BodyRegion, _ digit: Int, _ worst: inout (Int, Int, Int, Int, Int)) {
        switch region {
        case .head, .neck: worst.0 = max(worst.0, digit)
        case .eyes, .ears, .face: worst.1 = max(worst.1, digit)
        case .thorax: worst.2 = max(worst.2, digit)
        case .abdomen: worst.3 = max(worst.3, digit)
        case .extremity: worst.4 = max(worst.4, digit)
        }
    }

    /// Fills in an illness or an injury that is not of battle.
    func sicken(_ patient: inout Patient, warfare place: Int, seed: UInt64) -> Injury {
        var draws = Draws(seed: seed, index: patient.index, stream: .injury)
        let isDisease = patient.injuryType == .disease
        let kind = (isDisease ? 0 : warfareTypes.count) + place
        let number = draws.pick(illnesses[kind])
        let row = isDisease ? Condition.disease[number] : Condition.nonBattle[number]
        let span = row.severities.count
        let severity = row.severities.lowerBound + min(draws.below(span), draws.below(span))
        patient.conditions.append(
            .init(condition: Condition(place: row.place), severity: severity, region: row.region))
        patient.region = row.region
        patient.injurySeverityScore = isDisease ? 0 : severity * severity
        var order = Draws(seed: seed, index: patient.index, stream: .triage)
        patient.triage = order.pick(illnessTriage[kind][severity - 1]) + 1
        var injury = Injury()
        injury.severity = severity
        injury.care = row.care
        injury.fever = row.fever * (severity + 2) / 5
        injury.airway = row.airway * severity / 2
        injury.pain = row.pain
        injury.isOfAgent = row.group == .agents
        injury.isLasting = row.isLasting
        injury.isPassing = row.isPassing
        injury.consciousness =
            row.group == .heat && severity >= 3 || row.group == .cold && severity >= 4
            ? 12 : row.airway > 0 && injury.isOfAgent ? [15, 15, 15, 11, 6][severity - 1] : 15
        patient.bloodLoss = 0
        patient.bleedingMinutes = 0
        return injury
    }
}

/// Up to sixteen regions without an allocation.
struct InlineRegions {
    private var bits: UInt64 = 0
    private var count = 0

    mutating func append(_ region: Int) {
        bits |= UInt64(region) << UInt64(count * 4)
        count += 1
    }

    @inline(__always)
    subscript(_ place: Int) -> BodyRegion { Self.regions[Int(truncatingIfNeeded: bits >> UInt64(place * 4)) & 7] }

    mutating func set(_ place: Int, _ region: BodyRegion) {
        bits &= ~(15 << UInt64(place * 4))
        bits |= UInt64(region.place) << UInt64(place * 4)
    }

    private static let regions = BodyRegion.allCases
}
