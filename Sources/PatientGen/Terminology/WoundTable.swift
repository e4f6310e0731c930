/// A wound of battle: its code, the regions and causes it goes with, its AIS digits.
struct WoundRow: Sendable {
    let system: Condition.System
    let code: String
    let name: String
    let regions: [BodyRegion]
    let mechanisms: [Mechanism]
    let severities: ClosedRange<Int>
    let traits: Traits

    /// What else matters for care.
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8
        static let open = Traits(rawValue: 1)
        static let fracture = Traits(rawValue: 2)
        static let greatVessel = Traits(rawValue: 4)
        static let burn = Traits(rawValue: 8)
        static let chest = Traits(rawValue: 16)
        static let crush = Traits(rawValue: 32)
        static let amputation = Traits(rawValue: 64)
    }

    init(
        _ system: Condition.System, _ code: String, _ name: String, _ regions: [BodyRegion], _ mechanisms: [Mechanism],
        _ severities: ClosedRange<Int>, _ traits: Traits = []
    ) {
        self.system = system
        self.code = code
        self.name = name
        self.regions = regions
        self.mechanisms = mechanisms
        self.severities = severities
        self.traits = traits
    }
}

extension Condition {
    private static let any = Mechanism.allCases
    private static let blast: [Mechanism] = [.explosion, .other]
    private static let sharp: [Mechanism] = [.explosion, .gunshot]

    /// Wounds of battle. SNOMED CT as seen in published guides, ICD-10 of the WHO: Documentation/Sources.md. Which wound
    /// goes with which region, cause and AIS digit is ours.
    static let battle: [WoundRow] = [
        WoundRow(.snomed, "125643001", "Open wound", BodyRegion.allCases, blast, 1...3, .open),
        WoundRow(.snomed, "283545005", "Gunshot wound", BodyRegion.allCases, [.gunshot], 1...5, .open),
        WoundRow(
            .snomed, "262574004", "Bullet wound", [.neck, .thorax, .abdomen, .extremity], [.gunshot], 2...5, .open),
        WoundRow(
            .snomed, "262595009", "Traumatic amputation", [.extremity], [.explosion], 3...5, [.open, .amputation]),
        WoundRow(
            .snomed, "425322008", "Stab wound", [.neck, .thorax, .abdomen, .extremity], [.other], 1...4, .open),
        WoundRow(
            .snomed, "312609001", "Puncture wound", [.neck, .thorax, .abdomen, .extremity], [.explosion], 1...2, .open),
        WoundRow(.snomed, "312608009", "Laceration", BodyRegion.allCases, blast, 1...2, .open),
        WoundRow(.snomed, "370247008", "Laceration of face", [.face], sharp, 1...2, .open),
        WoundRow(.snomed, "284549007", "Laceration of hand", [.extremity], blast, 1...1, .open),
        WoundRow(.snomed, "283371005", "Laceration of forearm", [.extremity], sharp, 1...2, .open),
        WoundRow(.snomed, "283385000", "Laceration of thigh", [.extremity], sharp, 1...2, .open),
        WoundRow(.snomed, "284551006", "Laceration of foot", [.extremity], blast, 1...1, .open),
        WoundRow(.snomed, "125665001", "Crushing injury", [.extremity, .thorax, .abdomen], blast, 2...4, .crush),
        WoundRow(.snomed, "284554003", "Avulsion", [.extremity, .face, .ears], [.explosion], 1...3, .open),
        WoundRow(.snomed, "125667009", "Contusion", BodyRegion.allCases, blast, 1...1),
        WoundRow(.snomed, "125666000", "Burn", [.face, .extremity, .thorax], blast, 1...2, .burn),
        WoundRow(
            .snomed, "403191005", "Second degree burn", [.face, .extremity, .thorax, .abdomen], blast, 2...3, .burn),
        WoundRow(
            .snomed, "403192003", "Third degree burn", [.extremity, .thorax, .abdomen], blast, 3...4, .burn),
        WoundRow(.snomed, "231794000", "Injury of globe of eye", [.eyes], any, 1...3),
        WoundRow(.snomed, "423125000", "Closed fracture of bone", [.extremity], blast, 2...2, .fracture),
        WoundRow(.snomed, "397181002", "Open fracture", [.extremity], sharp, 3...3, [.open, .fracture]),
        WoundRow(.snomed, "71620000", "Fracture of femur", [.extremity], any, 3...4, .fracture),
        WoundRow(.snomed, "65966004", "Fracture of forearm", [.extremity], any, 2...2, .fracture),
        WoundRow(.snomed, "58150001", "Fracture of clavicle", [.thorax], any, 2...2, .fracture),
        WoundRow(.snomed, "33737001", "Fracture of rib", [.thorax], any, 1...2, .fracture),
        WoundRow(.snomed, "77493009", "Fracture of pelvis", [.abdomen], any, 2...4, .fracture),
        WoundRow(.snomed, "110030002", "Concussion injury of brain", [.head], blast, 1...2),
        WoundRow(.snomed, "233645004", "Tension pneumothorax", [.thorax], any, 3...5, [.chest]),
        WoundRow(.snomed, "31892009", "Hemothorax", [.thorax], any, 3...5, [.chest]),
        WoundRow(.icd10, "S06.2", "Diffuse brain injury", [.head], any, 3...5),
        WoundRow(.icd10, "S06.5", "Traumatic subdural haemorrhage", [.head], any, 3...5),
        WoundRow(.icd10, "S02.0", "Fracture of vault of skull", [.head, .face], any, 2...4, .fracture),
        WoundRow(
            .icd10, "S05.2", "Ocular laceration and rupture with prolapse or loss of intraocular tissue", [.eyes],
            sharp,
            2...3, .open),
        WoundRow(.icd10, "S11.9", "Open wound of neck, part unspecified", [.neck], any, 1...4, .open),
        WoundRow(
            .icd10, "S14.1", "Other and unspecified injuries of cervical spinal cord", [.neck], any, 4...5),
        WoundRow(.icd10, "S22.4", "Multiple fractures of ribs", [.thorax], any, 3...4, .fracture),
        WoundRow(.icd10, "S25.0", "Injury of thoracic aorta", [.thorax], any, 5...5, .greatVessel),
        WoundRow(.icd10, "S26.0", "Injury of heart with haemopericardium", [.thorax], any, 5...5, .greatVessel),
        WoundRow(.icd10, "S27.0", "Traumatic pneumothorax", [.thorax], any, 3...3, .chest),
        WoundRow(.icd10, "S27.2", "Traumatic haemopneumothorax", [.thorax], any, 4...4, .chest),
        WoundRow(.icd10, "S31.1", "Open wound of abdominal wall", [.abdomen], any, 1...3, .open),
        WoundRow(.icd10, "S35.0", "Injury of abdominal aorta", [.abdomen], any, 5...5, .greatVessel),
        WoundRow(.icd10, "S36.0", "Injury of spleen", [.abdomen], any, 2...5),
        WoundRow(.icd10, "S36.1", "Injury of liver or gallbladder", [.abdomen], any, 2...5),
        WoundRow(.icd10, "S36.4", "Injury of small intestine", [.abdomen], any, 2...4),
        WoundRow(.icd10, "S37.0", "Injury of kidney", [.abdomen], any, 2...5),
        WoundRow(.icd10, "S42.3", "Fracture of shaft of humerus", [.extremity], any, 2...3, .fracture),
        WoundRow(.icd10, "S45.1", "Injury of brachial artery", [.extremity], any, 3...4),
        WoundRow(
            .icd10, "S58.1", "Traumatic amputation at level between elbow and wrist", [.extremity], [.explosion],
            3...4, [.open, .amputation]),
        WoundRow(.icd10, "S75.0", "Injury of femoral artery", [.extremity], any, 4...5),
        WoundRow(
            .icd10, "S78.1", "Traumatic amputation at level between hip and knee", [.extremity], [.explosion],
            4...5, [.open, .amputation]),
        WoundRow(.icd10, "S82.2", "Fracture of shaft of tibia", [.extremity], any, 2...3, .fracture),
        WoundRow(
            .icd10, "S88.1", "Traumatic amputation at level between knee and ankle", [.extremity], [.explosion],
            3...4, [.open, .amputation]),
        WoundRow(.icd10, "T20.3", "Burn of third degree of head and neck", [.face, .head], blast, 3...4, .burn),
        WoundRow(.icd10, "T70.8", "Other effects of air pressure and water pressure", [.ears], [.explosion], 1...2),
        // Systemic, added where the loss of blood is great.
        WoundRow(.snomed, "355001", "Hemorrhagic shock", [], [], 4...5),
    ]

    static let shock = Condition(place: battle.count - 1)
}
