import Foundation
import HTTPTypes
import Hummingbird
import JobQueue
import PatientGen

/// Starting generations, following them, reading what came out.
struct GenerationRoutes: Sendable {
    let generations: Generations
    let configurations: ConfigurationStore
    let maximumPatients: Int
    /// Books patients on the quota of whoever asks.
    let book: @Sendable (AppContext, Int) async throws -> Void
    let audit: @Sendable (AppContext, _ action: String, _ subject: String) async throws -> Void

    func add(to router: some RouterMethods<AppContext>) {
        router.post("generation/", use: start)
        router.get("jobs/", use: list)
        router.get("jobs/{id}", use: show)
        router.delete("jobs/{id}", use: delete)
        router.post("jobs/{id}/cancel", use: cancel)
        router.post("jobs/{id}/retry", use: retry)
        router.get("jobs/{id}/events", use: events)
        router.get("jobs/{id}/results", use: results)
    }

    @Sendable func start(_ request: Request, _ context: AppContext) async throws -> Response {
        try requireJSON(request)
        let body = try await collectBody(of: request, context)
        let order = try await GenerationRequest(body: Array(body.readableBytesView), maximum: maximumPatients) { id in
            try await configurations.find(id).map { try ScenarioValue(json: Array($0.scenario.utf8)) }
        }
        var key = request.headers[HTTPField.Name("Idempotency-Key") ?? .authorization]
        if let given = key {
            guard (1...200).contains(given.utf8.count), given.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw APIError.invalid("Idempotency-Key", "takes 1 to 200 printable ASCII characters")
            }
            key = "\(context.key?.id ?? ""):\(given)"
        }
        try await book(context, order.scenario.totalPatients)
        let handle: JobHandle<Generate>
        do {
            handle = try await generations.start(order, idempotencyKey: key)
        } catch {
            try? await book(context, -order.scenario.totalPatients)
            throw error
        }
        guard let record = try await generations.find("\(handle.id)") else {
            try await book(context, -order.scenario.totalPatients)
            throw APIError.conflict("the job of this Idempotency-Key was removed; take a new key")
        }
        if handle.isNew {
            try await audit(context, "generate", "\(handle.id)")
        } else {
            // Booked by the first request of the key.
            try await book(context, -order.scenario.totalPatients)
            guard try generations.isSame(record, as: order) else {
                throw APIError.conflict("the Idempotency-Key was used for another generation; take a new one")
            }
        }
        return answer(
            try await generations.json(record), status: .accepted, headers: [.location: "/api/v1/jobs/\(handle.id)"])
    }

    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let limit = try integer(request, "limit", default: 50, in: 1...500)
        var before: JobID?
        if let cursor = request.uri.queryParameters["cursor"] {
            guard let id = JobID(String(cursor)) else {
                throw APIError.invalid("cursor", "is not one of a former answer")
            }
            before = id
        }
        let records = try await generations.client.store.jobs(
            JobFilter(kind: Generate.kind, before: before, limit: limit))
        var page = Array(#"{"jobs":["#.utf8)
        for (index, record) in records.enumerated() {
            if index > 0 { page.append(UInt8(ascii: ",")) }
            page += try await generations.json(record, brief: true)
        }
        page.append(UInt8(ascii: "]"))
        if records.count == limit, let last = records.last { page += Array(#","next_cursor":"\#(last.id)""#.utf8) }
        page.append(UInt8(ascii: "}"))
        return answer(page)
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        answer(try await generations.json(try await generations.require(context.parameters.get("id"))))
    }

    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let record = try await generations.require(context.parameters.get("id"))
        guard record.state.isTerminal else { throw APIError.conflict("the job is not at rest; cancel it first") }
        _ = try await generations.client.store.delete([record.id])
        try await audit(context, "delete", "\(record.id)")
        return Response(status: .noContent)
    }

    @Sendable func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let record = try await generations.require(context.parameters.get("id"))
        guard
            try await generations.client.cancel(record.id, reason: "cancelled by request") || record.state == .cancelled
        else {
            throw APIError.conflict("the job has ended already")
        }
        try await audit(context, "cancel", "\(record.id)")
        return answer(try await generations.json(try await generations.require("\(record.id)")))
    }

    @Sendable func retry(_ request: Request, _ context: AppContext) async throws -> Response {
        let record = try await generations.require(context.parameters.get("id"))
        do {
            guard try await generations.client.retry(record.id) > 0 else {
                throw APIError.conflict("only a failed or cancelled job can run again")
            }
        } catch let error as JobError where error.code == .stillStopping {
            throw APIError.conflict("parts of the job are still being cancelled; try again in a moment")
        }
        try await audit(context, "retry", "\(record.id)")
        return answer(try await generations.json(try await generations.require("\(record.id)")))
    }

    /// Progress as server-sent events, one a change, until the job is at rest.
    @Sendable func events(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = context.parameters.get("id")
        _ = try await generations.require(id)
        let generations = generations
        let body = ResponseBody { writer in
            var last: [UInt8] = []
            var written = ContinuousClock.now
            // A job that was deleted meanwhile ends the stream.
            while let record = try await generations.find(id ?? "") {
                let text = try await generations.json(record, brief: true)
                if text != last {
                    try await writer.write(
                        ByteBuffer(bytes: Array("event: job\ndata: ".utf8) + text + Array("\n\n".utf8)))
                    last = text
                    written = .now
                } else if .now - written > .seconds(15) {
                    // A comment keeps proxies from closing, and finds out whether the client is still there.
                    try await writer.write(ByteBuffer(string: ": still here\n\n"))
                    written = .now
                }
                if record.state.isTerminal { break }
                try await Task.sleep(for: .milliseconds(250))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func answer(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        bytesResponse(ByteBuffer(bytes: bytes), "application/json", status: status, headers: headers)
    }

    /// A page of patients, generated again from the seed: any page costs the same.
    @Sendable func results(_ request: Request, _ context: AppContext) async throws -> Response {
        let perPage = try integer(request, "per_page", default: 50, in: 1...500)
        let page = try integer(request, "page", default: 1, in: 1...1_000_000_000)
        let (job, _) = try await generations.finished(context.parameters.get("id"))
        let generator = try job.parameters.generator()
        let total = Int(job.total)
        let first = min(total, (page - 1) * perPage)
        let last = min(total, first + perPage)
        let writer = JSONPatientWriter(scenario: generator.scenario, isArray: true)
        var sink = UTF8Sink()
        let pages = (total + perPage - 1) / perPage
        sink.appendText("{\"page\":\(page),\"per_page\":\(perPage),\"pages\":\(pages),\"total\":\(total)")
        sink.append(",\"patients\":[")
        for index in first..<last {
            if index > first { sink.append(UInt8(ascii: ",")) }
            writer.append(generator.patient(at: UInt64(index)), into: &sink)
        }
        sink.append("]}")
        return bytesResponse(ByteBuffer(bytes: sink.bytes()), "application/json")
    }
}
