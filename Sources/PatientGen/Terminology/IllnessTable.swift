/// A non-battle injury or a disease with a course of its own.
struct IllnessRow: Sendable {
    let system: Condition.System
    let code: String
    let name: String
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

    /// The groups of Cohen 2010, and the surroundings that change their weight.
    enum Group: Sendable {
        case musculoskeletal, spine, otherInjury, heat, cold, neuro, psychiatric, otherDisease, infection, eyes
    }
    /// What is done.
    enum Care: Sendable {
        case rest, splint, wound, cool, warm, fluids, antibiotic, surgery, respiratory, talk, pain, malaria
    }
}

extension Condition {
    /// Injuries not of battle. Weights within a group are assumptions; the groups' are those of Cohen 2010.
    static let nonBattle: [IllnessRow] = [
        .init(.snomed, "44465007", "Sprain of ankle", .musculoskeletal, 20, 1...2, .extremity, pain: 4, .splint),
        .init(.snomed, "70704007", "Sprain of wrist", .musculoskeletal, 8, 1...2, .extremity, pain: 3, .splint),
        .init(.icd10, "S83.2", "Tear of meniscus, current", .musculoskeletal, 12, 2...3, .extremity, pain: 4, .splint),
        .init(
            .icd10, "S83.5", "Sprain and strain involving (anterior)(posterior) cruciate ligament of knee",
            .musculoskeletal, 10, 2...3, .extremity, pain: 4, .splint),
        .init(
            .icd10, "S82.6", "Fracture of lateral malleolus", .musculoskeletal, 8, 2...3, .extremity, pain: 6, .splint),
        .init(.snomed, "65966004", "Fracture of forearm", .musculoskeletal, 10, 2...3, .extremity, pain: 6, .splint),
        .init(.snomed, "16114001", "Fracture of ankle", .musculoskeletal, 8, 2...3, .extremity, pain: 6, .splint),
        .init(.icd10, "S62.6", "Fracture of other finger", .musculoskeletal, 7, 1...2, .extremity, pain: 4, .splint),
        .init(.icd10, "M25.5", "Pain in joint", .musculoskeletal, 17, 1...2, .extremity, pain: 4, .pain),
        .init(.icd10, "M54.5", "Low back pain", .spine, 60, 1...3, .abdomen, pain: 5, .pain),
        .init(.icd10, "M54.4", "Lumbago with sciatica", .spine, 25, 2...3, .abdomen, pain: 6, .pain),
        .init(.snomed, "39848009", "Whiplash injury to neck", .spine, 15, 1...2, .neck, pain: 4, .pain),
        .init(.snomed, "125667009", "Contusion", .otherInjury, 30, 1...1, .extremity, pain: 3, .rest),
        .init(.snomed, "284549007", "Laceration of hand", .otherInjury, 25, 1...2, .extremity, pain: 3, .wound),
        .init(.snomed, "284551006", "Laceration of foot", .otherInjury, 15, 1...2, .extremity, pain: 3, .wound),
        .init(
            .icd10, "S68.1", "Traumatic amputation of other single finger (complete)(partial)", .otherInjury, 8, 2...3,
            .extremity, pain: 6, .wound),
        .init(.icd10, "S06.0", "Concussion", .otherInjury, 22, 1...2, .head, pain: 4, .rest),
        .init(.snomed, "52072009", "Heat stroke", .heat, 1, 2...4, .head, fever: 35, loss: 40, .cool),
        .init(.icd10, "T67.5", "Heat exhaustion, unspecified", .heat, 3, 1...2, .head, fever: 12, loss: 60, .cool),
        .init(.icd10, "T68", "Hypothermia", .cold, 2, 2...4, .thorax, fever: -40, .warm),
        .init(.snomed, "370977006", "Frostbite", .cold, 3, 1...3, .extremity, fever: -6, pain: 5, .warm),
        .init(
            .icd10, "T33.9", "Superficial frostbite of other and unspecified sites", .cold, 4, 1...2, .extremity,
            fever: -4, pain: 4, .warm),
    ]

    /// Diseases.
    static let disease: [IllnessRow] = [
        .init(.icd10, "G43.9", "Migraine, unspecified", .neuro, 1, 1...2, .head, pain: 7, .pain),
        .init(.icd10, "F43.0", "Acute stress reaction", .psychiatric, 35, 1...3, .head, pain: 0, .talk),
        .init(.icd10, "F43.2", "Adjustment disorders", .psychiatric, 30, 1...2, .head, pain: 0, .talk),
        .init(.icd10, "F32.9", "Depressive episode, unspecified", .psychiatric, 20, 1...3, .head, pain: 0, .talk),
        .init(.icd10, "F43.1", "Post-traumatic stress disorder", .psychiatric, 15, 1...3, .head, pain: 0, .talk),
        .init(
            .icd10, "J06.9", "Acute upper respiratory infection, unspecified", .infection, 20, 1...1, .thorax,
            fever: 10,
            airway: 1, .rest),
        .init(
            .icd10, "J11.1", "Influenza with other respiratory manifestations, virus not identified", .infection, 9,
            1...2, .thorax, fever: 20, airway: 2, .rest),
        .init(
            .icd10, "J18.9", "Pneumonia, unspecified", .infection, 6, 2...4, .thorax, fever: 22, airway: 6, .respiratory
        ),
        .init(
            .icd10, "U07.1", "COVID-19, virus identified", .infection, 7, 1...3, .thorax, fever: 14, airway: 4,
            .respiratory),
        .init(
            .icd10, "A09", "Other gastroenteritis and colitis of infectious and unspecified origin", .infection, 18,
            1...3,
            .abdomen, fever: 8, pain: 4, loss: 70, .fluids),
        .init(
            .icd10, "A08.1", "Acute gastroenteropathy due to Norovirus", .infection, 8, 1...2, .abdomen, fever: 7,
            pain: 4,
            loss: 60, .fluids),
        .init(
            .icd10, "B50.9", "Plasmodium falciparum malaria, unspecified", .infection, 1, 2...4, .abdomen, fever: 28,
            .malaria),
        .init(
            .icd10, "L03.1", "Cellulitis of other parts of limb", .infection, 8, 1...3, .extremity, fever: 9, pain: 4,
            .antibiotic),
        .init(
            .icd10, "N39.0", "Urinary tract infection, site not specified", .infection, 6, 1...2, .abdomen, fever: 8,
            pain: 3, .antibiotic),
        .init(
            .icd10, "L23.9", "Allergic contact dermatitis, unspecified cause", .otherDisease, 8, 1...1, .extremity,
            pain: 1, .rest),
        .init(.icd10, "N20.0", "Calculus of kidney", .otherDisease, 7, 1...3, .abdomen, pain: 8, .pain),
        .init(
            .icd10, "K35.8", "Acute appendicitis, other and unspecified", .otherDisease, 6, 2...4, .abdomen, fever: 12,
            pain: 7, .surgery),
        .init(
            .icd10, "K40.9", "Unilateral or unspecified inguinal hernia, without obstruction or gangrene",
            .otherDisease, 6,
            1...2, .abdomen, pain: 3, .surgery),
        .init(.icd10, "K02.9", "Dental caries, unspecified", .otherDisease, 12, 1...1, .face, pain: 5, .pain),
        .init(.icd10, "H10.9", "Conjunctivitis, unspecified", .eyes, 1, 1...1, .eyes, pain: 2, .antibiotic),
    ]

    /// Weights of the injuries and of the diseases. Cohen 2010 has, of all evacuees, musculoskeletal 24, spine 7,
    /// neurological 10, psychiatric 9 %; Hauret has injuries 34.8 and disease 48.2 %. The rest is ours, and grows or
    /// shrinks with the surroundings.
    static func shares(_ rows: [IllnessRow], _ effects: EnvironmentEffects) -> [Double] {
        func share(_ group: IllnessRow.Group) -> Double {
            switch group {
            case .musculoskeletal: 24 * effects.falls
            case .spine: 7
            case .otherInjury: 2.8
            case .heat: 0.5 * effects.heat
            case .cold: 0.5 * effects.cold
            case .neuro: 10
            case .psychiatric: 9
            case .infection: 18 * effects.infection
            case .otherDisease: 10.2
            case .eyes: 1 * effects.eyes
            }
        }
        return rows.map { row in
            row.weight * share(row.group) / rows.reduce(0) { $0 + ($1.group == row.group ? $1.weight : 0) }
        }
    }

    static func weights(_ rows: [IllnessRow], _ effects: EnvironmentEffects) -> Weights {
        Weights(shares(rows, effects))
    }
}

extension IllnessRow {
    init(
        _ system: Condition.System, _ code: String, _ name: String, _ group: Group, _ weight: Double,
        _ severities: ClosedRange<Int>, _ region: BodyRegion, fever: Int = 0, airway: Int = 0, pain: Int = 2,
        loss: Int = 0, _ care: Care
    ) {
        self.system = system
        self.code = code
        self.name = name
        self.group = group
        self.weight = weight
        self.severities = severities
        self.region = region
        self.fever = fever
        self.airway = airway
        self.pain = pain
        self.loss = loss
        self.care = care
    }
}
