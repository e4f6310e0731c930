public import PatientGen

/// What a file of patients can be: a format of the library, or a workbook around its worksheet.
public enum FileFormat: Sendable, Hashable, CaseIterable, RawRepresentable {
    /// As the library writes it.
    case written(PatientFormat)
    /// `xlsx`: what the writer gives is the worksheet, for ``Workbook`` to pack.
    case workbook

    /// All of them, the workbook last.
    public static let allCases = PatientFormat.allCases.map(FileFormat.written) + [.workbook]

    /// The format of a name.
    public init?(rawValue: String) {
        if rawValue == "xlsx" {
            self = .workbook
        } else if let format = PatientFormat(rawValue: rawValue) {
            self = .written(format)
        } else {
            return nil
        }
    }

    /// Its name.
    public var rawValue: String {
        switch self {
        case .written(let format): format.rawValue
        case .workbook: "xlsx"
        }
    }

    /// The usual extension of a file's name.
    public var fileExtension: String {
        switch self {
        case .written(let format): format.fileExtension
        case .workbook: "xlsx"
        }
    }

    /// The type a server answers with.
    public var contentType: String {
        switch self {
        case .written(let format): format.contentType
        case .workbook: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }

    /// How many patients make a chunk of some hundred kilobytes.
    public var patientsPerChunk: Int {
        switch self {
        case .written(let format): format.patientsPerChunk
        case .workbook: 512
        }
    }

    /// A writer for a generator's patients.
    public func writer(for generator: PatientGenerator) -> any PatientWriter {
        switch self {
        case .written(let format): format.writer(for: generator)
        case .workbook: SheetPatientWriter(scenario: generator.scenario)
        }
    }
}
