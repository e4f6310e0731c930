/// Writes patients as UTF-8, appending to a buffer that is used again and again.
///
/// A file is `header`, then each patient with `separator` between any two, then `footer`. What a patient gives does not
/// depend on the others, so ranges can be written apart and joined.
public protocol PatientWriter: Sendable {
    /// What the file begins with.
    func header(into buffer: inout UTF8Sink)
    /// One patient.
    func append(_ patient: Patient, into buffer: inout UTF8Sink)
    /// What stands between two patients.
    func separator(into buffer: inout UTF8Sink)
    /// What the file ends with.
    func footer(into buffer: inout UTF8Sink)
}

extension PatientWriter {
    /// Nothing.
    public func header(into buffer: inout UTF8Sink) {}
    /// Nothing.
    public func separator(into buffer: inout UTF8Sink) {}
    /// Nothing.
    public func footer(into buffer: inout UTF8Sink) {}
}

/// The formats that need nothing but the standard library.
public enum PatientFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line.
    case ndjson
    /// One JSON array.
    case json
    /// RFC 4180.
    case csv
    /// One well-formed XML document.
    case xml
    /// The fields of a TCCC card, as text.
    case dd1380
    /// A request for evacuation, as text.
    case nineLine = "9line"
    /// Mechanism, injuries, signs, treatment, as text.
    case mist
    /// FHIR R4 resources, one a line, all types in one file.
    case fhirNDJSON = "fhir-ndjson"
    /// FHIR R4 transaction bundles, one a line.
    case fhirBundle = "fhir-bundle"
    /// International Patient Summary documents, one a line.
    case ips

    /// The type a server answers with.
    public var contentType: String {
        switch self {
        case .ndjson: "application/x-ndjson"
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .xml: "application/xml"
        case .fhirNDJSON, .fhirBundle, .ips: "application/fhir+ndjson"
        case .dd1380, .nineLine, .mist: "text/plain; charset=utf-8"
        }
    }

    /// The usual extension of a file's name.
    public var fileExtension: String {
        switch self {
        case .ndjson, .json, .csv, .xml: rawValue
        case .dd1380, .nineLine, .mist: "\(rawValue).txt"
        case .fhirNDJSON, .fhirBundle, .ips: "\(rawValue).ndjson"
        }
    }

    /// How many patients make a chunk of some hundred kilobytes.
    public var patientsPerChunk: Int {
        switch self {
        case .json, .ndjson, .xml: 128
        case .csv, .dd1380, .mist: 512
        case .nineLine: 1024
        case .fhirNDJSON, .fhirBundle: 16
        case .ips: 32
        }
    }

    /// A writer for a generator's patients.
    public func writer(for generator: PatientGenerator) -> any PatientWriter {
        switch self {
        case .ndjson: JSONPatientWriter(scenario: generator.scenario, isArray: false)
        case .json: JSONPatientWriter(scenario: generator.scenario, isArray: true)
        case .csv: CSVPatientWriter(scenario: generator.scenario)
        case .xml: XMLPatientWriter(scenario: generator.scenario)
        case .dd1380: CardPatientWriter(scenario: generator.scenario, kind: .dd1380)
        case .nineLine: CardPatientWriter(scenario: generator.scenario, kind: .nineLine)
        case .mist: CardPatientWriter(scenario: generator.scenario, kind: .mist)
        case .fhirNDJSON: FHIRBulkWriter(scenario: generator.scenario)
        case .fhirBundle: FHIRBundleWriter(scenario: generator.scenario)
        case .ips: IPSWriter(scenario: generator.scenario)
        }
    }
}
