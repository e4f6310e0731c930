extension Scenario {
    /// The fields a scenario may have.
    public static let fields = [
        "total_patients", "days_of_fighting", "base_date", "injury_mix", "warfare_types", "intensity", "tempo",
        "special_events", "environmental_conditions", "front_configs", "facility_configs",
        "outcome_preset", "clinical_figures",
    ]

    /// Reads a scenario from JSON.
    /// - Throws: ``ScenarioError`` that names the field and the rule.
    public init(json bytes: [UInt8]) throws(ScenarioError) {
        try self.init(try ScenarioValue(json: bytes))
    }

    /// Reads a scenario from a parsed tree; fields that are not there keep their defaults.
    /// - Throws: ``ScenarioError`` that names the field and the rule.
    public init(_ value: ScenarioValue) throws(ScenarioError) {
        self.init()
        try apply(value)
    }

    /// Overrides the fields that a tree has.
    public mutating func apply(_ value: ScenarioValue) throws(ScenarioError) {
        guard case .object(let pairs) = value else {
            throw ScenarioError(field: "", rule: "a scenario is an object with fields, not \(value.kind)")
        }
        // The preset first: single figures override it wherever they stand.
        for pair in pairs where pair.key == "outcome_preset" { figures = try ClinicalFigures(preset: pair.value) }
        for pair in pairs where pair.key != "outcome_preset" { try set(pair.key, pair.value) }
    }

    private mutating func set(_ field: String, _ value: ScenarioValue) throws(ScenarioError) {
        switch field {
        case "total_patients": totalPatients = try value.integer(field, in: Self.patientLimits)
        case "days_of_fighting": daysOfFighting = try value.integer(field, in: 1...365)
        case "base_date": baseDate = try value.day(field)
        case "intensity": intensity = try value.choice(field)
        case "tempo": tempo = try value.choice(field)
        case "warfare_types":
            let chosen: [Warfare] = try value.choices(field)
            warfareTypes = chosen.isEmpty ? [.conventional] : chosen
        case "special_events": specialEvents = try value.choices(field)
        case "environmental_conditions": environment = try value.choices(field)
        case "injury_mix": injuryMix = try Self.mix(field, value)
        case "front_configs":
            let list = try value.list(field)
            guard !list.isEmpty else { throw ScenarioError(field: field, rule: "needs at least one front") }
            fronts = try Self.each(field, list, Self.front)
            guard fronts.contains(where: { $0.casualtyRate > 0 }) else {
                throw ScenarioError(field: field, rule: "at least one casualty_rate must be above 0")
            }
        case "clinical_figures": try figures.apply(field, value)
        case "facility_configs":
            facilities = try Self.each(field, try value.list(field), Self.facility)
        default:
            throw ScenarioError(
                field: ScenarioError.path("", field),
                rule: "is no field of a scenario; allowed are \(Self.fields.joined(separator: ", "))")
        }
    }

    /// Reads every entry of a list under its own path.
    private static func each<Result>(
        _ field: String, _ list: [ScenarioValue], _ read: (String, ScenarioValue) throws(ScenarioError) -> Result
    ) throws(ScenarioError) -> [Result] {
        var results: [Result] = []
        for (index, value) in list.enumerated() { results.append(try read("\(field)[\(index)]", value)) }
        return results
    }

    private static func mix(_ field: String, _ value: ScenarioValue) throws(ScenarioError) -> [InjuryType: Double] {
        var mix: [InjuryType: Double] = [:]
        for pair in try value.object(field) {
            guard let type = InjuryType(rawValue: pair.key) else {
                throw ScenarioError(
                    field: ScenarioError.path(field, pair.key),
                    rule:
                        "is no kind of casualty; allowed are \(InjuryType.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            mix[type] = try pair.value.number(ScenarioError.path(field, pair.key), in: 0...100)
        }
        let sum = InjuryType.allCases.reduce(0) { $0 + (mix[$1] ?? 0) }
        guard abs(sum - 1) < 0.011 || abs(sum - 100) < 1.1 else {
            throw ScenarioError(field: field, rule: "must add up to 1 or to 100 %, it adds up to \(sum)")
        }
        return mix
    }

    private static func front(_ field: String, _ value: ScenarioValue) throws(ScenarioError) -> Front {
        var front = Front(id: "", name: "", casualtyRate: 1, nationalities: [])
        for pair in try value.object(field) {
            let name = ScenarioError.path(field, pair.key)
            switch pair.key {
            case "id": front.id = try pair.value.text(name)
            case "name": front.name = try pair.value.text(name)
            case "casualty_rate": front.casualtyRate = try pair.value.number(name, in: 0...1_000_000)
            case "nationality_distribution":
                front.nationalities = try each(name, try pair.value.list(name), share)
            default:
                throw ScenarioError(
                    field: name,
                    rule: "is no field of a front; allowed are id, name, casualty_rate, nationality_distribution")
            }
        }
        if front.id.isEmpty { front.id = front.name }
        if front.name.isEmpty { front.name = front.id }
        guard !front.name.isEmpty else { throw ScenarioError(field: field, rule: "needs an id or a name") }
        let sum = front.nationalities.reduce(0) { $0 + $1.percentage }
        guard abs(sum - 100) < 1.1 || abs(sum - 1) < 0.011 else {
            throw ScenarioError(
                field: "\(field).nationality_distribution", rule: "must add up to 100 %, it adds up to \(sum)")
        }
        return front
    }

    private static func share(_ field: String, _ value: ScenarioValue) throws(ScenarioError) -> Front.Share {
        var share = Front.Share(code: "", percentage: 0)
        for pair in try value.object(field) {
            switch pair.key {
            case "nationality_code":
                share.code = try pair.value.text("\(field).nationality_code")
                guard Nation.index(of: share.code) != nil else {
                    throw ScenarioError(
                        field: "\(field).nationality_code",
                        rule:
                            "“\(share.code.prefix(20))” is no known nation; allowed are \(Nation.all.map(\.code).joined(separator: ", "))"
                    )
                }
            case "percentage": share.percentage = try pair.value.number("\(field).percentage", in: 0...100)
            default:
                throw ScenarioError(
                    field: ScenarioError.path(field, pair.key),
                    rule: "is not known; allowed are nationality_code, percentage")
            }
        }
        guard !share.code.isEmpty else { throw ScenarioError(field: field, rule: "needs a nationality_code") }
        return share
    }

    private static func facility(_ field: String, _ value: ScenarioValue) throws(ScenarioError) -> Facility {
        var facility = Facility(id: "", name: "")
        for pair in try value.object(field) {
            let name = ScenarioError.path(field, pair.key)
            switch pair.key {
            case "id": facility.id = try pair.value.text(name)
            case "name": facility.name = try pair.value.text(name)
            case "capacity": facility.capacity = try pair.value.integer(name, in: 0...1_000_000)
            case "kia_rate": facility.kiaRate = try pair.value.number(name, in: 0...1)
            case "rtd_rate": facility.rtdRate = try pair.value.number(name, in: 0...1)
            default:
                throw ScenarioError(
                    field: name, rule: "is no field of a facility; allowed are id, name, capacity, kia_rate, rtd_rate")
            }
        }
        guard facility.place != nil else {
            throw ScenarioError(
                field: "\(field).id", rule: "must begin with POI, R1, R2, R3 or R4 (or Role1, Role2, Role3, Role4)")
        }
        guard (facility.kiaRate ?? 0) + (facility.rtdRate ?? 0) <= 1 else {
            throw ScenarioError(field: field, rule: "kia_rate and rtd_rate together must not be above 1")
        }
        return facility
    }
}

// MARK: Reading values

extension ScenarioValue {
    func integer(_ field: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int {
        guard case .number(let value) = self, let whole = Int(exactly: value), range.contains(whole) else {
            throw ScenarioError(
                field: field, rule: "takes a whole number from \(range.lowerBound) to \(range.upperBound), not \(kind)")
        }
        return whole
    }

    func number(_ field: String, in range: ClosedRange<Double>) throws(ScenarioError) -> Double {
        guard case .number(let value) = self, range.contains(value) else {
            throw ScenarioError(
                field: field, rule: "takes a number from \(range.lowerBound) to \(range.upperBound), not \(kind)")
        }
        return value
    }

    func text(_ field: String) throws(ScenarioError) -> String {
        guard case .text(let text) = self, !text.isEmpty, text.utf8.count <= 200 else {
            throw ScenarioError(field: field, rule: "takes a text of 1 to 200 bytes, not \(kind)")
        }
        return text
    }

    func day(_ field: String) throws(ScenarioError) -> CalendarDay {
        guard case .text(let text) = self, let day = CalendarDay(text), (1900...2200).contains(day.year) else {
            throw ScenarioError(field: field, rule: "takes a day such as 2025-06-01, not \(kind)")
        }
        return day
    }

    func list(_ field: String) throws(ScenarioError) -> [ScenarioValue] {
        guard case .list(let values) = self, values.count <= 1000 else {
            throw ScenarioError(field: field, rule: "takes a list of at most 1000 entries, not \(kind)")
        }
        return values
    }

    func object(_ field: String) throws(ScenarioError) -> [Pair] {
        guard case .object(let pairs) = self else {
            throw ScenarioError(field: field, rule: "takes an object, not \(kind)")
        }
        return pairs
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ field: String) throws(ScenarioError) -> Choice
    where Choice.RawValue == String {
        guard case .text(let text) = self, let choice = Choice(rawValue: text) else {
            throw ScenarioError(
                field: field,
                rule: "takes one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), not \(kind)")
        }
        return choice
    }

    /// Choices as `{"rain": true}` or as `["rain"]`, in the order of the type.
    func choices<Choice: RawRepresentable & CaseIterable & Hashable>(_ field: String) throws(ScenarioError) -> [Choice]
    where Choice.RawValue == String {
        var chosen: Set<Choice> = []
        switch self {
        case .list(let values):
            for (index, value) in values.enumerated() { chosen.insert(try value.choice("\(field)[\(index)]")) }
        default:
            for pair in try object(field) {
                let choice: Choice = try ScenarioValue.text(pair.key).choice(ScenarioError.path(field, pair.key))
                guard case .bool(let isOn) = pair.value else {
                    throw ScenarioError(
                        field: ScenarioError.path(field, pair.key), rule: "takes true or false, not \(pair.value.kind)")
                }
                if isOn { chosen.insert(choice) }
            }
        }
        return Choice.allCases.filter(chosen.contains)
    }
}
