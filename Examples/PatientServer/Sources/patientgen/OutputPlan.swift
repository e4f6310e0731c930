import ArgumentParser
import Foundation
import PatientExport
import PatientGen

/// What is written where: a file for each format, for FHIR in a folder one for each type of resource.
struct OutputPlan {
    struct Piece {
        var name: String
        var writer: any PatientWriter
        var isWorkbook = false
        /// The type of resource where the piece is a file of a bulk export.
        var type: FHIRType?
    }

    let pieces: [Piece]
    let patientsPerChunk: Int
    let folder: String?
    let isStandardOutput: Bool
    private let suffix: String

    static let formats = FileFormat.allCases.map(\.rawValue)

    init(formats: String, output: String?, suffix: String, generator: PatientGenerator) throws {
        let names = formats.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let chosen = try names.map { name in
            guard let format = FileFormat(rawValue: name) else {
                throw ValidationError(
                    "--format \(name) is not known; there are \(Self.formats.joined(separator: ", "))")
            }
            return format
        }
        guard Set(names).count == names.count else { throw ValidationError("--format names a format twice") }
        var isFolder: ObjCBool = false
        if let output { _ = FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) }
        let path = output.flatMap { $0 == "-" ? nil : $0 }
        folder = path.flatMap { $0.hasSuffix("/") || isFolder.boolValue ? $0 : nil }
        guard names.count == 1 || folder != nil else {
            throw ValidationError("--format with several names needs --output FOLDER/")
        }
        var pieces: [Piece] = []
        for format in chosen {
            if format == .written(.fhirNDJSON), folder != nil {
                for type in FHIRType.allCases {
                    pieces.append(
                        Piece(
                            name: "\(type.rawValue).ndjson",
                            writer: FHIRBulkWriter(scenario: generator.scenario, type: type), type: type))
                }
            } else {
                pieces.append(
                    Piece(
                        name: "patients.\(format.fileExtension)", writer: format.writer(for: generator),
                        isWorkbook: format == .workbook))
            }
        }
        if let path, folder == nil { pieces[0].name = path }
        self.pieces = pieces
        self.suffix = folder == nil ? "" : suffix
        patientsPerChunk = chosen.map(\.patientsPerChunk).min() ?? 128
        isStandardOutput = path == nil
    }

    /// Where a piece is written to.
    func path(_ piece: Piece) -> String {
        guard let folder else { return piece.name }
        return (folder as NSString).appendingPathComponent(piece.name + suffix)
    }

    /// Where the state of a run is kept until it is done.
    var checkpointPath: String? {
        if isStandardOutput { return nil }
        if let folder { return (folder as NSString).appendingPathComponent("patientgen.resume") }
        return pieces[0].name + ".resume"
    }
}
