/// The attributes and elements of the XML record that stand in tables.
struct XMLTexts: Sendable {
    let fronts: Segments
    let outcomes = attributes(" final_status=\"", Patient.Outcome.allCases.map(\.rawValue))
    let lastPlaces = attributes(" last_facility=\"", Place.allCases.map(\.name))
    let types = attributes(" type=\"", InjuryType.allCases.map(\.rawValue))
    let warfare = attributes(" warfare=\"", Warfare.allCases.map(\.rawValue))
    let regions = attributes(" body_part=\"", BodyRegion.allCases.map(\.rawValue))
    let sites = attributes(" body_site=\"", BodySite.allCases.map(\.name))
    let mechanisms = attributes(" mechanism=\"", Mechanism.allCases.map(\.rawValue))
    let causes = attributes(" cause=\"", ExternalCause.allCases.map(\.code))
    let bleedingSites = attributes(" bleeding_site=\"", BleedingSite.allCases.map(\.rawValue))
    let locations = attributes(" location=\"", Place.allCases.map(\.name))
    let destinations = attributes(" to_facility=\"", Place.allCases.map(\.name))
    let groups = attributes(" blood_group=\"", BloodGroup.allCases.map(\.text))
    let nations = elements("nationality", Nation.all.map(\.code))
    let ranks = elements("rank", Rank.all.map(\.code))
    let blood = elements("blood_type", BloodGroup.allCases.map(\.text))
    /// From the attributes on.
    let conditions = Segments(count: Condition.all.count) {
        let condition = Condition.all[$0]
        coded(condition.system.rawValue, condition.code, condition.name, "condition", &$1)
    }
    let drugs = Segments(count: Drug.allCases.count) {
        let drug = Drug.allCases[$0]
        $1.append(" dose_mg=\"")
        $1.append(drug.milligrams)
        $1.append("\" route=\"")
        $1.appendText(drug.route)
        $1.append("\"")
        coded("ATC", drug.code, drug.name, "medication", &$1)
    }
    let procedures = Segments(count: Procedure.allCases.count) {
        coded("SNOMED CT", Procedure.allCases[$0].code, Procedure.allCases[$0].name, "treatment", &$1)
    }
    /// Whole elements.
    let allergens = Segments(count: Allergen.allCases.count) {
        let allergen = Allergen.allCases[$0]
        $1.append("<allergy")
        coded(allergen.code.system.rawValue, allergen.code.code, allergen.name, "allergy", &$1)
    }
    /// Kinds times places.
    let movements = Segments(count: Patient.Movement.Kind.all.count * Place.allCases.count) {
        $1.append("<event type=\"")
        $1.appendText(Patient.Movement.Kind.all[$0 / Place.allCases.count].rawValue)
        $1.append("\" facility=\"")
        $1.appendText(Place.allCases[$0 % Place.allCases.count].name)
        $1.append("\"")
    }

    init(scenario: Scenario) { fronts = Self.attributes(" front=\"", scenario.fronts.map(\.name)) }

    private static func attributes(_ opening: StaticString, _ values: [String]) -> Segments {
        Segments(count: values.count) {
            $1.append(opening)
            $1.appendXMLText(values[$0])
            $1.append("\"")
        }
    }

    private static func elements(_ name: String, _ values: [String]) -> Segments {
        Segments(count: values.count) {
            $1.appendText("<\(name)>")
            $1.appendXMLText(values[$0])
            $1.appendText("</\(name)>")
        }
    }

    private static func coded(
        _ system: String, _ code: String, _ name: String, _ element: String, _ b: inout UTF8Sink
    ) {
        b.append(" system=\"")
        b.appendXMLText(system)
        b.append("\" code=\"")
        b.appendXMLText(code)
        b.append("\">")
        b.appendXMLText(name)
        b.appendText("</\(element)>")
    }
}
