extension FHIRResources {
    func condition(_ place: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        let finding = patient.conditions[place]
        b.append(
            "\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-clinical\",\"code\":\"active\"}]},\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-ver-status\",\"code\":\"confirmed\"}]},\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-category\",\"code\":\""
        )
        b.append(isSummary ? "problem-list-item\"}]}]" : "encounter-diagnosis\"}]}]")
        texts.severities.append(finding.severity - 1, &b)
        texts.conditions.append(finding.condition.place, &b)
        texts.sites.append(Int(finding.site.rawValue), &b)
        subject(key, &b)
        time(",\"onsetDateTime\":\"", 0, patient, &b)
        guard place == 0, let mechanism = patient.mechanism else { return }
        texts.causes.append(mechanism.ordinal * Warfare.allCases.count + patient.warfare.ordinal, &b)
        if let event = patient.event {
            b.append(", event-")
            b.append(event + 1)
        }
        if let site = patient.bleedingSite {
            b.append(", bled to death from: ")
            b.appendText(site.rawValue)
        }
        b.append("\"}]")
    }

    func procedure(_ treatment: Patient.Treatment, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        texts.procedures.append(Int(treatment.procedure.rawValue), &b)
        subject(key, &b)
        encounterReference(
            ",\"encounter\":{\"reference\":\"Encounter/encounter-", treatment.minute, patient, key, &b)
        time(",\"performedDateTime\":\"", treatment.minute, patient, &b)
        if !isSummary { texts.procedureLocations.append(treatment.place.rawValue, &b) }
        if let site = treatment.site { texts.sites.append(Int(site.rawValue), &b) }
        if let group = treatment.bloodGroup { texts.blood.append(group.rawValue, &b) }
    }

    func administration(_ given: Patient.Medication, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        b.append("\"status\":\"completed\"")
        texts.drugs.append(Int(given.drug.rawValue), &b)
        subject(key, &b)
        encounterReference(",\"context\":{\"reference\":\"Encounter/encounter-", given.minute, patient, key, &b)
        time(",\"effectiveDateTime\":\"", given.minute, patient, &b)
        b.append(",\"dosage\":{")
        texts.doses.append(Int(given.drug.rawValue), &b)
        b.append("}")
    }

    /// The drug taken every day is active; one that was given is completed.
    func statement(_ place: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        let isDaily = place == 0
        guard
            let drug = isDaily ? patient.longTermMedication : patient.medications[place - 1].drug
        else { return }
        b.append(isDaily ? "\"status\":\"active\"" : "\"status\":\"completed\"")
        texts.drugs.append(Int(drug.rawValue), &b)
        subject(key, &b)
        time(",\"effectiveDateTime\":\"", isDaily ? 0 : patient.medications[place - 1].minute, patient, &b)
        b.append(isDaily ? ",\"dosage\":[{\"text\":\"once a day\"," : ",\"dosage\":[{")
        texts.statementDoses.append(Int(drug.rawValue), &b)
        b.append("}]")
    }

    func allergy(_ allergen: Allergen, _ key: Digits, _ b: inout UTF8Sink) {
        b.append(
            "\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical\",\"code\":\"active\"}]},\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification\",\"code\":\"confirmed\"}]},\"type\":\"allergy\","
        )
        texts.allergens.append(Int(allergen.rawValue), &b)
        b.append(",\"patient\":{\"reference\":\"Patient/p-")
        key.append(&b)
        b.append("\"}")
    }

    func observation(_ place: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        guard place >= Self.singleObservations else { return single(place, patient, key, &b) }
        let number = place - Self.singleObservations
        let vitals = patient.vitals[number / Sign.count]
        let sign = Sign(rawValue: number % Sign.count) ?? .heartRate
        b.append(
            "\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"vital-signs\"}]}],\"code\":"
        )
        b.append(sign.code)
        subject(key, &b)
        encounterReference(",\"encounter\":{\"reference\":\"Encounter/encounter-", vitals.minute, patient, key, &b)
        time(",\"effectiveDateTime\":\"", vitals.minute, patient, &b)
        switch sign {
        case .bloodPressure: return pressure(vitals, &b)
        case .responsiveness: return texts.responses.append(vitals.responsiveness.rawValue, &b)
        case .pain where !vitals.canTellPain:
            return b.append(
                ",\"dataAbsentReason\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/data-absent-reason\",\"code\":\"not-performed\",\"display\":\"Not Performed\"}]}"
            )
        default: break
        }
        b.append(",\"valueQuantity\":{\"value\":")
        switch sign {
        case .heartRate: b.append(vitals.heartRate)
        case .respiratoryRate: b.append(vitals.respiratoryRate)
        case .oxygenSaturation: b.append(vitals.oxygenSaturation)
        case .temperature: b.appendTenths(vitals.temperature)
        case .consciousness: b.append(vitals.consciousness)
        case .pain: b.append(vitals.pain)
        case .bloodPressure, .responsiveness: break
        }
        b.append(sign.unit)
    }

    private func pressure(_ vitals: Patient.Vitals, _ b: inout UTF8Sink) {
        b.append(
            ",\"component\":[{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8480-6\",\"display\":\"Systolic blood pressure\"}]},\"valueQuantity\":{\"value\":"
        )
        b.append(vitals.systolic)
        b.append(
            ",\"unit\":\"mmHg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mm[Hg]\"}},{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8462-4\",\"display\":\"Diastolic blood pressure\"}]},\"valueQuantity\":{\"value\":"
        )
        b.append(vitals.diastolic)
        b.append(",\"unit\":\"mmHg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mm[Hg]\"}}]")
    }

    /// Weight and blood group, as they are known at the injury.
    private func single(_ place: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        b.append(
            place == 0
                ? "\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"vital-signs\"}]}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"29463-7\",\"display\":\"Body weight\"}]}"
                : "\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"laboratory\"}]}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"882-1\",\"display\":\"ABO and Rh group [Type] in Blood\"}]}"
        )
        subject(key, &b)
        time(",\"effectiveDateTime\":\"", 0, patient, &b)
        guard place == 0 else { return texts.groups.append(patient.bloodGroup.rawValue, &b) }
        b.append(",\"valueQuantity\":{\"value\":")
        b.append(patient.weight)
        b.append(",\"unit\":\"kg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"kg\"}")
    }
}
