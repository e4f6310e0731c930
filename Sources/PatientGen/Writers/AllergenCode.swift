extension Allergen {
    /// The code and what it is of: SNOMED CT substances as the International Patient Summary and Synthea have them, ATC
    /// for the drugs of ours.
    public var code: (system: CodeSystem, code: String) {
        switch self {
        case .penicillin: (.snomed, "764146007")
        case .latex: (.snomed, "111088007")
        case .sulfonamide: (.snomed, "387406002")
        case .peanut: (.snomed, "256349002")
        case .ibuprofen: (.atc, Drug.ibuprofen.code)
        case .morphine: (.atc, Drug.morphine.code)
        }
    }

    /// Where an allergen's code comes from.
    public enum CodeSystem: String, Sendable, Hashable {
        case snomed = "SNOMED CT"
        case atc = "ATC"
    }
}
