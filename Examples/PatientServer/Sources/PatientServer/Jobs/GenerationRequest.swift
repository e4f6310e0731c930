import HTTPTypes
import PatientExport
import PatientGen

/// The body of `POST /generation/`, checked.
struct GenerationRequest: Sendable {
    var scenario: Scenario
    var seed: UInt64
    /// Whether the request says which seed.
    var choseSeed = false
    var formats: [String]
    var priority = "normal"
    /// Whether downloads are compressed unless they say otherwise.
    var isCompressed = false
    /// The password that downloads are encrypted with; it is never stored.
    var password: String?

    static let fields = [
        "scenario", "configuration_id", "preset", "total_patients", "seed", "output_formats", "compression",
        "encryption_password", "priority",
    ]

    /// Reads a body. What is no field of the request itself is a field of the scenario and overrides.
    /// - Parameter configuration: Looks up a saved scenario.
    init(
        body: [UInt8], maximum: Int, configuration: (String) async throws -> ScenarioValue?
    ) async throws {
        guard !body.isEmpty else { throw APIError.badRequest("the body is empty; send a JSON object") }
        let tree: ScenarioValue
        do {
            tree = try ScenarioValue(json: body)
        } catch {
            throw APIError.badRequest(error.rule)
        }
        guard case .object(let pairs) = tree else { throw APIError.badRequest("the body must be a JSON object") }
        try await self.init(pairs, maximum: maximum, configuration: configuration)
    }

    /// The same of fields that were read already.
    init(
        _ pairs: [ScenarioValue.Pair], maximum: Int, configuration: (String) async throws -> ScenarioValue?
    ) async throws {
        func value(_ key: String) -> ScenarioValue? { pairs.first { $0.key == key }?.value }
        func text(_ key: String) throws -> String? {
            guard let value = value(key) else { return nil }
            guard case .text(let text) = value else { throw APIError.invalid(key, "takes a text") }
            return text
        }
        let sources = ["scenario", "configuration_id", "preset"].filter { value($0) != nil }
        guard sources.count <= 1 else {
            throw APIError.invalid(sources[1], "stands beside \(sources[0]); only one of them may be given")
        }
        let own = Scenario.fields
        for pair in pairs where !Self.fields.contains(pair.key) && !own.contains(pair.key) {
            throw APIError.invalid(
                pair.key,
                "is not known here; allowed are \((Self.fields + own.filter { $0 != "total_patients" }).joined(separator: ", "))"
            )
        }
        guard !sources.isEmpty || pairs.contains(where: { own.contains($0.key) }) else {
            throw APIError.invalid("scenario", "is missing; give scenario, configuration_id or preset")
        }
        do {
            if let preset = try text("preset") {
                guard let found = Scenario.preset(preset) else {
                    throw APIError.invalid(
                        "preset",
                        "“\(preset.prefix(60))” is not known; there are \(Scenario.presets.map(\.id).joined(separator: ", "))"
                    )
                }
                scenario = found
            } else if let id = try text("configuration_id") {
                guard let found = try await configuration(id) else {
                    throw APIError.invalid("configuration_id", "there is no configuration “\(id.prefix(60))”")
                }
                scenario = try Scenario(found)
            } else {
                scenario =
                    try value("scenario").map { value throws(ScenarioError) in try Scenario(value) } ?? Scenario()
            }
            try scenario.apply(.object(pairs.filter { own.contains($0.key) }))
        } catch let error as ScenarioError {
            throw APIError(status: .unprocessableContent, detail: "\(error)", field: error.field)
        }
        guard scenario.totalPatients <= maximum else {
            throw APIError.invalid("total_patients", "takes a whole number from 1 to \(maximum)")
        }
        seed = try Self.seed(value("seed"))
        choseSeed = value("seed") != nil
        formats = try Self.formats(value("output_formats"))
        if formats.contains(FileFormat.workbook.rawValue),
            scenario.totalPatients > SheetPatientWriter.maximumPatients
        {
            throw APIError.invalid(
                "output_formats",
                "has xlsx, whose sheet holds \(SheetPatientWriter.maximumPatients) patients; take csv, or fewer of them"
            )
        }
        if let chosen = try text("priority") {
            guard ["low", "normal", "high"].contains(chosen) else {
                throw APIError.invalid("priority", "takes low, normal or high")
            }
            priority = chosen
        }
        switch value("compression") {
        case nil, .bool(false)?: break
        case .bool(true)?: isCompressed = true
        default: throw APIError.invalid("compression", "takes true or false")
        }
        password = try text("encryption_password")
        if let password { try Self.check(password: password, "encryption_password") }
    }

    /// Refuses what can be no password, without repeating it.
    static func check(password: String, _ field: String) throws {
        guard (8...1024).contains(password.utf8.count) else {
            throw APIError.invalid(field, "takes a text of 8 to 1,024 bytes")
        }
    }

    private static func seed(_ value: ScenarioValue?) throws -> UInt64 {
        switch value {
        case nil: return .random(in: 0..<(1 << 53))
        case .number(let number)?:
            if let seed = UInt64(exactly: number), seed < 1 << 53 { return seed }
        case .text(let text)?:
            if let seed = UInt64(text) { return seed }
        default: break
        }
        throw APIError.invalid(
            "seed", "takes a whole number from 0 to 2^53 − 1, or one to 2^64 − 1 as a text of digits")
    }

    private static func formats(_ value: ScenarioValue?) throws -> [String] {
        guard let value else { return ["ndjson", "csv"] }
        let allowed = FileFormat.allCases.map(\.rawValue)
        guard case .list(let values) = value, !values.isEmpty else {
            throw APIError.invalid("output_formats", "takes a list of \(allowed.joined(separator: ", "))")
        }
        var formats: [String] = []
        for value in values {
            guard case .text(let name) = value, allowed.contains(name), !formats.contains(name) else {
                throw APIError.invalid(
                    "output_formats", "takes each of \(allowed.joined(separator: ", ")) at most once")
            }
            formats.append(name)
        }
        return formats
    }
}
