#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A unit of background work: its properties are what is stored, `run` is what happens.
///
/// ```swift
/// struct SendInvoice: Job {
///     static let kind = "send-invoice"
///     var invoice: Int
///
///     func run(_ context: JobContext) async throws {
///         try await deliver(invoice)
///     }
/// }
/// ```
///
/// A job runs at least once. It can run again after its process died or lost its lease, so its effects must bear
/// repetition; ``JobContext/run`` tells one run from another. A job that is cancelled finds its task cancelled.
public protocol Job: Codable, Sendable {
    /// What a run returns: `Void`, or a value that is encoded and kept with the job.
    associatedtype Output: Sendable

    /// The name the job is stored under. It outlives the Swift type's name; never reuse it for something else.
    static var kind: String { get }

    /// How jobs of this kind are queued, retried and limited unless the enqueuing call says otherwise.
    static var options: JobOptions { get }

    /// Does the work. An error leads to a retry by the kind's ``RetryPolicy``; a ``JobSignal`` says what to do instead.
    func run(_ context: JobContext) async throws -> Output

    /// Turns a result into the bytes that are kept; `nil` keeps none. Provided for `Void` and for `Encodable` results.
    static func encode(output: Output) throws -> [UInt8]?
}

extension Job {
    /// The defaults of ``JobOptions``.
    public static var options: JobOptions { JobOptions() }
}

extension Job where Output == Void {
    /// Keeps no result.
    public static func encode(output: Output) throws -> [UInt8]? { nil }
}

extension Job where Output: Encodable {
    /// Keeps the result as JSON.
    public static func encode(output: Output) throws -> [UInt8]? { try JobCoding.encode(output) }
}

/// The JSON that jobs, checkpoints and results are kept as.
package enum JobCoding {
    private static let encoder = JSONEncoder()
    private static let decoder = JSONDecoder()

    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            throw JobError(.encodingFailed, "\(type(of: value)) cannot be encoded as JSON", underlying: error)
        }
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw JobError(.decodingFailed, "the stored bytes do not read as \(type)", underlying: error)
        }
    }
}
