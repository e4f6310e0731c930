/// The code that runs the jobs of one kind, as a type: for code that is too large for a closure, or has state of its own.
///
/// ```swift
/// struct InvoiceSender: JobHandler {
///     let mailer: Mailer
///
///     func run(_ parameters: SendInvoice, _ context: JobContext) async throws {
///         try await mailer.send(parameters.invoice)
///     }
/// }
/// ```
public protocol JobHandler: Sendable {
    /// The data of the jobs that it runs.
    associatedtype Parameters: JobParameters

    /// Runs one job. An error leads to another attempt by the kind's ``RetryPolicy``; a ``JobControl`` decides what
    /// happens instead. The task is cancelled when the job is.
    func run(_ parameters: Parameters, _ context: JobContext) async throws -> Parameters.Output
}

/// The kinds of jobs that a worker runs, each with its code.
///
/// ```swift
/// let worker = try JobWorker(store: store, queues: ["default": 8]) { jobs in
///     jobs.register(SendInvoice.self) { parameters, context in try await mailer.send(parameters.invoice) }
/// }
/// ```
///
/// A worker with ``JobIsolation/processPool(maxJobs:maxRSS:)`` and the processes of its pool register the same kinds: put the
/// registration into one function and pass it to both.
public struct JobRegistry: Sendable {
    private(set) var kinds: [String: RegisteredKind] = [:]
    /// The first kind that was registered twice.
    private(set) var duplicate: String?

    /// Creates a registry without kinds.
    public init() {}

    /// The names of the registered kinds, sorted.
    public var kindNames: [String] { kinds.keys.sorted() }

    /// Registers code for a kind of job without a result.
    /// - Parameters:
    ///   - type: The data of the kind. Registering a kind twice makes the worker's initializer throw.
    ///   - handler: Runs one job; see ``JobHandler/run(_:_:)``.
    public mutating func register<Parameters: JobParameters>(
        _ type: Parameters.Type, handler: @escaping @Sendable (Parameters, JobContext) async throws -> Void
    ) where Parameters.Output == Void {
        add(type) { parameters, context in
            try await handler(parameters, context)
            return nil
        }
    }

    /// Registers code for a kind of job whose result is stored as JSON.
    /// - Parameters:
    ///   - type: The data of the kind. Registering a kind twice makes the worker's initializer throw.
    ///   - handler: Runs one job; see ``JobHandler/run(_:_:)``.
    public mutating func register<Parameters: JobParameters>(
        _ type: Parameters.Type, handler: @escaping @Sendable (Parameters, JobContext) async throws -> Parameters.Output
    ) where Parameters.Output: Encodable {
        add(type) { parameters, context in try JobCoding.encode(try await handler(parameters, context)) }
    }

    /// Registers a handler of jobs without a result.
    public mutating func register<Handler: JobHandler>(_ handler: Handler) where Handler.Parameters.Output == Void {
        register(Handler.Parameters.self) { try await handler.run($0, $1) }
    }

    /// Registers a handler of jobs whose result is stored as JSON.
    public mutating func register<Handler: JobHandler>(_ handler: Handler) where Handler.Parameters.Output: Encodable {
        register(Handler.Parameters.self) { try await handler.run($0, $1) }
    }

    private mutating func add<Parameters: JobParameters>(
        _ type: Parameters.Type, _ run: @escaping @Sendable (Parameters, JobContext) async throws -> [UInt8]?
    ) {
        let kind = RegisteredKind(name: Parameters.kind, options: Parameters.options) { payload, context in
            try await run(JobCoding.decode(Parameters.self, from: payload), context)
        }
        if kinds.updateValue(kind, forKey: kind.name) != nil { duplicate = duplicate ?? kind.name }
    }
}

/// A registered kind, without its type.
final class RegisteredKind: Sendable {
    let name: String
    let options: JobOptions
    /// Decodes the parameters, runs the job and encodes its result.
    let perform: @Sendable (_ payload: [UInt8], _ context: JobContext) async throws -> [UInt8]?

    init(
        name: String, options: JobOptions,
        perform: @escaping @Sendable (_ payload: [UInt8], _ context: JobContext) async throws -> [UInt8]?
    ) {
        self.name = name
        self.options = options
        self.perform = perform
    }
}
