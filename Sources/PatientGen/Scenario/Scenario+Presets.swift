extension Scenario {
    /// A ready-made scenario.
    public struct Preset: Sendable, Hashable {
        /// Its name.
        public let id: String
        /// What it is for.
        public let summary: String
        /// The scenario.
        public let scenario: Scenario
    }

    /// The ready-made scenarios.
    public static let presets: [Preset] = [
        preset(
            "nato_article_5", "Large-scale defence on three fronts", 2500, 8, [.conventional, .artillery, .drone], .high
        ) {
            $0.tempo = .escalating
            $0.specialEvents = [.majorOffensive]
        },
        preset("peacekeeping", "A long mission with few casualties", 500, 30, [.peacekeeping, .guerrilla], .low) {
            $0.tempo = .intermittent
            $0.specialEvents = [.ambush]
            $0.injuryMix = [.disease: 0.6, .nonBattle: 0.35, .battle: 0.05]
        },
        preset("urban_assault", "House to house", 3000, 5, [.urban, .drone], .extreme) {
            $0.tempo = .surge
            $0.environment = [.debris]
            $0.injuryMix = [.disease: 0.2, .nonBattle: 0.2, .battle: 0.6]
        },
        preset("cbrn_incident", "A release of chemical agents", 1500, 3, [.cbrn], .high) {
            $0.tempo = .declining
            $0.specialEvents = [.massCasualty]
            $0.injuryMix = [.disease: 0.6, .nonBattle: 0.1, .battle: 0.3]
        },
        preset("training_exercise", "Accidents and illness of an exercise", 100, 2, [.conventional], .low) {
            $0.injuryMix = [.disease: 0.45, .nonBattle: 0.5, .battle: 0.05]
        },
        preset("mass_casualty", "One day, one large event", 800, 1, [.conventional, .artillery], .extreme) {
            $0.specialEvents = [.massCasualty]
            $0.injuryMix = [.disease: 0.05, .nonBattle: 0.1, .battle: 0.85]
        },
        preset("arctic_operation", "Two weeks of cold", 1200, 14, [.conventional], .medium) {
            $0.environment = [.extremeCold, .storm, .night]
            $0.injuryMix = [.disease: 0.4, .nonBattle: 0.45, .battle: 0.15]
        },
        preset("maritime_operation", "Six days at sea", 1800, 6, [.naval], .medium) {
            $0.environment = [.storm]
            $0.injuryMix = [.disease: 0.35, .nonBattle: 0.3, .battle: 0.35]
        },
    ]

    /// The ready-made scenario of a name.
    public static func preset(_ id: String) -> Scenario? { presets.first { $0.id == id }?.scenario }

    private static func preset(
        _ id: String, _ summary: String, _ total: Int, _ days: Int, _ warfare: [Warfare], _ intensity: Intensity,
        _ change: (inout Scenario) -> Void
    ) -> Preset {
        var scenario = Scenario()
        scenario.totalPatients = total
        scenario.daysOfFighting = days
        scenario.warfareTypes = warfare
        scenario.intensity = intensity
        change(&scenario)
        return Preset(id: id, summary: summary, scenario: scenario)
    }
}

extension Scenario {
    /// The scenario as a tree, in the fields' own order: the same scenario always gives the same text.
    public var value: ScenarioValue {
        func flags<Choice: RawRepresentable>(_ choices: [Choice]) -> ScenarioValue where Choice.RawValue == String {
            .object(choices.map { .init($0.rawValue, .bool(true)) })
        }
        var pairs: [ScenarioValue.Pair] = [
            .init("total_patients", .number(Double(totalPatients))),
            .init("days_of_fighting", .number(Double(daysOfFighting))),
            .init("base_date", .text(baseDate.description)),
            .init("injury_mix", .object(InjuryType.allCases.map { .init($0.rawValue, .number(injuryMix[$0] ?? 0)) })),
            .init("warfare_types", flags(warfareTypes)),
            .init("intensity", .text(intensity.rawValue)),
            .init("tempo", .text(tempo.rawValue)),
            .init("special_events", flags(specialEvents)),
            .init("environmental_conditions", flags(environment)),
            .init("front_configs", .list(fronts.map(\.value))),
            .init("facility_configs", .list(facilities.map(\.value))),
        ]
        if let preset = ClinicalFigures.presets.first(where: { $0.figures == figures }) {
            if figures != .post2009 { pairs.append(.init("outcome_preset", .text(preset.name))) }
        } else {
            pairs.append(.init("clinical_figures", figures.changes))
        }
        return .object(pairs)
    }
}

extension Scenario.Front {
    var value: ScenarioValue {
        .object([
            .init("id", .text(id)), .init("name", .text(name)), .init("casualty_rate", .number(casualtyRate)),
            .init(
                "nationality_distribution",
                .list(
                    nationalities.map {
                        .object([
                            .init("nationality_code", .text($0.code)), .init("percentage", .number($0.percentage)),
                        ])
                    })),
        ])
    }
}

extension Scenario.Facility {
    var value: ScenarioValue {
        var pairs: [ScenarioValue.Pair] = [.init("id", .text(id))]
        if !name.isEmpty { pairs.append(.init("name", .text(name))) }
        if let capacity { pairs.append(.init("capacity", .number(Double(capacity)))) }
        if let kiaRate { pairs.append(.init("kia_rate", .number(kiaRate))) }
        if let rtdRate { pairs.append(.init("rtd_rate", .number(rtdRate))) }
        return .object(pairs)
    }
}

extension CalendarDay: CustomStringConvertible {
    /// `2025-06-01`.
    public var description: String {
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}
