/// A non-battle injury or a disease with a course of its own.
struct IllnessRow: Sendable {
    let code: String
    /// The condition's place in the curated table.
    let place: Int
    let group: Group
    /// Relative weight within its group.
    let weight: Double
    let severities: ClosedRange<Int>
    let region: BodyRegion
    /// Tenths of a degree that the illness adds.
    var fever = 0
    /// Percentage points of oxygen that it costs.
    var airway = 0
    var pain = 2
    /// Volume lost with fluids, thousandths.
    var loss = 0
    let care: Care
    /// Whether it keeps from duty for weeks: broken bones, torn joints, what needs an operation.
    let isLasting: Bool
    /// Whether it passes within days whatever its severity.
    let isPassing: Bool
    /// What brings it about, where it does not come by itself.
    let cause: ExternalCause?

    /// The groups of Cohen 2010, and the surroundings that change their weight.
    enum Group: Sendable {
        case musculoskeletal, spine, otherInjury, heat, cold, neuro, psychiatric, otherDisease, infection, eyes
        /// Chemical, biological and radiological agents, where they are used.
        case agents
    }
    /// What is done.
    enum Care: Sendable {
        case rest, splint, wound, cool, warm, fluids, antibiotic, surgery, respiratory, talk, pain, malaria
        /// A nerve agent's antidotes; air for one who inhaled something else.
        case antidote, air
    }
}

extension Condition {
    /// Injuries not of battle. Weights within a group are assumptions; the groups' are those of Cohen 2010.
    static let nonBattle: [IllnessRow] = [
        .init("44465007", .musculoskeletal, 20, 1...2, .extremity, pain: 4, .splint, by: .fall),
        .init("70704007", .musculoskeletal, 8, 1...2, .extremity, pain: 3, .splint, by: .fall),
        .init("S83.2", .musculoskeletal, 12, 2...3, .extremity, pain: 4, .splint, lasts: true, by: .fall),
        .init("S83.5", .musculoskeletal, 10, 2...3, .extremity, pain: 4, .splint, lasts: true, by: .fall),
        .init("S82.6", .musculoskeletal, 8, 2...3, .extremity, pain: 6, .splint, lasts: true, by: .fall),
        .init("65966004", .musculoskeletal, 10, 2...3, .extremity, pain: 6, .splint, lasts: true, by: .fall),
        .init("16114001", .musculoskeletal, 8, 2...3, .extremity, pain: 6, .splint, lasts: true, by: .fall),
        .init("S62.6", .musculoskeletal, 7, 1...2, .extremity, pain: 4, .splint, by: .fall),
        .init("M25.5", .musculoskeletal, 17, 1...2, .extremity, pain: 4, .pain),
        .init("M54.5", .spine, 60, 1...3, .abdomen, pain: 5, .pain),
        .init("M54.4", .spine, 25, 2...3, .abdomen, pain: 6, .pain),
        .init("39848009", .spine, 15, 1...2, .neck, pain: 4, .pain, by: .vehicle),
        .init("125667009", .otherInjury, 30, 1...1, .extremity, pain: 3, .rest, passes: true, by: .fall),
        .init("284549007", .otherInjury, 25, 1...2, .extremity, pain: 3, .wound, passes: true, by: .sharpObject),
        .init("284551006", .otherInjury, 15, 1...2, .extremity, pain: 3, .wound, passes: true, by: .sharpObject),
        .init("S68.1", .otherInjury, 8, 2...3, .extremity, pain: 6, .wound, lasts: true, by: .sharpObject),
        .init("S06.0", .otherInjury, 22, 1...2, .head, pain: 4, .rest, by: .fall),
        .init("52072009", .heat, 1, 2...4, .head, fever: 35, loss: 40, .cool, by: .heat),
        .init("T67.5", .heat, 3, 1...2, .head, fever: 12, loss: 60, .cool, by: .heat),
        .init("T68", .cold, 2, 2...4, .thorax, fever: -40, .warm, by: .cold),
        .init("370977006", .cold, 3, 1...3, .extremity, fever: -6, pain: 5, .warm, by: .cold),
        .init("T33.9", .cold, 4, 1...2, .extremity, fever: -4, pain: 4, .warm, by: .cold),
    ]

    /// Diseases.
    static let disease: [IllnessRow] = [
        .init("G43.9", .neuro, 56, 1...2, .head, pain: 7, .pain),
        .init("G40.9", .neuro, 8, 2...3, .head, pain: 0, .rest, lasts: true),
        .init("R55", .neuro, 22, 1...2, .head, pain: 0, .rest),
        .init("G51.0", .neuro, 14, 1...2, .face, pain: 1, .rest),
        .init("F43.0", .psychiatric, 35, 1...3, .head, pain: 0, .talk),
        .init("F43.2", .psychiatric, 30, 1...2, .head, pain: 0, .talk),
        .init("F32.9", .psychiatric, 20, 1...3, .head, pain: 0, .talk),
        .init("F43.1", .psychiatric, 15, 1...3, .head, pain: 0, .talk),
        .init("J06.9", .infection, 20, 1...1, .thorax, fever: 10, airway: 1, .rest, passes: true),
        .init("J11.1", .infection, 9, 1...2, .thorax, fever: 20, airway: 2, .rest),
        .init("J18.9", .infection, 6, 2...4, .thorax, fever: 22, airway: 6, .respiratory),
        .init("U07.1", .infection, 7, 1...3, .thorax, fever: 14, airway: 4, .respiratory),
        .init("A09", .infection, 18, 1...3, .abdomen, fever: 8, pain: 4, loss: 70, .fluids),
        .init("A08.1", .infection, 8, 1...2, .abdomen, fever: 7, pain: 4, loss: 60, .fluids, passes: true),
        .init("B50.9", .infection, 1, 2...4, .abdomen, fever: 28, .malaria),
        .init("L03.1", .infection, 8, 1...3, .extremity, fever: 9, pain: 4, .antibiotic),
        .init("N39.0", .infection, 6, 1...2, .abdomen, fever: 8, pain: 3, .antibiotic),
        .init("L23.9", .otherDisease, 8, 1...1, .extremity, pain: 1, .rest, passes: true),
        .init("N20.0", .otherDisease, 7, 1...3, .abdomen, pain: 8, .pain),
        .init("K35.8", .otherDisease, 6, 2...4, .abdomen, fever: 12, pain: 7, .surgery, lasts: true),
        .init("K40.9", .otherDisease, 6, 1...2, .abdomen, pain: 3, .surgery, lasts: true),
        .init("K02.9", .otherDisease, 12, 1...1, .face, pain: 5, .pain, passes: true),
        .init("H10.9", .eyes, 1, 1...1, .eyes, pain: 2, .antibiotic, passes: true),
        // Nerve agents and, on the skin, blister agents, both of T59.8. Weights are assumptions.
        .init("T59.8", .agents, 40, 2...5, .thorax, airway: 5, pain: 2, .antidote, by: .chemical),
        .init("T59.8", .agents, 25, 1...4, .extremity, pain: 6, .wound, by: .chemical),
        .init("T59.4", .agents, 20, 1...5, .thorax, airway: 6, pain: 3, .air, by: .chemical),
        .init("T65.0", .agents, 5, 3...5, .thorax, airway: 4, pain: 1, .air, by: .chemical),
        .init(
            "A22.1", .agents, 5, 3...5, .thorax, fever: 25, airway: 6, pain: 3, .respiratory, lasts: true,
            by: .biological),
        .init("T66", .agents, 5, 1...4, .abdomen, fever: 6, pain: 2, loss: 50, .fluids, by: .nuclear),
    ]

    /// Weights of the injuries and of the diseases. The evacuated have the shares of Cohen 2010: musculoskeletal 24,
    /// spine 7, neurological 10, psychiatric 9 %; as what lasts is evacuated more often than a sprain, the weights here
    /// are others. The rest is ours, and grows or shrinks with the surroundings. Of those who fall ill under CBRN warfare
    /// two of three do by its agents, an assumption.
    static func shares(_ rows: [IllnessRow], _ effects: EnvironmentEffects, _ warfare: Warfare) -> [Double] {
        func share(_ group: IllnessRow.Group) -> Double {
            switch group {
            case .musculoskeletal: 16.3 * effects.falls
            case .spine: 8.9
            case .otherInjury: 4.2
            case .heat: 0.5 * effects.heat
            case .cold: 0.5 * effects.cold
            case .neuro: 8.6
            case .psychiatric: 7.4
            case .infection: 18 * effects.infection
            case .otherDisease: 10.2
            case .eyes: 1 * effects.eyes
            case .agents: warfare == .cbrn ? 96 : 0
            }
        }
        return rows.map { row in
            row.weight * share(row.group) / rows.reduce(0) { $0 + ($1.group == row.group ? $1.weight : 0) }
        }
    }

    static func weights(_ rows: [IllnessRow], _ effects: EnvironmentEffects, _ warfare: Warfare) -> Weights {
        Weights(shares(rows, effects, warfare))
    }
}

extension IllnessRow {
    init(
        _ code: String, _ group: Group, _ weight: Double, _ severities: ClosedRange<Int>, _ region: BodyRegion,
        fever: Int = 0, airway: Int = 0, pain: Int = 2, loss: Int = 0, _ care: Care, lasts: Bool = false,
        passes: Bool = false, by cause: ExternalCause? = nil
    ) {
        self.code = code
        place = Condition.place(of: code)
        self.group = group
        self.weight = weight
        self.severities = severities
        self.region = region
        self.fever = fever
        self.airway = airway
        self.pain = pain
        self.loss = loss
        self.care = care
        isLasting = lasts
        isPassing = passes
        self.cause = cause
    }
}
