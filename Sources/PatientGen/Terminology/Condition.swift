/// A condition with its code: a row of the curated table.
public struct Condition: Sendable, Hashable {
    /// Where a code comes from.
    public enum System: String, Sendable, Hashable {
        case snomed = "SNOMED CT"
        case icd10 = "ICD-10"
    }

    /// Its place in ``all``, which stays the same within a model version: writers can keep texts by it.
    public let place: Int

    /// The code's system.
    public var system: System { Self.rows[place].system }
    /// The code.
    public var code: String { Self.rows[place].code }
    /// The term.
    public var name: String { Self.rows[place].name }
    /// Every condition that a patient can have: wounds of battle, non-battle injuries, diseases.
    /// Each code stands here once.
    public static let all: [Condition] = rows.indices.map(Condition.init(place:))

    /// The row of a code in the table; the first where there is none, which a test rules out.
    static func place(of code: String) -> Int { rows.firstIndex { $0.code == code } ?? 0 }

    struct Row: Sendable {
        let system: System
        let code: String
        let name: String

        init(_ system: System, _ code: String, _ name: String) {
            self.system = system
            self.code = code
            self.name = name
        }
    }
}

/// A region of the body, as wounds are counted by.
public enum BodyRegion: String, Sendable, Hashable, CaseIterable {
    case head, eyes, ears, face, neck, thorax, abdomen, extremity

    /// The place among the cases.
    @inline(__always)
    var place: Int {
        switch self {
        case .head: 0
        case .eyes: 1
        case .ears: 2
        case .face: 3
        case .neck: 4
        case .thorax: 5
        case .abdomen: 6
        case .extremity: 7
        }
    }

    /// The worst AIS digit that a wound of the region can have here.
    var worst: Int { self == .ears ? 2 : self == .eyes ? 3 : self == .face ? 4 : 5 }
    /// How readily the worst wound is one of the region's: trunk and head before limbs.
    var lethality: Int { [8, 1, 1, 1, 6, 8, 7, 2][place] }
}
