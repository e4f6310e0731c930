/// Something that is done, with its SNOMED CT code.
public enum Procedure: UInt8, Sendable, Hashable, CaseIterable {
    case tourniquet, pressure, pleuralDrain, intraosseous, airwayMask, transfusion, laparotomy, debridement
    case immobilisation, suture, woundCare, oxygen

    /// SNOMED CT.
    public var code: String { Self.rows[Int(rawValue)].0 }
    /// The term.
    public var name: String { Self.rows[Int(rawValue)].1 }

    private static let rows: [(String, String)] = [
        ("20655006", "Application of tourniquet"), ("447686008", "Application of pressure to wound"),
        ("264957007", "Insertion of pleural tube drain"), ("430824005", "Intraosseous cannulation"),
        ("424979004", "Laryngeal mask airway insertion"), ("116859006", "Transfusion of blood product"),
        ("74770008", "Exploratory laparotomy"), ("36777000", "Debridement"), ("274474001", "Bone immobilization"),
        ("288086009", "Suture open wound"), ("225358003", "Wound care"), ("57485005", "Oxygen therapy"),
    ]
}

/// A drug by its ATC code, as it is given here.
public enum Drug: UInt8, Sendable, Hashable, CaseIterable {
    case tranexamicAcid, ketamine, morphine, ertapenem, moxifloxacin, paracetamol, ibuprofen, artemether
    case atropine, pralidoxime

    /// ATC code.
    public var code: String { Self.rows[Int(rawValue)].0 }
    /// The substance.
    public var name: String { Self.rows[Int(rawValue)].1 }
    /// Milligrams of one dose.
    public var milligrams: Int { Self.rows[Int(rawValue)].2 }
    /// `IV`, `IM` or `PO`.
    public var route: String { Self.rows[Int(rawValue)].3 }

    private static let rows: [(String, String, Int, String)] = [
        ("B02AA02", "Tranexamic acid", 2000, "IV"), ("N01AX03", "Ketamine", 30, "IV"),
        ("N02AA01", "Morphine", 10, "IV"), ("J01DH03", "Ertapenem", 1000, "IV"),
        ("J01MA14", "Moxifloxacin", 400, "PO"), ("N02BE01", "Paracetamol", 1000, "PO"),
        ("M01AE01", "Ibuprofen", 400, "PO"), ("P01BF01", "Artemether and lumefantrine", 80, "PO"),
        ("A03BA01", "Atropine", 2, "IM"), ("V03AB04", "Pralidoxime", 600, "IM"),
    ]
}

/// A substance that a patient does not bear.
public enum Allergen: UInt8, Sendable, Hashable, CaseIterable {
    case penicillin, latex, sulfonamide, peanut, ibuprofen, morphine

    /// Its name.
    public var name: String {
        switch self {
        case .penicillin: "Penicillin"
        case .latex: "Latex"
        case .sulfonamide: "Sulfonamide"
        case .peanut: "Peanut"
        case .ibuprofen: "Ibuprofen"
        case .morphine: "Morphine"
        }
    }

    /// The drug of ours that it forbids.
    var forbids: Drug? {
        self == .ibuprofen ? .ibuprofen : self == .morphine ? .morphine : self == .penicillin ? .ertapenem : nil
    }
}
