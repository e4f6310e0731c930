import Foundation
import Testing

@testable import PatientGen

/// The samples of Documentation/PatientFormats.md are what the writers give for one patient, made by hand so that it does
/// not change with the model. `VITALS_WRITE_SAMPLES=1 swift test --filter SampleTests` writes them anew.
@Suite struct SampleTests {
    static let scenario: Scenario = {
        var scenario = Scenario()
        scenario.totalPatients = 1
        return scenario
    }()

    static func condition(_ code: String) -> Condition { Condition.all.first { $0.code == code } ?? Condition.all[0] }

    static let patient: Patient = {
        var patient = Patient()
        patient.nation = Nation.index(of: "GRC") ?? 0
        patient.givenName = "Georgios"
        patient.familyName = "Papadopoulos"
        patient.nativeGivenName = "Γεώργιος"
        patient.nativeFamilyName = "Παπαδόπουλος"
        patient.birthDate = CalendarDay(year: 2001, month: 3, day: 9)
        patient.weight = 79
        patient.bloodGroup = .aPositive
        patient.nationalID = NationalID.invalid(body: 12_345_678)
        patient.grade = .enlisted(4)
        patient.unit = MilitaryUnit(company: 1, battalion: 917)
        patient.grid = 48_210_937
        patient.injuryType = .battle
        patient.warfare = .artillery
        patient.mechanism = .explosion
        patient.injurySeverityScore = 17
        patient.bloodLoss = 310
        patient.bleedingMinutes = 9
        patient.baseDeficit = 64
        patient.conditions = [
            .init(condition: condition("S75.0"), severity: 4, region: .extremity, site: .rightLeg),
            .init(condition: condition("312608009"), severity: 1, region: .face),
        ]
        patient.triage = 1
        patient.day = 2
        patient.injuredAt = 1440 + 495
        patient.vitals = [
            .init(
                minute: 3, heartRate: 124, systolic: 92, diastolic: 60, respiratoryRate: 31, oxygenSaturation: 95,
                temperature: 366, consciousness: 14, pain: 8)
        ]
        patient.treatments = [
            .init(procedure: .tourniquet, minute: 9, place: .pointOfInjury, site: .rightLeg),
            .init(procedure: .transfusion, minute: 71, place: .role2, bloodGroup: .oPositive),
        ]
        patient.medications = [.init(drug: .tranexamicAcid, minute: 66, place: .role2)]
        patient.longTermMedication = .ibuprofen
        patient.allergens = [.penicillin]
        patient.timeline = [
            .init(kind: .arrival, place: .pointOfInjury, minute: 0),
            .init(kind: .evacuationStart, place: .pointOfInjury, minute: 25),
            .init(kind: .transitStart, place: .pointOfInjury, minute: 25, destination: .role2, transit: 38),
            .init(kind: .arrival, place: .role2, minute: 63),
        ]
        patient.lastPlace = .role2
        return patient
    }()

    /// Header, patient and footer; of the FHIR forms only what shows them, as they are long.
    static func sample(_ format: PatientFormat) -> String {
        let writer = format.writer(for: PatientGenerator(scenario: scenario, seed: 1))
        var sink = UTF8Sink()
        if format != .fhirNDJSON { writer.header(into: &sink) }
        writer.append(patient, into: &sink)
        writer.footer(into: &sink)
        let text = String(decoding: sink.bytes(), as: UTF8.self)
        switch format {
        case .fhirNDJSON:
            var seen: Set<Substring> = []
            return text.split(separator: "\n").filter { seen.insert($0.prefix(30)).inserted }.joined(separator: "\n")
                + "\n"
        case .fhirBundle, .ips: return text.prefix(1500) + " …\n"
        default: return text
        }
    }

    static let languages: [PatientFormat: String] = [
        .ndjson: "json", .json: "json", .csv: "csv", .xml: "xml", .fhirNDJSON: "json", .fhirBundle: "text",
        .ips: "text",
    ]

    static func block(_ format: PatientFormat) -> String {
        "<!-- sample \(format.rawValue) -->\n```\(languages[format] ?? "text")\n\(sample(format))```\n"
    }

    static let page = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
            "Documentation/PatientFormats.md")

    @Test func `the page of the formats shows what the writers write`() throws {
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        if ProcessInfo.processInfo.environment["VITALS_WRITE_SAMPLES"] == "1" {
            for format in PatientFormat.allCases {
                guard let start = text.range(of: "<!-- sample \(format.rawValue) -->\n"),
                    let opening = text.range(of: "```", range: start.upperBound..<text.endIndex),
                    let closing = text.range(of: "\n```\n", range: opening.upperBound..<text.endIndex)
                else { continue }
                text.replaceSubrange(start.lowerBound..<closing.upperBound, with: Self.block(format))
            }
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        for format in PatientFormat.allCases {
            #expect(text.contains(Self.block(format)), "the sample of \(format.rawValue) is not what is written")
        }
    }
}
