/// The cells and parts of cells that stand in tables.
struct RowTexts<Style: CellStyle>: Sendable {
    // Whole cells, with what stands before them.
    let fronts: Segments
    let nations = cells(Nation.all.map(\.code))
    let ranks = cells(Rank.all.map(\.code))
    let blood = cells(BloodGroup.allCases.map(\.text))
    let types = cells(InjuryType.allCases.map(\.rawValue))
    let regions = cells(BodyRegion.allCases.map(\.rawValue))
    let warfare = cells(Warfare.allCases.map(\.rawValue))
    let outcomes = cells(Patient.Outcome.allCases.map(\.rawValue))
    let lastPlaces = cells(Place.allCases.map(\.name))
    let mechanisms = cells(Mechanism.allCases.map(\.rawValue) + [""])
    let causes = cells(ExternalCause.allCases.map(\.code) + [""])
    let bleedingSites = cells(BleedingSite.allCases.map(\.rawValue) + [""])
    /// Two cells: the code and the name.
    let conditions = Segments(count: Condition.all.count) {
        Style.separator(&$1)
        Style.text(Condition.all[$0].code, &$1)
        Style.separator(&$1)
        Style.text(Condition.all[$0].name, &$1)
    }

    // Parts of cells.
    let codes = parts(Condition.all.map(\.code))
    let regionNames = parts(BodyRegion.allCases.map { ":\($0.rawValue):" })
    let sites = parts(BodySite.allCases.map { ":\($0.name)" })
    let allergens = parts(Allergen.allCases.map(\.code.code))
    let drugs = parts(Drug.allCases.map(\.code))
    let procedures = parts(Procedure.allCases.map(\.code))
    let kinds = parts(Patient.Movement.Kind.all.map { "\($0.rawValue):" })
    let groups = parts(BloodGroup.allCases.map { ":\($0.text)" })
    let placeCodes = parts(Place.allCases.map { ":\($0.code)" })

    init(scenario: Scenario) { fronts = Self.cells(scenario.fronts.map(\.name)) }

    private static func cells(_ texts: [String]) -> Segments {
        Segments(count: texts.count) {
            Style.separator(&$1)
            Style.text(texts[$0], &$1)
        }
    }

    private static func parts(_ texts: [String]) -> Segments {
        Segments(count: texts.count) { $1.appendText(texts[$0]) }
    }
}
