/// A synthetic casualty: a pure function of model version, scenario, seed and index.
public struct Patient: Sendable {
    /// Its place among the patients, from 0.
    public var index: UInt64
    /// The nation's place in ``Nation/all``.
    public var nation: Int
    /// The front's place in the scenario.
    public var front: Int
    /// Whether the patient is a woman.
    public var isFemale: Bool
    /// Given name.
    public var givenName: String
    /// Family name, in the form of the sex.
    public var familyName: String
    /// Day of birth.
    public var birthDate: CalendarDay
    /// In kilograms.
    public var weight: Int
    /// Blood group.
    public var bloodGroup: BloodGroup
    /// NATO code of the rank, `OR-4` for one.
    public var rank: String
    /// The kind of casualty.
    public var injuryType: InjuryType
    /// The warfare that it happened in.
    public var warfare: Warfare
    /// The event that it was part of.
    public var event: Int?
    /// Whether that was a mass-casualty event.
    public var isMassCasualty: Bool
    /// The region that was hit first.
    public var region: BodyRegion
    /// What is wrong, the worst first.
    public var conditions: [Finding]
    /// Triage category, 1…3.
    public var triage: Int
    /// The day of fighting, from 1.
    public var day: Int
    /// Minutes from the base date's midnight to the injury.
    public var injuredAt: Int
    /// Vital signs at each place of care.
    public var vitals: [Vitals]
    /// What was done, in order.
    public var treatments: [Treatment]
    /// Where the patient went, in order.
    public var timeline: [Movement]
    /// How it ended.
    public var outcome: Outcome
    /// The last place of care.
    public var lastPlace: Place
    /// Substances the patient does not bear.
    public var allergies: [String]

    /// A condition and how bad it is.
    public struct Finding: Sendable {
        /// What it is.
        public var condition: Condition
        /// 1 minor … 5 critical.
        public var severity: Int
    }

    /// Vital signs at one moment.
    public struct Vitals: Sendable {
        /// Minutes since the injury.
        public var minute: Int
        /// Beats a minute.
        public var heartRate: Int
        /// mmHg.
        public var systolic: Int
        /// mmHg.
        public var diastolic: Int
        /// Breaths a minute.
        public var respiratoryRate: Int
        /// Percent.
        public var oxygenSaturation: Int
        /// Tenths of a degree Celsius.
        public var temperature: Int
        /// Glasgow coma scale, 3…15.
        public var consciousness: Int
    }

    /// Something that was done.
    public struct Treatment: Sendable {
        /// SNOMED CT.
        public var code: String
        /// The term.
        public var name: String
        /// Minutes since the injury.
        public var minute: Int
        /// Where.
        public var place: Place
    }

    /// A step of the way.
    public struct Movement: Sendable {
        /// What happens.
        public enum Kind: String, Sendable {
            case arrival
            case evacuationStart = "evacuation_start"
            case transitStart = "transit_start"
            case kia, dow, rtd
        }
        /// What happens.
        public var kind: Kind
        /// Where.
        public var place: Place
        /// Minutes since the injury.
        public var minute: Int
        /// Where to, for a transit.
        public var destination: Place?
        /// Minutes on the way, for a transit.
        public var transit: Int?
    }

    /// How it ended.
    public enum Outcome: String, Sendable, CaseIterable {
        case killed = "KIA"
        case diedOfWounds = "DOW"
        case returned = "RTD"
        case inTreatment = "Remains_Role4"
    }
}

/// A place of care.
public enum Place: Int, Sendable, Hashable, CaseIterable {
    case pointOfInjury, role1, role2, role3, role4

    /// `POI`, `R1` …
    public var code: String { ["POI", "R1", "R2", "R3", "R4"][rawValue] }
    /// `POI`, `Role1` …
    public var name: String { ["POI", "Role1", "Role2", "Role3", "Role4"][rawValue] }
    /// The next one on the way.
    public var next: Place? { Place(rawValue: rawValue + 1) }
}
