import Testing

@testable import PatientGen

/// Mutated scenarios are taken or refused with a message that names what is wrong; never a crash.
@Suite struct ScenarioFuzzTests {
    static let full = #"""
        {"total_patients":1440,"days_of_fighting":8,"base_date":"2025-06-01","intensity":"high","tempo":"sustained",
         "warfare_types":{"conventional":true,"artillery":true,"drone":false},
         "special_events":{"mass_casualty":true},"environmental_conditions":["night_operations"],
         "injury_mix":{"Disease":0.52,"Non-Battle Injury":0.33,"Battle Injury":0.15},
         "outcome_preset":"pre_2009","clinical_figures":{"women":0.1,"time_to_death":[0.5,0.6,0.9,0.99]},
         "front_configs":[{"id":"a","name":"A","casualty_rate":0.6,
          "nationality_distribution":[{"nationality_code":"POL","percentage":50},{"nationality_code":"GRC","percentage":50}]}],
         "facility_configs":[{"id":"R1","name":"Aid","capacity":12,"kia_rate":0.05,"rtd_rate":0.25}]}
        """#

    @Test(arguments: 0..<4)
    func `sixty thousand mutated inputs are taken or refused by field and rule`(_ part: Int) throws {
        let bytes = Array(Self.full.utf8)
        let tree = try ScenarioValue(json: bytes)
        var draws = Draws(seed: 99, index: UInt64(part), stream: .place)
        var (taken, refused) = (0, 0)
        for round in 0..<15_000 {
            let result: Result<Scenario, ScenarioError>
            // A tree is what YAML gives as well.
            if round % 3 == 0 {
                var mutated = bytes
                for _ in 0...draws.below(3) { Self.mutate(&mutated, &draws) }
                result = Result { () throws(ScenarioError) in try Scenario(json: mutated) }
            } else {
                var mutated = tree
                for _ in 0...draws.below(2) { mutated = Self.mutate(mutated, &draws) }
                result = Result { () throws(ScenarioError) in try Scenario(mutated) }
            }
            switch result {
            case .success(let scenario):
                taken += 1
                // What is taken reads back as the same, and generates.
                if taken % 16 == 0 {
                    let again = try Scenario(scenario.value)
                    #expect(again.value.json == scenario.value.json && again.figures == scenario.figures)
                    if scenario.totalPatients < 5000 {
                        let generator = PatientGenerator(scenario: scenario, seed: 1)
                        #expect(generator.patient(at: generator.count - 1).timeline.isEmpty == false)
                    }
                }
            case .failure(let error):
                refused += 1
                let isNamed =
                    !error.field.isEmpty || error.rule.hasPrefix("not JSON") || error.rule.hasPrefix("a scenario")
                #expect(isNamed && error.rule.utf8.count > 8 && error.description.utf8.count < 1000)
            }
        }
        #expect(taken > 500 && refused > 5000)
    }

    /// Another byte, one more, one less, a slice copied or cut.
    private static func mutate(_ bytes: inout [UInt8], _ draws: inout Draws) {
        guard !bytes.isEmpty else { return }
        let place = draws.below(bytes.count)
        switch draws.below(5) {
        case 0: bytes[place] = UInt8(draws.below(256))
        case 1: bytes.insert(Array("{}[]\",:0-9e.\\u".utf8)[draws.below(13)], at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + draws.below(20)))
        default:
            let end = min(bytes.count, place + 1 + draws.below(20))
            bytes.insert(contentsOf: bytes[place..<end], at: draws.below(bytes.count))
        }
    }

    private static let odd: [ScenarioValue] = [
        .null, .bool(true), .bool(false), .number(0), .number(-1), .number(0.5), .number(1e300), .number(-0.0),
        .number(52), .number(1e9), .number(365), .text(""), .text("R9"), .text("POL"), .text("high"),
        .text("2024-02-30"),
        .text(String(repeating: "ü", count: 300)), .text("\u{0}\u{1F600}"), .list([]), .object([]),
        .list([.number(1), .number(2), .number(3), .number(4)]), .object([.init("id", .text("R2"))]),
    ]

    /// Another value somewhere in the tree, a key renamed, an entry more or less.
    private static func mutate(_ value: ScenarioValue, _ draws: inout Draws) -> ScenarioValue {
        if draws.below(8) == 0 { return odd[draws.below(odd.count)] }
        switch value {
        case .object(var pairs) where !pairs.isEmpty:
            let place = draws.below(pairs.count)
            switch draws.below(8) {
            case 0: pairs.remove(at: place)
            case 1: pairs[place].key += "x"
            case 2:
                pairs.append(.init(Scenario.fields[draws.below(Scenario.fields.count)], odd[draws.below(odd.count)]))
            default: pairs[place].value = mutate(pairs[place].value, &draws)
            }
            return .object(pairs)
        case .list(var values) where !values.isEmpty:
            let place = draws.below(values.count)
            switch draws.below(6) {
            case 0: values.remove(at: place)
            case 1: values.append(values[place])
            default: values[place] = mutate(values[place], &draws)
            }
            return .list(values)
        case .number(let number):
            return .number([number * 100, number / 100, number + 1, -number, number * 1e6][draws.below(5)])
        default: return odd[draws.below(odd.count)]
        }
    }

    @Test func `errors name the field and the rule`() {
        func message(_ json: String) -> String {
            do throws(ScenarioError) {
                _ = try Scenario(json: Array(json.utf8))
                return "taken"
            } catch { return error.description }
        }
        #expect(message(#"{"total_patients":0}"#).hasPrefix("total_patients: takes a whole number from 1"))
        #expect(message(#"{"injury_mix":{"Disease":0.4}}"#).hasPrefix("injury_mix: must add up to 1 or to 100 %"))
        #expect(
            message(#"{"clinical_figures":{"women":3}}"#).hasPrefix("clinical_figures.women: takes a number from 0"))
        #expect(message(#"{"clinical_figures":{"regions":[1]}}"#).contains("a list of 8 numbers"))
        #expect(message(#"{"clinical_figures":{"case_fatality":0.9}}"#).contains("case_fatality must not be above"))
        #expect(message(#"{"clinical_figures":{"age_quartiles":[30,20,40]}}"#).contains("must rise"))
        #expect(message(#"{"clinical_figures":{"speed":1}}"#).contains("is no figure; allowed are killed"))
        #expect(message(#"{"outcome_preset":"best"}"#).contains("takes one of post_2009, pre_2009"))
        #expect(
            message(#"{"facility_configs":[{"id":"X"}]}"#)
                == "facility_configs[0].id: must begin with POI, R1, R2, R3 or R4")
    }
}
