import HTTPTypes
import Hummingbird
import PatientGen
import Synchronization

/// Patients as they are generated: nothing is kept, memory stays flat, and it ends when the client goes.
struct StreamingRoutes: Sendable {
    let maximumPatients: Int
    let streams: StreamSlots
    let configurations: ConfigurationStore
    let metrics: GenerationMetrics
    let book: @Sendable (AppContext, Int) async throws -> Void

    func add(to router: some RouterMethods<AppContext>) {
        router.get("streaming/generate", use: generate)
        router.post("streaming/generate", use: generate)
    }

    @Sendable func generate(_ request: Request, _ context: AppContext) async throws -> Response {
        let (order, format) = try await read(request, context)
        guard !order.isCompressed, order.password == nil else {
            throw APIError.invalid(
                order.isCompressed ? "compression" : "encryption_password", "is for generations; a stream is plain")
        }
        guard let slot = streams.take() else {
            throw APIError(
                status: .serviceUnavailable,
                detail: "\(streams.limit) streams run already, which is the most; try again when one has ended",
                headers: [.retryAfter: "5"])
        }
        try await book(context, order.scenario.totalPatients)
        let generator = PatientGenerator(scenario: order.scenario, seed: order.seed)
        let body = ResponseBody { [metrics] writer in
            defer { slot.release() }
            let encoder = format.writer(for: generator)
            var buffer: [UInt8] = []
            for slice in slices(of: 0..<generator.count, size: 100) {
                try Task.checkCancellation()
                buffer.removeAll(keepingCapacity: true)
                generator.write(slice, with: encoder, into: &buffer)
                try await writer.write(ByteBuffer(bytes: buffer))
                metrics.streamed(count: slice.count)
            }
            try await writer.finish(nil)
        }
        var headers: HTTPFields = [.contentType: format.contentType]
        if let name = HTTPField.Name("X-Seed") { headers[name] = "\(order.seed)" }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// A POST has the body of a generation; a GET the same few fields in its query.
    private func read(_ request: Request, _ context: AppContext) async throws -> (GenerationRequest, PatientFormat) {
        var pairs: [ScenarioValue.Pair] = []
        if request.method == .post {
            guard case .object(let given) = try await readTree(request, context) else {
                throw APIError.badRequest("the body must be a JSON object")
            }
            pairs = given
        } else {
            for (name, value) in request.uri.queryParameters {
                let value = String(value)
                switch String(name) {
                case "preset", "seed", "configuration_id": pairs.append(.init(String(name), .text(value)))
                case "total_patients":
                    guard let count = Double(value) else {
                        throw APIError.invalid("total_patients", "takes a whole number from 1 to \(maximumPatients)")
                    }
                    pairs.append(.init("total_patients", .number(count)))
                case "format": break
                default:
                    throw APIError.invalid(
                        String(name),
                        "is not known here; allowed are preset, configuration_id, total_patients, seed, format")
                }
            }
            if !pairs.contains(where: { ["preset", "configuration_id"].contains($0.key) }) {
                pairs.append(.init("preset", .text("training_exercise")))
            }
        }
        let name = request.uri.queryParameters["format"].map(String.init) ?? "ndjson"
        guard let format = PatientFormat(rawValue: name) else {
            throw APIError.invalid("format", "takes \(PatientFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let configurations = configurations
        let order = try await GenerationRequest(pairs, maximum: maximumPatients) { id in
            try await configurations.find(id).map { try ScenarioValue(json: Array($0.scenario.utf8)) }
        }
        return (order, format)
    }
}

/// How many streams may run at a time.
final class StreamSlots: Sendable {
    let limit: Int
    private let running = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// A place, given back once, whatever becomes of the response.
    final class Slot: Sendable {
        private let slots: StreamSlots
        private let isHeld = Atomic<Bool>(true)
        init(_ slots: StreamSlots) { self.slots = slots }
        func release() {
            if isHeld.exchange(false, ordering: .relaxed) { slots.running.subtract(1, ordering: .relaxed) }
        }
        deinit { release() }
    }

    func take() -> Slot? {
        guard running.add(1, ordering: .relaxed).newValue <= limit else {
            running.subtract(1, ordering: .relaxed)
            return nil
        }
        return Slot(self)
    }
}
