import Foundation
import HTTPTypes
import JobQueue
import PatientGen

/// Generations as the API tells of them, on top of the job queue.
struct Generations: Sendable {
    let client: JobClient
    let chunkSize: Int
    let shared: SharedState

    /// Cuts a generation into chunks and enqueues them with their parent, all or nothing.
    func start(_ request: GenerationRequest, idempotencyKey: String?) async throws -> JobHandle<Generate> {
        var parameters = GenerationParameters(
            scenario: request.scenario.value.json, seed: request.seed, formats: request.formats)
        if request.isCompressed { parameters.isCompressed = true }
        parameters.protection = try request.password.map(Protection.init)
        let total = UInt64(request.scenario.totalPatients)
        // At most 400 chunks: their digests are kept with the parent.
        let size = max(UInt64(chunkSize), (total + 399) / 400)
        var chunk = parameters
        // The password's hash is the parent's alone.
        chunk.protection = nil
        let chunks = slices(of: 0..<total, size: size).map { [chunk] in
            GenerateChunk(parameters: chunk, first: $0.lowerBound, count: UInt64($0.count))
        }
        let priority: JobPriority = request.priority == "high" ? .high : request.priority == "low" ? .low : .normal
        let handle = try await client.enqueue(
            batch: chunks, then: Generate(parameters: parameters, total: total),
            options: EnqueueOptions(priority: priority, idempotencyKey: idempotencyKey),
            childOptions: EnqueueOptions(priority: priority))
        return handle
    }

    /// Whether a generation is the one that a request asks for. A seed that nobody chose may differ.
    func isSame(_ record: JobRecord, as request: GenerationRequest) throws -> Bool {
        let parameters = try JSONDecoder().decode(Generate.self, from: Data(record.job.payload)).parameters
        if let password = request.password, let protection = parameters.protection {
            guard try protection.fits(password) else { return false }
        }
        return parameters.scenario == request.scenario.value.json && parameters.formats == request.formats
            && (!request.choseSeed || parameters.seed == request.seed)
            && (parameters.isCompressed ?? false) == request.isCompressed
            && (parameters.protection == nil) == (request.password == nil)
    }

    /// The generation of an id; `nil` for none.
    func find(_ text: String) async throws -> JobRecord? {
        guard let id = JobID(text), let record = try await client.status(id), record.kind == Generate.kind else {
            return nil
        }
        return record
    }

    /// The generation of an id.
    func require(_ text: String?) async throws -> JobRecord {
        guard let text, let record = try await find(text) else { throw APIError.notFound("there is no such job") }
        return record
    }

    /// A finished generation and its manifest.
    func finished(_ text: String?) async throws -> (Generate, Manifest) {
        let record = try await require(text)
        guard record.state == .completed else {
            throw APIError.conflict(
                "the job is \(Self.status(record.state, hasBegun: false)); wait until it is completed")
        }
        let job = try JSONDecoder().decode(Generate.self, from: Data(record.job.payload))
        guard job.parameters.modelVersion == PatientGenerator.modelVersion else {
            throw APIError.conflict(
                "the job was made by model version \(job.parameters.modelVersion); generate it again")
        }
        return (job, try record.result(as: Manifest.self))
    }

    /// What the API says of a generation.
    func describe(_ record: JobRecord) async throws -> JobDescription {
        let job = try JSONDecoder().decode(Generate.self, from: Data(record.job.payload))
        let children = record.state.isTerminal ? [:] : try await client.store.children(of: record.id)
        let chunks = children.values.reduce(0, +)
        let done = children[.completed] ?? 0
        let hasBegun = done > 0 || (children[.running] ?? 0) > 0
        var description = JobDescription(
            job_id: "\(record.id)", status: Self.status(record.state, hasBegun: hasBegun), progress: 0,
            total_patients: Int(job.total), seed: job.parameters.seed, output_formats: job.parameters.formats,
            created_at: record.createdAt.formatted(.iso8601))
        description.compression = job.parameters.isCompressed
        description.encrypted = job.parameters.protection.map { _ in true }
        description.completed_at = record.finishedAt?.formatted(.iso8601)
        if record.state != .completed { description.error = record.error }
        if record.state == .completed {
            let manifest = try record.result(as: Manifest.self)
            description.progress = 100
            description.summary = manifest.summary.counts
            description.manifest = manifest
        } else if chunks > 0 {
            description.progress = min(99, (Double(done) / Double(chunks) * 1000).rounded() / 10)
            let elapsed = Date().timeIntervalSince(record.createdAt)
            if done > 0, hasBegun {
                description.eta_seconds = (elapsed / Double(done) * Double(chunks - done)).rounded()
            }
        }
        return description
    }

    /// The same as JSON. What is completed changes no more and is kept; `brief` leaves the manifest out.
    func json(_ record: JobRecord, brief: Bool = false) async throws -> [UInt8] {
        let make: @Sendable () async throws -> [UInt8] = {
            var description = try await describe(record)
            if brief { description.manifest = nil }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(description))
        }
        guard record.state == .completed else { return try await make() }
        return try await shared.cached("job:\(record.id):\(brief ? "brief" : "whole")", make)
    }

    private static func status(_ state: JobState, hasBegun: Bool) -> String {
        switch state {
        case .completed: "completed"
        case .dead, .discarded: "failed"
        case .cancelled: "cancelled"
        case .running: "running"
        case .blocked, .scheduled, .throttled, .ready: hasBegun ? "running" : "queued"
        }
    }
}

/// A generation as the API shows it.
struct JobDescription: Codable, Sendable {
    var job_id: String
    var status: String
    /// Percent.
    var progress: Double
    var eta_seconds: Double?
    var total_patients: Int
    var seed: UInt64
    var output_formats: [String]
    var compression: Bool?
    var encrypted: Bool?
    var created_at: String
    var completed_at: String?
    var error: String?
    var summary: [String: [String: Int]]?
    var manifest: Manifest?
}
