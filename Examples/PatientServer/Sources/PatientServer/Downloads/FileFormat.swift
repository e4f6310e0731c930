import PatientExport
import PatientGen

/// What a generation's file can be: a format of the library, or a workbook around its worksheet.
enum FileFormat: Sendable, Hashable, CaseIterable, RawRepresentable {
    case written(PatientFormat)
    case workbook

    static let allCases = PatientFormat.allCases.map(FileFormat.written) + [.workbook]

    init?(rawValue: String) {
        if rawValue == "xlsx" {
            self = .workbook
        } else if let format = PatientFormat(rawValue: rawValue) {
            self = .written(format)
        } else {
            return nil
        }
    }

    var rawValue: String {
        switch self {
        case .written(let format): format.rawValue
        case .workbook: "xlsx"
        }
    }

    var fileExtension: String {
        switch self {
        case .written(let format): format.fileExtension
        case .workbook: "xlsx"
        }
    }

    var contentType: String {
        switch self {
        case .written(let format): format.contentType
        case .workbook: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }

    /// Writes what the manifest has digests of: for a workbook its worksheet.
    func writer(for generator: PatientGenerator) -> any PatientWriter {
        switch self {
        case .written(let format): format.writer(for: generator)
        case .workbook: SheetPatientWriter(scenario: generator.scenario)
        }
    }
}
