/// The parts of JSON records that stand in tables, with their keys.
struct JSONTexts: Sendable {
    let fronts: Segments
    let nations = Segments(count: Nation.all.count) { $1.append(",\"nationality\":", string: Nation.all[$0].code) }
    let types = Segments(count: InjuryType.allCases.count) {
        $1.append(",\"injury_type\":", string: InjuryType.allCases[$0].rawValue)
    }
    let states = Segments(count: Patient.Outcome.allCases.count) {
        let outcome = Patient.Outcome.allCases[$0]
        $1.append(",\"status\":", string: outcome == .inTreatment ? "in_treatment" : outcome.rawValue)
    }
    let outcomes = Segments(count: Patient.Outcome.allCases.count) {
        $1.append(",\"final_status\":", string: Patient.Outcome.allCases[$0].rawValue)
    }
    let lastPlaces = Segments(count: Place.allCases.count) {
        $1.append(",\"last_facility\":", string: Place.allCases[$0].name)
    }
    let regions = Segments(count: BodyRegion.allCases.count) {
        $1.append(",\"body_part\":", string: BodyRegion.allCases[$0].rawValue)
    }
    let sites = Segments(count: BodySite.allCases.count) {
        $1.append(",\"body_site\":", string: BodySite.allCases[$0].name)
    }
    let warfare = Segments(count: Warfare.allCases.count) {
        $1.append(",\"warfare_scenario\":", string: Warfare.allCases[$0].rawValue)
    }
    let mechanisms = Segments(count: Mechanism.allCases.count) {
        $1.append(",\"mechanism\":", string: Mechanism.allCases[$0].rawValue)
    }
    let causes = Segments(count: ExternalCause.allCases.count) {
        $1.append(",\"external_cause\":{\"code\":", string: ExternalCause.allCases[$0].code)
        $1.append(",\"name\":", string: ExternalCause.allCases[$0].name)
        $1.append("}")
    }
    let bleedingSites = Segments(count: BleedingSite.allCases.count) {
        $1.append(",\"bleeding_site\":", string: BleedingSite.allCases[$0].rawValue)
    }
    let blood = Segments(count: BloodGroup.allCases.count) { $1.appendJSONString(BloodGroup.allCases[$0].text) }
    let ranks = Segments(count: Rank.all.count) { $1.append(",\"rank\":", string: Rank.all[$0].code) }
    let conditions = Segments(count: Condition.all.count) {
        let condition = Condition.all[$0]
        $1.append("{\"code\":", string: condition.code)
        $1.append(",\"system\":", string: condition.system.rawValue)
        $1.append(",\"name\":", string: condition.name)
        $1.append(",\"severity\":")
    }
    let allergens = Segments(count: Allergen.allCases.count) {
        let allergen = Allergen.allCases[$0]
        $1.append("{\"code\":", string: allergen.code.code)
        $1.append(",\"system\":", string: allergen.code.system.rawValue)
        $1.append(",\"name\":", string: allergen.name)
        $1.append("}")
    }
    let drugs = Segments(count: Drug.allCases.count) {
        let drug = Drug.allCases[$0]
        $1.append("{\"code\":", string: drug.code)
        $1.append(",\"system\":\"ATC\",\"name\":", string: drug.name)
        $1.append(",\"dose_mg\":")
        $1.append(drug.milligrams)
        $1.append(",\"route\":", string: drug.route)
    }
    let procedures = Segments(count: Procedure.allCases.count) {
        $1.append("{\"code\":", string: Procedure.allCases[$0].code)
        $1.append(",\"treatment\":", string: Procedure.allCases[$0].name)
        $1.append(",\"timestamp\":\"")
    }
    /// After a moment.
    let locations = Segments(count: Place.allCases.count) {
        $1.append("\",\"location\":", string: Place.allCases[$0].name)
    }
    /// Kinds times places.
    let movements = Segments(count: Patient.Movement.Kind.all.count * Place.allCases.count) {
        let places = Place.allCases
        $1.append("{\"event_type\":", string: Patient.Movement.Kind.all[$0 / places.count].rawValue)
        $1.append(",\"facility\":", string: places[$0 % places.count].name)
        $1.append(",\"timestamp\":\"")
    }
    let destinations = Segments(count: Place.allCases.count) {
        $1.append(",\"to_facility\":", string: Place.allCases[$0].name)
    }

    init(scenario: Scenario) {
        let names = scenario.fronts.map(\.name)
        fronts = Segments(count: names.count) { $1.append(",\"front\":", string: names[$0]) }
    }
}

extension UTF8Sink {
    /// Text of ours and a string of JSON.
    mutating func append(_ key: StaticString, string: String) {
        append(key)
        appendJSONString(string)
    }
}
