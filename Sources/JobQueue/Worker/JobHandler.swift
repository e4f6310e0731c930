/// A kind of job, for a worker: how to read and run one.
final class JobHandler: Sendable {
    let kind: String
    let options: JobOptions
    /// Decodes the payload, runs the job and encodes its result.
    let perform: @Sendable (_ payload: [UInt8], _ context: JobContext) async throws -> [UInt8]?

    init<J: Job>(_ type: J.Type) {
        kind = J.kind
        options = J.options
        perform = { payload, context in
            let job = try JobCoding.decode(J.self, from: payload)
            return try J.encode(output: await job.run(context))
        }
    }

    /// The handlers of some kinds by name.
    /// - Throws: `invalidConfiguration` where two types have one name.
    static func table(_ types: [any Job.Type]) throws(JobError) -> [String: JobHandler] {
        var table: [String: JobHandler] = [:]
        for type in types {
            let handler = JobHandler(type)
            guard table.updateValue(handler, forKey: handler.kind) == nil else {
                throw JobError(.invalidConfiguration, "two job types have the kind \(handler.kind)")
            }
        }
        return table
    }
}
