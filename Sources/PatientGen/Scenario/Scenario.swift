/// Who fights whom, where and for how long: what patients are generated from.
public struct Scenario: Sendable, Hashable {
    /// How many patients, 1…10⁹.
    public var totalPatients = 1440
    /// Days of fighting, 1…365.
    public var daysOfFighting = 8
    /// The first day.
    public var baseDate = CalendarDay(year: 2025, month: 6, day: 1)
    /// Shares of the kinds of casualty; they are scaled to 1.
    public var injuryMix: [InjuryType: Double] = [.disease: 0.52, .nonBattle: 0.33, .battle: 0.15]
    /// Kinds of warfare; conventional where none is named.
    public var warfareTypes: [Warfare] = [.conventional]
    /// How hard the fighting is.
    public var intensity = Intensity.medium
    /// How it is spread over the days.
    public var tempo = Tempo.sustained
    /// Out of the ordinary.
    public var specialEvents: [SpecialEvent] = []
    /// What makes everything harder.
    public var environment: [Environment] = []
    /// The fronts and their nations.
    public var fronts: [Front] = Front.defaults
    /// Treatment facilities with rates of their own; the calibrated ones where there are none.
    public var facilities: [Facility] = []
    /// What the outcomes are calibrated to.
    public var figures = ClinicalFigures.post2009

    /// Battle and non-battle injuries as a trauma registry has them, 65.9 to 34.1 (DoDTR); no disease.
    public static let registryMix: [InjuryType: Double] = [.nonBattle: 0.341, .battle: 0.659]

    /// How many patients a scenario can have.
    public static let patientLimits = 1...1_000_000_000

    /// The default scenario.
    public init() {}

    /// A front: its share of the casualties and the nations on it.
    public struct Front: Sendable, Hashable {
        /// Its id.
        public var id: String
        /// Its name.
        public var name: String
        /// Its share of all casualties; the shares are scaled to 1.
        public var casualtyRate: Double
        /// Its nations and their shares.
        public var nationalities: [Share]

        /// A nation and its share.
        public struct Share: Sendable, Hashable {
            /// ISO 3166 alpha-3.
            public var code: String
            /// In percent, or any unit: the shares are scaled to 1.
            public var percentage: Double
        }

        static let defaults = [
            front("poland", "Poland", 0.6, ["POL": 50, "LTU": 25, "NLD": 20, "ESP": 5]),
            front("estonia", "Estonia", 0.3, ["EST": 50, "GBR": 50]),
            front("finland", "Finland", 0.1, ["FIN": 50, "USA": 50]),
        ]

        private static func front(
            _ id: String, _ name: String, _ rate: Double, _ nations: KeyValuePairs<String, Double>
        ) -> Front {
            Front(
                id: id, name: name, casualtyRate: rate, nationalities: nations.map { Share(code: $0, percentage: $1) })
        }
    }

    /// A treatment facility's own figures.
    public struct Facility: Sendable, Hashable {
        /// `POI`, `R1`, `R2`, `R3` or `R4` (or `Role1` and so on), or a name that begins so.
        public var id: String
        /// Its name.
        public var name: String
        /// Beds; `nil` for any number.
        public var capacity: Int?
        /// Share of its patients that die here, 0…1.
        public var kiaRate: Double?
        /// Share of its patients that return to duty from here, 0…1.
        public var rtdRate: Double?

        /// The place that the id begins with.
        var place: Place? {
            let id = id.uppercased()
            return Place.allCases.first { id.hasPrefix($0.code) || id.hasPrefix($0.name.uppercased()) }
        }
    }
}

/// The kinds of casualty, in the original's words.
public enum InjuryType: String, Sendable, Hashable, CaseIterable {
    case disease = "Disease"
    case nonBattle = "Non-Battle Injury"
    case battle = "Battle Injury"
}

/// The kinds of warfare.
public enum Warfare: String, Sendable, Hashable, CaseIterable {
    case conventional, artillery, urban, guerrilla, drone, naval, cbrn, peacekeeping
}

/// How hard the fighting is.
public enum Intensity: String, Sendable, Hashable, CaseIterable {
    case low, medium, high, extreme
}

/// How the fighting is spread over the days.
public enum Tempo: String, Sendable, Hashable, CaseIterable {
    case sustained, escalating, surge, declining, intermittent
}

/// What is out of the ordinary.
public enum SpecialEvent: String, Sendable, Hashable, CaseIterable {
    case majorOffensive = "major_offensive"
    case ambush
    case massCasualty = "mass_casualty"
}

/// What makes everything harder.
public enum Environment: String, Sendable, Hashable, CaseIterable {
    case rain, fog, storm
    case extremeHeat = "extreme_heat"
    case extremeCold = "extreme_cold"
    case dustStorm = "dust_storm"
    case night = "night_operations"
    case mountains = "mountainous_terrain"
    case debris = "urban_debris"
}
