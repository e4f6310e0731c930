extension JSONPatientWriter {
    func findings(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"conditions\":[")
        for place in patient.conditions.indices {
            if place > 0 { b.append(",") }
            let finding = patient.conditions[place]
            texts.conditions.append(finding.condition.place, &b)
            b.append(finding.severity)
            texts.regions.append(finding.region.place, &b)
            texts.sites.append(Int(finding.site.rawValue), &b)
            b.append("}")
        }
        b.append("],\"allergies\":[")
        for place in patient.allergens.indices {
            if place > 0 { b.append(",") }
            texts.allergens.append(Int(patient.allergens[place].rawValue), &b)
        }
        b.append("],\"medications\":[")
        for place in patient.medications.indices {
            if place > 0 { b.append(",") }
            let medication = patient.medications[place]
            texts.drugs.append(Int(medication.drug.rawValue), &b)
            b.append(",\"timestamp\":\"")
            moments.append(patient.injuredAt + medication.minute, &b)
            texts.locations.append(medication.place.rawValue, &b)
            b.append("}")
        }
        b.append("],\"long_term_medication\":")
        if let drug = patient.longTermMedication {
            texts.drugs.append(Int(drug.rawValue), &b)
            b.append("}")
        } else {
            b.append("null")
        }
    }

    func care(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"vitals\":[")
        for place in patient.vitals.indices {
            let vitals = patient.vitals[place]
            b.append(place == 0 ? "{\"timestamp\":\"" : ",{\"timestamp\":\"")
            moments.append(patient.injuredAt + vitals.minute, &b)
            b.append("\",\"heart_rate\":")
            b.append(vitals.heartRate)
            b.append(",\"blood_pressure\":\"")
            b.append(vitals.systolic)
            b.append("/")
            b.append(vitals.diastolic)
            b.append("\",\"respiratory_rate\":")
            b.append(vitals.respiratoryRate)
            b.append(",\"spo2\":")
            b.append(vitals.oxygenSaturation)
            b.append(",\"temperature\":")
            b.appendTenths(vitals.temperature)
            b.append(",\"gcs\":")
            b.append(vitals.consciousness)
            b.append(",\"pain\":")
            if vitals.canTellPain { b.append(vitals.pain) } else { b.append("null") }
            b.append("}")
        }
        b.append("],\"treatments\":[")
        for place in patient.treatments.indices {
            if place > 0 { b.append(",") }
            let treatment = patient.treatments[place]
            texts.procedures.append(Int(treatment.procedure.rawValue), &b)
            moments.append(patient.injuredAt + treatment.minute, &b)
            texts.locations.append(treatment.place.rawValue, &b)
            if let site = treatment.site { texts.sites.append(Int(site.rawValue), &b) }
            if let group = treatment.bloodGroup {
                b.append(",\"blood_group\":")
                texts.blood.append(group.rawValue, &b)
            }
            b.append("}")
        }
        b.append("]")
    }

    func timeline(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"movement_timeline\":[")
        for place in patient.timeline.indices {
            if place > 0 { b.append(",") }
            let event = patient.timeline[place]
            texts.movements.append(event.kind.ordinal * 5 + event.place.rawValue, &b)
            moments.append(patient.injuredAt + event.minute, &b)
            b.append("\",\"hours_since_injury\":")
            b.appendHours(event.minute)
            if let destination = event.destination { texts.destinations.append(destination.rawValue, &b) }
            if let transit = event.transit {
                b.append(",\"transit_duration_hours\":")
                b.appendHours(transit)
            }
            b.append("}")
        }
        b.append("]")
    }
}
