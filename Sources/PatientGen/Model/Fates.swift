/// Shares of what becomes of casualties, solved for once so that the model's sums are the calibrated figures.
///
/// The figures speak of all battle casualties; the model's chances depend on each casualty's severity, triage and blood
/// loss. So the level of each chance is found by bisection over the exact sums of the reference case (medium intensity,
/// conventional warfare, no hindrance); harder scenarios shift severities, and the outcomes follow.
struct Fates: Sendable {
    /// Chance to be killed, by AIS digit.
    let killed: [Double]
    /// Chance of a severe casualty to die at Role 1, where it is not flown past it.
    let diedAtRole1: Double
    /// Chance of a severe casualty to die after arrival at Role 2, by class of blood loss.
    let diedByClass: [Double]
    /// Factor on the rates of return at Roles 1…3, for disease, non-battle and battle.
    let returnLevel: [Double]

    /// How readily a severity returns within the days that are followed: the severely wounded do not.
    static let returnBySeverity = [1.0, 1, 0, 0, 0]
    /// Of illnesses and injuries that are not of battle.
    static let illnessReturnBySeverity = [2, 1, 0.3, 0, 0]
    /// Chance at each role to return with what passes within days: fewer than one in a hundred is flown out. An assumption.
    static let passingReturn = 0.8
    /// Share of each severity's wounded who break a limb or lose more than 15 % of their blood, and so do not return
    /// either; as the model has it, which `StatisticalTests` holds.
    static let disabled = [0.01, 0.40, 0, 0, 0]
    /// By triage (the original's table).
    static let returnByTriage = [0.8, 1, 1.2]
    /// Of those who die after arrival at Role 2: there, at Role 3, at Role 4. An assumption.
    static let placesOfDeath = [0.55, 0.30, 0.15]

    init(_ figures: ClinicalFigures) {
        let wanted = figures.shares
        let severities = Severity.shares(figures.severities, tilt: 1)
        let triage = Triage(Triage.target(.battle, .conventional, polytrauma: false), severities: severities)
        let poly = Triage(
            Triage.target(.battle, .conventional, polytrauma: true),
            severities: zip(severities, Severity.polytrauma).map(*))
        let categories = severities.indices.map { place in
            (0..<3).map {
                (1 - Severity.polytrauma[place]) * triage.shares[place][$0]
                    + Severity.polytrauma[place] * poly.shares[place][$0]
            }
        }

        // Killed: min(1, level × relative risk).
        func killed(_ level: Double) -> [Double] { figures.killedBySeverity.map { min(1, level * $0) } }
        let level = Self.solve(0...100) { zip(severities, killed($0)).reduce(0) { $0 + $1.0 * $1.1 } - wanted.killed }
        let deaths = killed(level)
        let wounded = zip(severities, deaths).map { $0 * (1 - $1) }

        // Died of wounds: after Role 2 by base deficit; what is left before it.
        let bySeverity = Severity.bloodLoss.map {
            zip($0, figures.mortalityByBaseDeficit).reduce(0) { $0 + $1.0 * $1.1 }
        }
        func flown(_ place: Int) -> Double { categories[place][0] * figures.flownToSurgery }
        func died(_ early: Double) -> Double {
            (3...4).reduce(0) { sum, place in
                let atRole1 = (1 - flown(place)) * early
                return sum + wounded[place] * (atRole1 + (1 - atRole1) * bySeverity[place])
            }
        }
        let late = died(0)
        let scale = late > wanted.died && late > 0 ? wanted.died / late : 1
        diedByClass = figures.mortalityByBaseDeficit.map { $0 * scale }
        diedAtRole1 = scale < 1 ? 0 : Self.solve(0...0.9) { died($0) - wanted.died }
        self.killed = deaths

        // Returned within the theatre.
        let rates = figures.returnRates
        func leaving(
            _ people: [Double], _ categories: [[Double]], _ levels: [Double], _ bySeverity: [Double],
            disabled: [Double], passing: [Double] = [0, 0, 0, 0, 0]
        ) -> Double {
            people.indices.reduce(0) { left, place in
                let able = people[place] * (1 - disabled[place] - passing[place])
                let passed = passing[place] * levels.reduce(1) { stay, _ in stay * (1 - Self.passingReturn) }
                return (0..<3).reduce(left + people[place] * (disabled[place] + passed)) { left, category in
                    left
                        + levels.enumerated().reduce(able * categories[place][category]) { stay, level in
                            stay * (1 - Self.chance(rates[level.offset], level.element, category, bySeverity[place]))
                        }
                }
            }
        }
        func evacuated(_ levels: [Double]) -> Double {
            leaving(wounded, categories, levels, Self.returnBySeverity, disabled: Self.disabled)
        }
        let all = wounded.reduce(0, +)
        let battle = Self.solve(0...50) { all - evacuated([$0, $0]) - wanted.returned }

        // Evacuated to Role 4: the mix of Hauret from the reference mix of casualties. The severe do not return before.
        let early = diedAtRole1
        let dead = (3...4).reduce(0) { sum, place in
            let atRole1 = (1 - flown(place)) * early
            return sum + wounded[place]
                * (atRole1 + (1 - atRole1) * bySeverity[place] * scale * (1 - Self.placesOfDeath[2]))
        }
        let evacuees = max(0, evacuated([battle, battle, 1]) - dead)
        func evacuationLevel(_ type: InjuryType, _ rows: [IllnessRow], _ place: Int) -> Double {
            let (severities, lasting, passing) = Condition.severities(rows, EnvironmentEffects([]), .conventional)
            let triage = Triage(Triage.target(type, .conventional, polytrauma: false), severities: severities)
            let ratio = figures.evacuationMix[place] / max(1e-9, figures.referenceMix[place])
            let goal = evacuees * ratio / (figures.evacuationMix[0] / max(1e-9, figures.referenceMix[0]))
            return Self.solve(0...50) {
                goal
                    - leaving(
                        severities, triage.shares, [$0, $0, $0], Self.illnessReturnBySeverity, disabled: lasting,
                        passing: passing)
            }
        }
        returnLevel = [
            evacuationLevel(.disease, Condition.disease, 2), evacuationLevel(.nonBattle, Condition.nonBattle, 1),
            battle,
        ]
    }

    /// Chance of return at a role.
    static func chance(_ rate: Double, _ level: Double, _ category: Int, _ bySeverity: Double) -> Double {
        min(0.97, rate * level * returnByTriage[category] * bySeverity)
    }

    /// Where a rising function is 0.
    private static func solve(_ range: ClosedRange<Double>, _ function: (Double) -> Double) -> Double {
        var (low, high) = (range.lowerBound, range.upperBound)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if function(middle) < 0 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
