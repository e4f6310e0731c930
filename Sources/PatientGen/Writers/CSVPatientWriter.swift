/// One row a patient, RFC 4180: a header, CRLF, quotes where they are needed.
public struct CSVPatientWriter: PatientWriter {
    private let moments: Moments
    private let fronts: [String]

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) {
        moments = Moments(scenario: scenario)
        fronts = scenario.fronts.map(\.name)
    }

    /// The names of the columns.
    public func header(into buffer: inout UTF8Sink) {
        buffer.append(
            "id,family_name,given_name,gender,birthdate,nationality,rank,blood_type,weight,front,injury_type,triage_category,condition_code,condition,severity,body_part,warfare_scenario,mass_casualty,injury_time,day,final_status,last_facility,hours_in_system\r\n"
        )
    }

    /// One row.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        b.append(Int(patient.index) + 1)
        text(patient.familyName, &b)
        text(patient.givenName, &b)
        text(patient.isFemale ? "female" : "male", &b)
        b.append(",")
        b.appendDay(patient.birthDate)
        text(Nation.all[patient.nation].code, &b)
        text(patient.rank, &b)
        text(patient.bloodGroup.text, &b)
        b.append(",")
        b.append(patient.weight)
        text(fronts[patient.front], &b)
        text(patient.injuryType.rawValue, &b)
        b.append(",T")
        b.append(patient.triage)
        text(patient.conditions.first?.condition.code ?? "", &b)
        text(patient.conditions.first?.condition.name ?? "", &b)
        b.append(",")
        b.append(patient.conditions.first?.severity ?? 0)
        text(patient.region.rawValue, &b)
        text(patient.warfare.rawValue, &b)
        b.append(patient.isMassCasualty ? ",true," : ",false,")
        moments.append(patient.injuredAt, &b)
        b.append(",")
        b.append(patient.day)
        text(patient.outcome.rawValue, &b)
        text(patient.lastPlace.name, &b)
        b.append(",")
        let minutes = patient.timeline.last?.minute ?? 0
        b.append(minutes / 60)
        b.append(".")
        b.append(minutes % 60 * 100 / 60, digits: 2)
        b.append("\r\n")
    }

    private func text(_ text: String, _ b: inout UTF8Sink) {
        b.append(UInt8(ascii: ","))
        guard text.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else {
            b.appendText(text)
            return
        }
        b.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == 0x22 { b.append(0x22 as UInt8) }
            b.append(byte)
        }
        b.append(UInt8(ascii: "\""))
    }
}
