import PatientGen

let generator = PatientGenerator(scenario: Scenario(), seed: 7)
let patient = generator.patient(at: 0)
print(patient.givenName, patient.familyName, patient.outcome)
