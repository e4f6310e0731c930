/// A synthetic casualty: a pure function of model version, scenario, seed and index.
public struct Patient: Sendable, Hashable {
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
    /// The family name in the nation's own script, where that is Greek or Cyrillic.
    public var nativeFamilyName: String? = nil
    /// The given name in the nation's own script.
    public var nativeGivenName: String? = nil
    /// A ten-digit number whose check digit (Luhn) is wrong on purpose, so that it is nobody's.
    public var nationalID: UInt64 = 0
    /// The rank.
    public var grade = Rank.enlisted(1)
    /// NATO code of the rank, `OR-4` for one.
    public var rank: String { grade.code }
    /// The unit, of no army.
    public var unit = MilitaryUnit(company: 0, battalion: 901)
    /// Where the injury happened: four digits of easting and four of northing, in tens of metres, within a square of
    /// 100 km that is of no map.
    public var grid = 0
    /// The kind of casualty.
    public var injuryType: InjuryType
    /// The warfare that it happened in.
    public var warfare: Warfare
    /// The event that it was part of.
    public var event: Int?
    /// Whether that was a mass-casualty event.
    public var isMassCasualty: Bool
    /// The region of the worst wound or of the illness.
    public var region: BodyRegion
    /// What caused an injury of battle.
    public var mechanism: Mechanism? = nil
    /// What brought the injury about, as ICD-10 has it; `nil` for a disease that comes by itself.
    public var cause: ExternalCause? { ExternalCause(self) }
    /// Injury severity score 1…75, 0 for a disease.
    public var injurySeverityScore = 0
    /// Whether two regions have wounds of AIS 3 or worse.
    public var isPolytrauma = false
    /// Blood lost until the bleeding stopped, in thousandths of the volume.
    public var bloodLoss = 0
    /// Minutes from the injury until the bleeding stopped or was slowed.
    public var bleedingMinutes = 0
    /// Where the patient bled to death from, for one killed so.
    public var bleedingSite: BleedingSite? = nil
    /// Base deficit in tenths of mmol/l on arrival at Role 2, taken from severe casualties (ISS ≥ 16).
    public var baseDeficit: Int? = nil
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
    public var allergens: [Allergen] = []
    /// Their names.
    public var allergies: [String] { allergens.map(\.name) }
    /// Drugs given, in order of time.
    public var medications: [Medication] = []
    /// A drug taken every day since before.
    public var longTermMedication: Drug? = nil

    /// ATLS class of shock, 1…4, by the blood lost.
    public var shockClass: Int { Physiology.shockClass(bloodLoss) }

    /// A patient without anything, to be filled by ``PatientGenerator/generate(_:into:)``.
    public init() {
        index = 0
        nation = 0
        front = 0
        isFemale = false
        givenName = ""
        familyName = ""
        birthDate = CalendarDay(year: 2000, month: 1, day: 1)
        weight = 0
        bloodGroup = .oPositive
        injuryType = .disease
        warfare = .conventional
        event = nil
        isMassCasualty = false
        region = .extremity
        conditions = []
        triage = 3
        day = 1
        injuredAt = 0
        vitals = []
        treatments = []
        timeline = []
        outcome = .inTreatment
        lastPlace = .pointOfInjury
    }

    /// Empties the record for another patient; its storage is used again.
    mutating func clear(_ index: UInt64) {
        self.index = index
        conditions.removeAll(keepingCapacity: true)
        vitals.removeAll(keepingCapacity: true)
        treatments.removeAll(keepingCapacity: true)
        timeline.removeAll(keepingCapacity: true)
        medications.removeAll(keepingCapacity: true)
        mechanism = nil
        baseDeficit = nil
        bleedingSite = nil
        isPolytrauma = false
    }

    /// A drug that was given.
    public struct Medication: Sendable, Hashable {
        /// Which.
        public var drug: Drug
        /// Minutes since the injury.
        public var minute: Int
        /// Where.
        public var place: Place
    }

    /// A condition and how bad it is.
    public struct Finding: Sendable, Hashable {
        /// What it is.
        public var condition: Condition
        /// AIS digit of a wound: 1 minor … 5 critical, 6 beyond help; the like for an illness.
        public var severity: Int
        /// Where.
        public var region: BodyRegion
        /// Where more closely.
        public var site: BodySite

        /// A finding.
        /// - Parameter site: the left side of the region by default, where it has two.
        public init(condition: Condition, severity: Int, region: BodyRegion, site: BodySite? = nil) {
            self.condition = condition
            self.severity = severity
            self.region = region
            self.site = site ?? BodySite(region)
        }
    }

    /// Vital signs at one moment.
    public struct Vitals: Sendable, Hashable {
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
        /// As the patient tells it, 0…10; nothing is told below a consciousness of 9.
        public var pain: Int
    }

    /// Something that was done.
    public struct Treatment: Sendable, Hashable {
        /// What.
        public var procedure: Procedure
        /// SNOMED CT.
        public var code: String { procedure.code }
        /// The term.
        public var name: String { procedure.name }
        /// Minutes since the injury.
        public var minute: Int
        /// Where.
        public var place: Place
        /// What group of blood was given, for a transfusion.
        public var bloodGroup: BloodGroup? = nil
        /// On which part of the body, for a tourniquet and a splint.
        public var site: BodySite? = nil
    }

    /// A step of the way.
    public struct Movement: Sendable, Hashable {
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

        /// Whether it is death.
        public var isDeath: Bool { self == .killed || self == .diedOfWounds }
    }
}

/// A place of care.
public enum Place: Int, Sendable, Hashable, Comparable, CaseIterable {
    case pointOfInjury, role1, role2, role3, role4

    /// Whether it comes before another on the way.
    public static func < (one: Place, other: Place) -> Bool { one.rawValue < other.rawValue }

    /// `POI`, `R1` …
    public var code: String { ["POI", "R1", "R2", "R3", "R4"][rawValue] }
    /// `POI`, `Role1` …
    public var name: String { ["POI", "Role1", "Role2", "Role3", "Role4"][rawValue] }
    /// The next one on the way.
    public var next: Place? { Place(rawValue: rawValue + 1) }
}

/// Where a casualty bleeds to death from (Eastridge 2012).
public enum BleedingSite: String, Sendable, Hashable, CaseIterable {
    case truncal, junctional, extremity
}
