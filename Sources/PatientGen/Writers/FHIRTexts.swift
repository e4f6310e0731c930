/// The parts of FHIR resources that stand in tables.
struct FHIRTexts: Sendable {
    private static let snomed = "http://snomed.info/sct"
    private static let atc = "http://www.whocc.no/atc"

    /// `"OR-4"`.
    let ranks = Segments(count: Rank.all.count) { $1.appendJSONString(Rank.all[$0].code) }
    let organizations = Segments(count: Nation.all.count) {
        $1.append(",\"managingOrganization\":{\"reference\":\"Organization/org-")
        $1.appendText(Nation.all[$0].code)
        $1.append("\"}")
    }
    /// From the location's list on, to the end of its first entry.
    let locations = Segments(count: Place.allCases.count) {
        $1.append("{\"location\":{\"reference\":\"Location/loc-")
        $1.appendText(Place.allCases[$0].code)
        $1.append("\"}}")
    }
    let procedureLocations = Segments(count: Place.allCases.count) {
        $1.append(",\"location\":{\"reference\":\"Location/loc-")
        $1.appendText(Place.allCases[$0].code)
        $1.append("\"}")
    }
    /// By triage category less one.
    let priorities = Segments(count: 3) {
        let (code, name) = [("EM", "emergency"), ("UR", "urgent"), ("R", "routine")][$0]
        $1.append(",\"priority\":")
        $1.appendConcept("http://terminology.hl7.org/CodeSystem/v3-ActPriority", code, name, text: "T\($0 + 1)")
    }
    /// How an encounter ends that is the last one.
    let dispositions = Segments(count: Patient.Outcome.allCases.count) {
        let (code, name, text) = [
            ("exp", "Expired", "Killed in action"), ("exp", "Expired", "Died of wounds"),
            ("oth", "Other", "Returned to duty"), ("", "", ""),
        ][$0]
        guard !code.isEmpty else { return }
        $1.append(",\"hospitalization\":{\"dischargeDisposition\":")
        $1.appendConcept("http://terminology.hl7.org/CodeSystem/discharge-disposition", code, name, text: text)
        $1.append("}")
    }
    let conditions = Segments(count: Condition.all.count) {
        let condition = Condition.all[$0]
        $1.append(",\"code\":")
        $1.appendConcept(
            condition.system == .snomed ? snomed : "http://hl7.org/fhir/sid/icd-10", condition.code, condition.name,
            text: condition.name)
    }
    /// By AIS digit less one: FHIR's condition-severity.
    let severities = Segments(count: 6) {
        let (code, name) = [("255604002", "Mild"), ("6736007", "Moderate"), ("24484000", "Severe")][min(2, $0)]
        $1.append(",\"severity\":")
        $1.appendConcept(snomed, code, name, text: "\($0 + 1)")
    }
    let sites = Segments(count: BodySite.allCases.count) {
        $1.append(",\"bodySite\":[{\"text\":", string: BodySite.allCases[$0].name)
        $1.append("}]")
    }
    /// Mechanisms times kinds of warfare: how a battle injury came about.
    let causes = Segments(count: Mechanism.allCases.count * Warfare.allCases.count) {
        $1.append(",\"note\":[{\"text\":\"Battle injury: ")
        $1.appendText(Mechanism.allCases[$0 / Warfare.allCases.count].rawValue)
        $1.append(", ")
        $1.appendText(Warfare.allCases[$0 % Warfare.allCases.count].rawValue)
    }
    /// Why an encounter takes place.
    let reasons = Segments(count: ExternalCause.allCases.count) {
        let cause = ExternalCause.allCases[$0]
        $1.append(",\"reasonCode\":[")
        $1.appendConcept("http://hl7.org/fhir/sid/icd-10", cause.code, cause.name, text: cause.name)
        $1.append("]")
    }
    let procedures = Segments(count: Procedure.allCases.count) {
        let procedure = Procedure.allCases[$0]
        $1.append("\"status\":\"completed\",\"code\":")
        $1.appendConcept(snomed, procedure.code, procedure.name, text: procedure.name)
    }
    let blood = Segments(count: BloodGroup.allCases.count) {
        $1.append(",\"note\":[{\"text\":", string: "Blood group \(BloodGroup.allCases[$0].text)")
        $1.append("}]")
    }
    let drugs = Segments(count: Drug.allCases.count) {
        $1.append(",\"medicationCodeableConcept\":")
        $1.appendConcept(atc, Drug.allCases[$0].code, Drug.allCases[$0].name, text: Drug.allCases[$0].name)
    }
    /// Route and dose of one time, without the braces.
    let doses = Segments(count: Drug.allCases.count) {
        $1.append("\"route\":")
        route(Drug.allCases[$0], &$1)
        $1.append(",\"dose\":")
        quantity(Drug.allCases[$0], &$1)
    }
    /// The same in a statement.
    let statementDoses = Segments(count: Drug.allCases.count) {
        $1.append("\"route\":")
        route(Drug.allCases[$0], &$1)
        $1.append(",\"doseAndRate\":[{\"doseQuantity\":")
        quantity(Drug.allCases[$0], &$1)
        $1.append("}]")
    }
    let allergens = Segments(count: Allergen.allCases.count) {
        let allergen = Allergen.allCases[$0]
        $1.append("\"category\":[\"")
        $1.append(allergen == .peanut ? "food" : allergen == .latex ? "environment" : "medication")
        $1.append("\"],\"code\":")
        $1.appendConcept(
            allergen.code.system == .snomed ? snomed : atc, allergen.code.code, allergen.name, text: allergen.name)
    }
    let groups = Segments(count: BloodGroup.allCases.count) {
        $1.append(",\"valueCodeableConcept\":{\"text\":", string: BloodGroup.allCases[$0].text)
        $1.append("}")
    }
    /// LOINC answers of 67775-7.
    let responses = Segments(count: Responsiveness.allCases.count) {
        let (code, name) = [
            ("LA9340-6", "Alert"), ("LA17108-4", "Verbal"), ("LA17107-6", "Painful"), ("LA9343-0", "Unresponsive"),
        ][$0]
        $1.append(",\"valueCodeableConcept\":")
        $1.appendConcept("http://loinc.org", code, name, text: name)
    }

    private static func route(_ drug: Drug, _ b: inout UTF8Sink) {
        switch drug.route {
        case "PO": b.appendConcept(snomed, "26643006", "Oral route", text: drug.route)
        case "IM": b.appendConcept(snomed, "78421000", "Intramuscular route", text: drug.route)
        default: b.appendConcept(snomed, "47625008", "Intravenous route", text: drug.route)
        }
    }

    private static func quantity(_ drug: Drug, _ b: inout UTF8Sink) {
        b.append("{\"value\":")
        b.append(drug.milligrams)
        b.append(",\"unit\":\"mg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg\"}")
    }
}

extension UTF8Sink {
    /// A CodeableConcept with one coding.
    mutating func appendConcept(_ system: String, _ code: String, _ display: String, text: String) {
        append("{\"coding\":[{\"system\":", string: system)
        append(",\"code\":", string: code)
        append(",\"display\":", string: display)
        append("}],\"text\":", string: text)
        append("}")
    }
}
