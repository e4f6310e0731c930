import HTTPTypes
import Hummingbird
import PatientGen

/// Saved scenarios.
struct ConfigurationRoutes: Sendable {
    let store: ConfigurationStore

    func add(to router: some RouterMethods<AppContext>) {
        router.get("configurations/", use: list)
        router.post("configurations/", use: create)
        router.get("configurations/{id}", use: show)
        router.put("configurations/{id}", use: update)
        router.delete("configurations/{id}", use: delete)
    }

    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let limit = try integer(request, "limit", default: 50, in: 1...200)
        let after = request.uri.queryParameters["cursor"].map(String.init) ?? ""
        guard after.utf8.count <= 64 else { throw APIError.invalid("cursor", "is not one of a former answer") }
        let found = try await store.list(after: after, limit: limit)
        var answer: [ScenarioValue.Pair] = [.init("configurations", .list(try found.map { try $0.value() }))]
        if found.count == limit, let last = found.last { answer.append(.init("next_cursor", .text(last.id))) }
        return json(.object(answer))
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let input = try await ConfigurationInput(request, context)
        let made = try await store.create(name: input.name, description: input.description, scenario: input.scenario)
        return json(
            try made.value(), status: .created,
            headers: [.location: "/api/v1/configurations/\(made.id)", .eTag: "\"\(made.version)\""])
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let version = try request.uri.queryParameters["version"].map { _ in
            try integer(request, "version", default: 1, in: 1...Int(Int32.max))
        }
        guard let found = try await store.find(id(context), version: version) else { throw missing }
        return json(try found.value(), headers: [.eTag: "\"\(found.version)\""])
    }

    @Sendable func update(_ request: Request, _ context: AppContext) async throws -> Response {
        var expected: Int?
        if let tag = request.headers[.ifMatch], tag != "*" {
            guard let version = Int(tag.trimming("\"")) else {
                throw APIError.badRequest("If-Match takes the ETag of a former answer")
            }
            expected = version
        }
        let input = try await ConfigurationInput(request, context)
        guard
            let made = try await store.update(
                id(context), name: input.name, description: input.description, scenario: input.scenario,
                expecting: expected)
        else { throw missing }
        return json(try made.value(), headers: [.eTag: "\"\(made.version)\""])
    }

    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        guard try await store.delete(id(context)) else { throw missing }
        return Response(status: .noContent)
    }

    private func id(_ context: AppContext) -> String { context.parameters.get("id") ?? "" }
    private var missing: APIError { .notFound("there is no such configuration") }
}

/// The body that makes or changes a configuration.
private struct ConfigurationInput {
    var name: String
    var description: String
    var scenario: Scenario

    init(_ request: Request, _ context: AppContext) async throws {
        let tree = try await readTree(request, context)
        guard case .object(let pairs) = tree else { throw APIError.badRequest("the body must be a JSON object") }
        for pair in pairs where !["name", "description", "scenario"].contains(pair.key) {
            throw APIError.invalid(pair.key, "is not known here; allowed are name, description, scenario")
        }
        guard case .text(let name)? = tree["name"], (1...200).contains(name.count) else {
            throw APIError.invalid("name", "takes a text of 1 to 200 characters")
        }
        self.name = name
        switch tree["description"] {
        case nil, .null?: description = ""
        case .text(let text)? where text.count <= 2000: description = text
        default: throw APIError.invalid("description", "takes a text of up to 2,000 characters")
        }
        guard let value = tree["scenario"] else { throw APIError.invalid("scenario", "is missing") }
        do {
            scenario = try Scenario(value)
        } catch {
            throw APIError(status: .unprocessableContent, detail: "\(error)", field: error.field)
        }
    }
}

/// The body of a request as a tree.
func readTree(_ request: Request, _ context: AppContext) async throws -> ScenarioValue {
    try requireJSON(request)
    let body = try await collectBody(of: request, context)
    guard body.readableBytes > 0 else { throw APIError.badRequest("the body is empty; send a JSON object") }
    do {
        return try ScenarioValue(json: Array(body.readableBytesView))
    } catch {
        throw APIError.badRequest(error.rule)
    }
}

/// The whole body. Who hangs up or sends less than announced gets 400, not 500.
func collectBody(of request: Request, _ context: AppContext) async throws -> ByteBuffer {
    var request = request
    do {
        return try await request.collectBody(upTo: context.maxUploadSize)
    } catch let error where error is any HTTPResponseError || error is CancellationError {
        throw error
    } catch {
        throw APIError.badRequest("the body ends before it is whole")
    }
}

/// Refuses bodies of another type.
func requireJSON(_ request: Request) throws {
    guard let type = request.headers[.contentType] else { return }
    guard type.lowercased().hasPrefix("application/json") else {
        throw APIError(status: .unsupportedMediaType, detail: "the body must be application/json")
    }
}

func json(_ value: ScenarioValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
    bytesResponse(ByteBuffer(string: value.json), "application/json", status: status, headers: headers)
}

extension String {
    fileprivate func trimming(_ character: Character) -> Substring {
        var text = self[...]
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return text
    }
}
