/// A condition with its code.
public struct Condition: Sendable, Hashable {
    /// Where a code comes from.
    public enum System: String, Sendable, Hashable {
        case snomed = "SNOMED CT"
        case icd10 = "ICD-10"
    }

    /// The code's system.
    public let system: System
    /// The code.
    public let code: String
    /// The term.
    public let name: String

    init(_ system: System, _ code: String, _ name: String) {
        self.system = system
        self.code = code
        self.name = name
    }

    /// Every condition that a patient can have, wounds of battle first.
    public static let all: [Condition] = battle.map(\.condition) + nonBattle + disease

    /// Wounds of battle: condition, bleeding class 0…3 and whether it can stand on a limb or on the trunk or head.
    static let battle: [(condition: Condition, bleeding: Int, regions: [BodyRegion])] = [
        (Condition(.snomed, "283545005", "Gunshot wound"), 2, BodyRegion.allCases),
        (Condition(.snomed, "262574004", "Bullet wound"), 2, [.thorax, .abdomen, .extremity]),
        (Condition(.snomed, "262595009", "Traumatic amputation"), 3, [.extremity]),
        (Condition(.snomed, "125643001", "Open wound"), 1, BodyRegion.allCases),
        (Condition(.snomed, "312608009", "Laceration"), 0, BodyRegion.allCases),
        (Condition(.snomed, "125666000", "Burn"), 0, [.face, .extremity, .thorax]),
        (Condition(.snomed, "125605004", "Fracture of bone"), 1, [.extremity]),
        (Condition(.snomed, "71620000", "Fracture of femur"), 2, [.extremity]),
        (Condition(.snomed, "31892009", "Hemothorax"), 2, [.thorax]),
        (Condition(.snomed, "233645004", "Tension pneumothorax"), 1, [.thorax]),
        (Condition(.snomed, "110030002", "Concussion"), 0, [.head]),
        (Condition(.snomed, "231794000", "Injury of globe"), 0, [.eyes]),
    ]

    /// Injuries that are not of battle.
    static let nonBattle: [Condition] = [
        Condition(.snomed, "44465007", "Sprain of ankle"), Condition(.snomed, "70704007", "Sprain of wrist"),
        Condition(.snomed, "39848009", "Whiplash injury to neck"), Condition(.snomed, "125667009", "Contusion"),
        Condition(.snomed, "284551006", "Laceration of foot"), Condition(.snomed, "284549007", "Laceration of hand"),
        Condition(.snomed, "65966004", "Fracture of forearm"), Condition(.snomed, "16114001", "Fracture of ankle"),
        Condition(.icd10, "M54.5", "Low back pain"), Condition(.icd10, "S83.2", "Tear of meniscus, current"),
        Condition(.snomed, "52072009", "Heat stroke"), Condition(.snomed, "370977006", "Frostbite"),
    ]

    /// Diseases.
    static let disease: [Condition] = [
        Condition(.icd10, "J06.9", "Acute upper respiratory infection, unspecified"),
        Condition(.icd10, "A09", "Infectious gastroenteritis and colitis, unspecified"),
        Condition(.icd10, "J11.1", "Influenza with other respiratory manifestations"),
        Condition(.icd10, "L03.1", "Cellulitis of other parts of limb"),
        Condition(.icd10, "K35.8", "Acute appendicitis"),
        Condition(.icd10, "N39.0", "Urinary tract infection"), Condition(.icd10, "F43.0", "Acute stress reaction"),
        Condition(.icd10, "F43.2", "Adjustment disorders"), Condition(.icd10, "G43.9", "Migraine, unspecified"),
        Condition(.icd10, "K02.9", "Dental caries, unspecified"),
        Condition(.icd10, "U07.1", "COVID-19, virus identified"),
        Condition(.icd10, "J18.9", "Pneumonia, unspecified organism"),
    ]
}

/// A region of the body, as wounds are counted by.
public enum BodyRegion: String, Sendable, Hashable, CaseIterable {
    case head, eyes, ears, face, neck, thorax, abdomen, extremity

    /// Share of wounds, percent, scaled to 100: Owens 2008.
    static let weights = Weights([8, 6, 3, 10, 3, 6, 11, 54])
}
