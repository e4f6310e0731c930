import Foundation
import HTTPTypes
import Hummingbird
import PatientGen

/// Presets and what scenarios are made of.
struct ReferenceRoutes: Sendable {
    func add(to router: some RouterMethods<AppContext>) {
        router.get("presets") { _, _ in
            json(.object([.init("presets", .list(Scenario.presets.map(describe)))]))
        }
        router.get("presets/{id}") { _, context in
            let id = context.parameters.get("id") ?? ""
            guard let preset = Scenario.presets.first(where: { $0.id == id }) else {
                throw APIError.notFound(
                    "there is no such preset; there are \(Scenario.presets.map(\.id).joined(separator: ", "))")
            }
            return json(describe(preset))
        }
        router.get("configurations/reference/nationalities") { _, _ in
            let nations = Nation.all.map {
                ScenarioValue.object([.init("code", .text($0.code)), .init("name", .text($0.name))])
            }
            return json(.object([.init("nationalities", .list(nations))]))
        }
        router.get("configurations/reference/facility-types") { _, _ in
            let places = Place.allCases.map {
                ScenarioValue.object([.init("id", .text($0.code)), .init("name", .text($0.name))])
            }
            return json(.object([.init("facility_types", .list(places))]))
        }
        router.get("configurations/reference/condition-types") { _, _ in
            let conditions = Condition.all.map {
                ScenarioValue.object([
                    .init("code", .text($0.code)), .init("system", .text($0.system.rawValue)),
                    .init("name", .text($0.name)),
                ])
            }
            return json(.object([.init("condition_types", .list(conditions))]))
        }
        router.post("configurations/validate/") { request, context in
            let tree = try await readTree(request, context)
            do throws(ScenarioError) {
                _ = try Scenario(tree["scenario"] ?? tree)
                return json(.object([.init("valid", .bool(true)), .init("errors", .list([]))]))
            } catch {
                let entry = ScenarioValue.object([.init("field", .text(error.field)), .init("rule", .text(error.rule))])
                return json(.object([.init("valid", .bool(false)), .init("errors", .list([entry]))]))
            }
        }
    }

    private func describe(_ preset: Scenario.Preset) -> ScenarioValue {
        .object([
            .init("id", .text(preset.id)), .init("description", .text(preset.summary)),
            .init("scenario", preset.scenario.value),
        ])
    }
}
