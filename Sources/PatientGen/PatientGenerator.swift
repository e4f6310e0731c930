/// Generates the patients of a scenario. Patient *i* is a pure function of (model version, scenario, seed, *i*): any
/// range, on any machine, in any order, gives the same patients.
///
/// ```swift
/// let generator = PatientGenerator(scenario: Scenario(), seed: 7)
/// for patient in generator.patients(in: 0..<100) { … }
/// ```
public struct PatientGenerator: Sendable {
    /// The version of the model: a change of what it gives is a new version.
    public static let modelVersion = 6

    /// What is generated.
    public let scenario: Scenario
    /// Chooses among the possible worlds of the scenario.
    public let seed: UInt64
    let plan: Plan

    /// A generator. Prepares its tables; generates nothing yet.
    public init(scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        self.seed = seed
        plan = Plan(scenario: scenario, seed: seed)
    }

    /// How many patients the scenario has.
    public var count: UInt64 { UInt64(scenario.totalPatients) }

    /// The patients of a range, one after another.
    public func patients(in range: Range<UInt64>) -> some Sequence<Patient> {
        range.lazy.map { patient(at: $0) }
    }

    /// One patient. Constant time.
    public func patient(at index: UInt64) -> Patient {
        var patient = Patient()
        generate(index, into: &patient)
        return patient
    }

    /// Calls back with each patient of a range, in order. The same record is filled again and again, so nothing is
    /// allocated a patient: copy it to keep it.
    public func forEach(in range: Range<UInt64>, _ body: (borrowing Patient) throws -> Void) rethrows {
        var patient = Patient()
        for index in range {
            generate(index, into: &patient)
            try body(patient)
        }
    }

    /// Fills a record with one patient; what it held before is gone, its storage is used again. Constant time.
    public func generate(_ index: UInt64, into patient: inout Patient) {
        let injury = plan.injure(index, into: &patient, seed: seed)
        plan.person.fill(&patient, seed: seed)
        patient.assignUnit(seed: seed)
        patient.locateFindings(seed: seed)
        var care = Care(injury, delay: plan.effects.delay, index: index, seed: seed)
        care.fill(&patient, effects: plan.effects, seed: seed)
    }
}
