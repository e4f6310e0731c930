extension ClinicalFigures {
    /// One figure, or a list of them, as a scenario names it.
    struct Field: Sendable {
        let name: String
        let rule: Rule
        let get: @Sendable (ClinicalFigures) -> [Double]
        let set: @Sendable (inout ClinicalFigures, [Double]) -> Void

        /// What its values must be.
        enum Rule: Sendable {
            case share
            /// Shares, of which at least one is above 0.
            case weights(Int)
            case shares(Int)
            case risingShares(Int)
            case risingYears(Int)
        }
    }

    /// Every figure.
    static let fields: [Field] = [
        one("killed", \.killed), one("died_of_wounds", \.diedOfWounds), one("case_fatality", \.caseFatality),
        many("time_to_death", .risingShares(4), \.timeToDeath), one("haemorrhage", \.haemorrhage),
        many("bleeding_sites", .weights(3), \.bleedingSites), many("regions", .weights(8), \.regions),
        many("mechanisms", .weights(3), \.mechanisms), many("severities", .weights(5), \.severities),
        many("killed_by_severity", .shares(5), \.killedBySeverity),
        many("mortality_by_base_deficit", .shares(4), \.mortalityByBaseDeficit),
        one("flown_to_surgery", \.flownToSurgery),
        Field(
            name: "age_quartiles", rule: .risingYears(3), get: { $0.ageQuartiles.map(Double.init) },
            set: { $0.ageQuartiles = $1.map { Int($0) } }),
        one("women", \.women), one("enlisted", \.enlisted), many("evacuation_mix", .weights(3), \.evacuationMix),
        many("reference_mix", .weights(3), \.referenceMix), one("non_battle_mortality", \.nonBattleMortality),
        many("return_rates", .shares(4), \.returnRates), one("allergic", \.allergic), one("medicated", \.medicated),
        Field(
            name: "deaths_before_facility", rule: .share, get: { $0.deathsBeforeFacility.map { [$0] } ?? [] },
            set: { $0.deathsBeforeFacility = $1.first }),
    ]

    private static func one(
        _ name: String, _ path: any WritableKeyPath<ClinicalFigures, Double> & Sendable
    ) -> Field {
        Field(name: name, rule: .share, get: { [$0[keyPath: path]] }, set: { $0[keyPath: path] = $1.first ?? 0 })
    }

    private static func many(
        _ name: String, _ rule: Field.Rule, _ path: any WritableKeyPath<ClinicalFigures, [Double]> & Sendable
    ) -> Field {
        Field(name: name, rule: rule, get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 })
    }

    /// A set by its name.
    init(preset value: ScenarioValue) throws(ScenarioError) {
        guard case .text(let name) = value, let preset = Self.presets.first(where: { $0.name == name }) else {
            throw ScenarioError(
                field: "outcome_preset",
                rule: "takes one of \(Self.presets.map(\.name).joined(separator: ", ")), not \(value.kind)")
        }
        self = preset.figures
    }

    /// Overrides the figures that a tree has.
    mutating func apply(_ field: String, _ value: ScenarioValue) throws(ScenarioError) {
        for pair in try value.object(field) {
            let name = ScenarioError.path(field, pair.key)
            guard let figure = Self.fields.first(where: { $0.name == pair.key }) else {
                throw ScenarioError(
                    field: name,
                    rule: "is no figure; allowed are \(Self.fields.map(\.name).joined(separator: ", "))")
            }
            figure.set(&self, try figure.read(name, pair.value))
        }
        guard shares.returned >= 0, killed + diedOfWounds * (1 - killed) >= caseFatality else {
            throw ScenarioError(
                field: field,
                rule: "case_fatality must not be above killed + died_of_wounds × (1 − killed), which leave out those "
                    + "who return to duty")
        }
    }

    /// The figures that differ from the default set's.
    var changes: ScenarioValue {
        .object(
            Self.fields.compactMap { figure in
                let values = figure.get(self)
                guard values != figure.get(.post2009), let first = values.first else { return nil }
                let isOne = if case .share = figure.rule { true } else { false }
                return .init(figure.name, isOne ? .number(first) : .list(values.map(ScenarioValue.number)))
            })
    }
}

extension ClinicalFigures.Field {
    fileprivate func read(_ field: String, _ value: ScenarioValue) throws(ScenarioError) -> [Double] {
        switch rule {
        case .share: return [try value.number(field, in: 0...1)]
        case .shares(let count): return try read(field, value, count, 0...1)
        case .weights(let count):
            let values = try read(field, value, count, 0...1000)
            guard values.contains(where: { $0 > 0 }) else {
                throw ScenarioError(field: field, rule: "at least one of its numbers must be above 0")
            }
            return values
        case .risingShares(let count): return try rising(field, try read(field, value, count, 0...1))
        case .risingYears(let count): return try rising(field, try read(field, value, count, 18...65))
        }
    }

    private func read(
        _ field: String, _ value: ScenarioValue, _ count: Int, _ range: ClosedRange<Double>
    ) throws(ScenarioError) -> [Double] {
        let list = try value.list(field)
        guard list.count == count else {
            throw ScenarioError(field: field, rule: "takes a list of \(count) numbers, not of \(list.count)")
        }
        var values: [Double] = []
        for (place, value) in list.enumerated() { values.append(try value.number("\(field)[\(place)]", in: range)) }
        return values
    }

    private func rising(_ field: String, _ values: [Double]) throws(ScenarioError) -> [Double] {
        guard zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw ScenarioError(field: field, rule: "its numbers must rise")
        }
        return values
    }
}
