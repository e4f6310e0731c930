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
    // Triage, type and outcome of each day and each front, row by row.
    private var byDay: [Int]
    private var byFront: [Int]

    /// Counts of nobody yet.
    public init(scenario: Scenario) {
        fronts = [Int](repeating: 0, count: scenario.fronts.count)
        days = [Int](repeating: 0, count: scenario.daysOfFighting)
        frontNames = scenario.fronts.map(\.name)
        byDay = [Int](repeating: 0, count: scenario.daysOfFighting * Self.columns.count)
        byFront = [Int](repeating: 0, count: scenario.fronts.count * Self.columns.count)
    }

    /// The columns of the breakdowns.
    static let columns =
        ["T1", "T2", "T3"] + InjuryType.allCases.map(\.rawValue) + Patient.Outcome.allCases.map(\.rawValue)

    /// Counts a patient.
    public mutating func count(_ patient: Patient) {
        patients += 1
        if patient.isMassCasualty { massCasualties += 1 }
        let (outcome, type) = (patient.outcome.ordinal, patient.injuryType.ordinal)
        let day = min(days.count, max(1, patient.day)) - 1
        outcomes[outcome] += 1
        types[type] += 1
        triages[patient.triage - 1] += 1
        places[patient.lastPlace.rawValue] += 1
        if patient.injuryType == .battle { regions[patient.region.place] += 1 }
        nations[patient.nation] += 1
        fronts[patient.front] += 1
        days[day] += 1
        for column in [patient.triage - 1, 3 + type, 6 + outcome] {
            byDay[day * Self.columns.count + column] += 1
            byFront[patient.front * Self.columns.count + column] += 1
        }
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
        add(&byDay, other.byDay)
        add(&byFront, other.byFront)
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

    /// Triage, type of casualty and outcome of each part.
    public struct Breakdown: Sendable, Hashable {
        /// What the parts are by.
        public let name: String
        /// What the counts of a row are of.
        public let columns: [String]
        /// The parts with their counts, column by column.
        public let rows: [Row]

        /// A part.
        public struct Row: Sendable, Hashable {
            /// Its name.
            public let name: String
            /// How many in it.
            public let patients: Int
            /// The counts, as the columns name them.
            public let counts: [Int]
        }

        init(_ name: String, _ names: [String], _ patients: [Int], _ cells: [Int]) {
            self.name = name
            columns = PatientStatistics.columns
            let width = columns.count
            rows = names.indices.map {
                Row(name: names[$0], patients: patients[$0], counts: Array(cells[$0 * width..<($0 + 1) * width]))
            }
        }
    }

    /// The breakdowns: by day, by front.
    public var breakdowns: [Breakdown] {
        [
            Breakdown("day", days.indices.map { "\($0 + 1)" }, days, byDay),
            Breakdown("front", frontNames, fronts, byFront),
        ]
    }
}
