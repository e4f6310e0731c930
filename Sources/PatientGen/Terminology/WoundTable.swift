/// A wound of battle: its code, the regions and causes it goes with, its AIS digits.
struct WoundRow: Sendable {
    let code: String
    /// The condition's place in the curated table.
    let place: Int
    let regions: [BodyRegion]
    let mechanisms: [Mechanism]
    let severities: ClosedRange<Int>
    let traits: Traits

    /// What else matters for care.
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt16
        static let open = Traits(rawValue: 1)
        /// Of a bone that is splinted: limbs, pelvis, collar bone.
        static let fracture = Traits(rawValue: 2)
        /// Of the trunk.
        static let greatVessel = Traits(rawValue: 4)
        static let burn = Traits(rawValue: 8)
        static let chest = Traits(rawValue: 16)
        static let crush = Traits(rawValue: 32)
        static let amputation = Traits(rawValue: 64)
        /// Brain: the consciousness goes with the AIS digit.
        static let brain = Traits(rawValue: 128)
        /// A vessel whose wound costs more than 15 % of the blood.
        static let vessel = Traits(rawValue: 256)
    }

    init(
        _ code: String, _ regions: [BodyRegion], _ mechanisms: [Mechanism], _ severities: ClosedRange<Int>,
        _ traits: Traits = []
    ) {
        self.code = code
        place = Condition.place(of: code)
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

    /// Wounds of battle, by their codes. Which wound goes with which region, cause and AIS digit is ours.
    static let battle: [WoundRow] = [
        WoundRow("125643001", BodyRegion.allCases, blast, 1...3, .open),
        WoundRow("283545005", BodyRegion.allCases, [.gunshot], 1...5, .open),
        WoundRow(
            "262574004", [.neck, .thorax, .abdomen, .extremity], [.gunshot], 2...5, .open),
        WoundRow(
            "262595009", [.extremity], [.explosion], 3...5, [.open, .amputation]),
        WoundRow(
            "425322008", [.neck, .thorax, .abdomen, .extremity], [.other], 1...4, .open),
        WoundRow(
            "312609001", [.neck, .thorax, .abdomen, .extremity], [.explosion], 1...2, .open),
        WoundRow("312608009", BodyRegion.allCases, blast, 1...2, .open),
        WoundRow("370247008", [.face], sharp, 1...2, .open),
        WoundRow("284549007", [.extremity], blast, 1...1, .open),
        WoundRow("283371005", [.extremity], sharp, 1...2, .open),
        WoundRow("283385000", [.extremity], sharp, 1...2, .open),
        WoundRow("284551006", [.extremity], blast, 1...1, .open),
        WoundRow("125665001", [.extremity, .thorax, .abdomen], blast, 2...4, .crush),
        WoundRow("284554003", [.extremity, .face, .ears], [.explosion], 1...3, .open),
        WoundRow("125667009", BodyRegion.allCases, blast, 1...1),
        WoundRow("125666000", [.face, .extremity, .thorax], blast, 1...2, .burn),
        WoundRow("403190006", [.face, .neck, .extremity, .thorax], blast, 1...1, .burn),
        WoundRow(
            "403191005", [.face, .extremity, .thorax, .abdomen], blast, 2...3, .burn),
        WoundRow(
            "403192003", [.extremity, .thorax, .abdomen], blast, 3...4, .burn),
        WoundRow("231794000", [.eyes], any, 1...3),
        WoundRow("423125000", [.extremity], blast, 2...2, .fracture),
        WoundRow("397181002", [.extremity], sharp, 3...3, [.open, .fracture]),
        WoundRow("71620000", [.extremity], any, 3...4, .fracture),
        WoundRow("65966004", [.extremity], any, 2...2, .fracture),
        WoundRow("58150001", [.thorax], any, 2...2, .fracture),
        WoundRow("33737001", [.thorax], any, 1...2),
        WoundRow("77493009", [.abdomen], any, 2...4, .fracture),
        WoundRow("110030002", [.head], blast, 1...2, .brain),
        WoundRow("233645004", [.thorax], any, 3...5, [.chest]),
        WoundRow("31892009", [.thorax], any, 3...5, [.chest]),
        WoundRow("S06.2", [.head], any, 3...5, .brain),
        WoundRow("S06.5", [.head], any, 3...5, .brain),
        WoundRow("S02.0", [.head], any, 2...4, .brain),
        WoundRow(
            "S05.2", [.eyes],
            sharp,
            2...3, .open),
        WoundRow("S11.9", [.neck], any, 1...4, .open),
        WoundRow(
            "S14.1", [.neck], any, 4...5),
        WoundRow("S22.4", [.thorax], any, 3...4),
        WoundRow("S25.0", [.thorax], any, 5...5, [.greatVessel, .vessel]),
        WoundRow("S26.0", [.thorax], any, 5...5, [.greatVessel, .vessel]),
        WoundRow("S27.0", [.thorax], any, 3...3, .chest),
        WoundRow("S27.1", [.thorax], any, 3...4, .chest),
        WoundRow("S27.2", [.thorax], any, 4...4, .chest),
        WoundRow("S31.1", [.abdomen], any, 1...3, .open),
        WoundRow("S35.0", [.abdomen], any, 5...5, [.greatVessel, .vessel]),
        WoundRow("S36.0", [.abdomen], any, 2...5),
        WoundRow("S36.1", [.abdomen], any, 2...5),
        WoundRow("S36.4", [.abdomen], any, 2...4),
        WoundRow("S37.0", [.abdomen], any, 2...5),
        WoundRow("S42.3", [.extremity], any, 2...3, .fracture),
        WoundRow("S45.1", [.extremity], any, 3...4, .vessel),
        WoundRow("S48.1", [.extremity], [.explosion], 4...4, [.open, .amputation]),
        WoundRow(
            "S58.1", [.extremity], [.explosion],
            3...4, [.open, .amputation]),
        WoundRow("S75.0", [.extremity], any, 4...5, .vessel),
        WoundRow(
            "S78.1", [.extremity], [.explosion],
            4...5, [.open, .amputation]),
        WoundRow("S82.2", [.extremity], any, 2...3, .fracture),
        WoundRow(
            "S88.1", [.extremity], [.explosion],
            3...4, [.open, .amputation]),
        WoundRow("S85.0", [.extremity], any, 3...4, .vessel),
        WoundRow("S98.0", [.extremity], [.explosion], 3...3, [.open, .amputation]),
        WoundRow("T20.3", [.face, .head], blast, 3...4, .burn),
        WoundRow("T31.1", [.extremity, .thorax], blast, 2...3, .burn),
        WoundRow("T31.3", [.extremity, .thorax], blast, 4...5, .burn),
        WoundRow("T70.8", [.ears], [.explosion], 1...2),
    ]

    static let shock = Condition(place: place(of: "355001"))
}
