/// Counts of patients, gathered while they are generated: constant memory, and those of ranges can be added up.
public struct PatientStatistics: Sendable, Hashable {
    /// How many.
    public private(set) var patients = 0
    /// Those of mass-casualty events.
    public private(set) var massCasualties = 0
    private var outcomes = [Int](repeating: 0, count: Patient.Outcome.allCases.count)
    private var types = [Int](repeating: 0, count: InjuryType.allCases.count)
    private var triages = [Int](repeating: 0, count: 3)
    private var places = [Int](repeating: 0, count: Place.allCases.count)
    private var regions = [Int](repeating: 0, count: BodyRegion.allCases.count)
    private var nations = [Int](repeating: 0, count: Nation.all.count)
    private var fronts: [Int]
    private var days: [Int]
    private let frontNames: [String]

    /// Counts of nobody yet.
    public init(scenario: Scenario) {
        fronts = [Int](repeating: 0, count: scenario.fronts.count)
        days = [Int](repeating: 0, count: scenario.daysOfFighting)
        frontNames = scenario.fronts.map(\.name)
    }

    /// Counts a patient.
    public mutating func count(_ patient: Patient) {
        patients += 1
        if patient.isMassCasualty { massCasualties += 1 }
        outcomes[place(patient.outcome)] += 1
        types[place(patient.injuryType)] += 1
        triages[patient.triage - 1] += 1
        places[patient.lastPlace.rawValue] += 1
        if patient.injuryType == .battle { regions[place(patient.region)] += 1 }
        nations[patient.nation] += 1
        fronts[patient.front] += 1
        days[min(days.count, max(1, patient.day)) - 1] += 1
    }

    /// Adds the counts of other patients of the same scenario.
    public mutating func add(_ other: PatientStatistics) {
        func add(_ counts: inout [Int], _ more: [Int]) {
            for place in counts.indices where place < more.count { counts[place] += more[place] }
        }
        patients += other.patients
        massCasualties += other.massCasualties
        add(&outcomes, other.outcomes)
        add(&types, other.types)
        add(&triages, other.triages)
        add(&places, other.places)
        add(&regions, other.regions)
        add(&nations, other.nations)
        add(&fronts, other.fronts)
        add(&days, other.days)
    }

    /// Named counts.
    public struct Group: Sendable, Hashable {
        /// What they are by.
        public let name: String
        /// Names and counts, in a fixed order; nations without patients are left out.
        public let rows: [Row]

        /// A name and how many.
        public struct Row: Sendable, Hashable {
            /// The name.
            public let name: String
            /// How many.
            public let count: Int
        }

        init(_ name: String, _ names: [String], _ counts: [Int]) {
            self.name = name
            rows = zip(names, counts).map { Row(name: $0, count: $1) }
        }
    }

    /// All counts: outcome, type of casualty, triage, last facility, body region (battle), front, day, nation.
    public var groups: [Group] {
        let present = nations.indices.filter { nations[$0] > 0 }
        return [
            Group("outcome", Patient.Outcome.allCases.map(\.rawValue), outcomes),
            Group("injury_type", InjuryType.allCases.map(\.rawValue), types),
            Group("triage", ["T1", "T2", "T3"], triages),
            Group("last_facility", Place.allCases.map(\.name), places),
            Group("body_part", BodyRegion.allCases.map(\.rawValue), regions),
            Group("front", frontNames, fronts),
            Group("day", days.indices.map { "\($0 + 1)" }, days),
            Group("nationality", present.map { Nation.all[$0].code }, present.map { nations[$0] }),
        ]
    }

    private func place<Case: CaseIterable & Equatable>(_ one: Case) -> Int where Case.AllCases == [Case] {
        Case.allCases.firstIndex(of: one) ?? 0
    }
}
