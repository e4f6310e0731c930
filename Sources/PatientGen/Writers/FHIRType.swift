/// The FHIR R4 resource types that a casualty's record is made of.
public enum FHIRType: String, Sendable, Hashable, CaseIterable {
    case organization = "Organization"
    case location = "Location"
    case patient = "Patient"
    case encounter = "Encounter"
    case condition = "Condition"
    case observation = "Observation"
    case procedure = "Procedure"
    case medicationAdministration = "MedicationAdministration"
    case medicationStatement = "MedicationStatement"
    case allergyIntolerance = "AllergyIntolerance"

    /// The types that belong to one patient, the patient first.
    static let ofPatient: [FHIRType] = [
        .patient, .encounter, .condition, .observation, .procedure, .medicationAdministration, .medicationStatement,
        .allergyIntolerance,
    ]

    /// What a resource begins with, up to its id.
    var head: StaticString {
        switch self {
        case .organization: "{\"resourceType\":\"Organization\",\"id\":\""
        case .location: "{\"resourceType\":\"Location\",\"id\":\""
        case .patient: "{\"resourceType\":\"Patient\",\"id\":\""
        case .encounter: "{\"resourceType\":\"Encounter\",\"id\":\""
        case .condition: "{\"resourceType\":\"Condition\",\"id\":\""
        case .observation: "{\"resourceType\":\"Observation\",\"id\":\""
        case .procedure: "{\"resourceType\":\"Procedure\",\"id\":\""
        case .medicationAdministration: "{\"resourceType\":\"MedicationAdministration\",\"id\":\""
        case .medicationStatement: "{\"resourceType\":\"MedicationStatement\",\"id\":\""
        case .allergyIntolerance: "{\"resourceType\":\"AllergyIntolerance\",\"id\":\""
        }
    }

    /// The type and a slash, as references and addresses begin.
    var path: StaticString {
        switch self {
        case .organization: "Organization/"
        case .location: "Location/"
        case .patient: "Patient/"
        case .encounter: "Encounter/"
        case .condition: "Condition/"
        case .observation: "Observation/"
        case .procedure: "Procedure/"
        case .medicationAdministration: "MedicationAdministration/"
        case .medicationStatement: "MedicationStatement/"
        case .allergyIntolerance: "AllergyIntolerance/"
        }
    }

    /// What an id begins with.
    var prefix: StaticString {
        switch self {
        case .organization: "org-"
        case .location: "loc-"
        case .patient: "p-"
        case .encounter: "encounter-"
        case .condition: "condition-"
        case .observation: "observation-"
        case .procedure: "procedure-"
        case .medicationAdministration: "medication-"
        case .medicationStatement: "statement-"
        case .allergyIntolerance: "allergy-"
        }
    }
}

/// The signs that are observed, with their LOINC code and UCUM unit.
enum Sign: Int, CaseIterable {
    case heartRate, bloodPressure, respiratoryRate, oxygenSaturation, temperature, consciousness, responsiveness, pain

    static let count = 8

    /// The CodeableConcept.
    var code: StaticString {
        switch self {
        case .heartRate:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8867-4\",\"display\":\"Heart rate\"}]}"
        case .bloodPressure:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"85354-9\",\"display\":\"Blood pressure panel with all children optional\"}]}"
        case .respiratoryRate:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"9279-1\",\"display\":\"Respiratory rate\"}]}"
        case .oxygenSaturation:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"59408-5\",\"display\":\"Oxygen saturation in Arterial blood by Pulse oximetry\"}]}"
        case .temperature:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8310-5\",\"display\":\"Body temperature\"}]}"
        case .consciousness:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"9269-2\",\"display\":\"Glasgow coma score total\"}]}"
        case .responsiveness:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"67775-7\",\"display\":\"Level of responsiveness\"}]}"
        case .pain:
            "{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"38208-5\",\"display\":\"Pain severity - Reported\"}]}"
        }
    }

    /// What follows the number in a Quantity, to its end.
    var unit: StaticString {
        switch self {
        case .heartRate, .respiratoryRate:
            ",\"unit\":\"per minute\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"/min\"}"
        case .oxygenSaturation: ",\"unit\":\"%\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"%\"}"
        case .temperature: ",\"unit\":\"degrees Celsius\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"Cel\"}"
        case .consciousness, .pain: ",\"unit\":\"score\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"{score}\"}"
        case .bloodPressure, .responsiveness: "}"
        }
    }
}
