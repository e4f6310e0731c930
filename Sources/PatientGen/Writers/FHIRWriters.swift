/// FHIR R4 NDJSON, one resource a line: of one type, as bulk export has it, or of all types.
public struct FHIRBulkWriter: PatientWriter {
    private let resources: FHIRResources
    private let types: [FHIRType]

    /// A writer for a scenario's patients.
    /// - Parameter type: nil for all types, each patient's resources together.
    public init(scenario: Scenario, type: FHIRType? = nil) {
        resources = FHIRResources(scenario: scenario)
        types = type.map { [$0] } ?? FHIRType.allCases
    }

    /// The resources that patients share: a medical service for each nation, the places of care.
    public func header(into buffer: inout UTF8Sink) {
        for type in types {
            for place in 0..<FHIRShared.count(type) {
                FHIRShared.append(type, place, &buffer)
                buffer.append("\n")
            }
        }
    }

    /// A patient's resources.
    public func append(_ patient: Patient, into buffer: inout UTF8Sink) {
        let key = Digits(patient.index + 1)
        for type in types {
            for place in 0..<resources.count(type, of: patient) {
                resources.append(type, place, of: patient, key, &buffer)
                buffer.append("\n")
            }
        }
    }

    /// How many resources `append` writes for a patient.
    public func count(_ patient: Patient) -> Int {
        types.reduce(0) { $0 + resources.count($1, of: patient) }
    }

    /// How many resources the header holds.
    public var sharedCount: Int { types.reduce(0) { $0 + FHIRShared.count($1) } }
}

/// FHIR R4 transaction bundles, one a line and a patient. Each stands by itself: what it refers to is in it, and
/// putting it twice changes nothing.
public struct FHIRBundleWriter: PatientWriter {
    private let resources: FHIRResources
    /// Whole entries.
    private let organizations = Segments(count: Nation.all.count) { shared(.organization, $0, &$1) }
    /// All places of care.
    private let locations = Segments(count: 1) {
        for place in Place.allCases {
            $1.append(",")
            shared(.location, place.rawValue, &$1)
        }
    }

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) { resources = FHIRResources(scenario: scenario) }

    /// One bundle.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        let key = Digits(patient.index + 1)
        b.append("{\"resourceType\":\"Bundle\",\"id\":\"bundle-")
        key.append(&b)
        b.append("\",\"type\":\"transaction\",\"entry\":[")
        organizations.append(patient.nation, &b)
        locations.append(0, &b)
        for type in FHIRType.ofPatient {
            for place in 0..<resources.count(type, of: patient) {
                b.append(",{\"fullUrl\":\"https://example.org/fhir/")
                b.append(type.path)
                resources.id(type, place, key, &b)
                b.append("\",\"resource\":")
                resources.append(type, place, of: patient, key, &b)
                b.append(",\"request\":{\"method\":\"PUT\",\"url\":\"")
                b.append(type.path)
                resources.id(type, place, key, &b)
                b.append("\"}}")
            }
        }
        b.append("]}\n")
    }

    private static func shared(_ type: FHIRType, _ place: Int, _ b: inout UTF8Sink) {
        b.append("{\"fullUrl\":\"https://example.org/fhir/")
        b.append(type.path)
        FHIRShared.id(type, place, &b)
        b.append("\",\"resource\":")
        FHIRShared.append(type, place, &b)
        b.append(",\"request\":{\"method\":\"PUT\",\"url\":\"")
        b.append(type.path)
        FHIRShared.id(type, place, &b)
        b.append("\"}}")
    }
}

/// The resources that belong to no single patient.
enum FHIRShared {
    static func count(_ type: FHIRType) -> Int {
        switch type {
        case .organization: Nation.all.count
        case .location: Place.allCases.count
        default: 0
        }
    }

    static func id(_ type: FHIRType, _ place: Int, _ b: inout UTF8Sink) {
        b.append(type.prefix)
        b.appendText(type == .organization ? Nation.all[place].code : Place.allCases[place].code)
    }

    static func append(_ type: FHIRType, _ place: Int, _ b: inout UTF8Sink) {
        b.append(type.head)
        id(type, place, &b)
        b.append("\",\"name\":")
        let name = type == .organization ? "Medical service, \(Nation.all[place].name)" : Place.allCases[place].name
        b.appendJSONString(name)
        b.append(
            type == .organization ? ",\"active\":true}" : ",\"status\":\"active\",\"mode\":\"kind\"}")
    }
}
