#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The data of one kind of background job: what is stored when a job is enqueued, and passed to the code that runs it.
///
/// ```swift
/// struct SendInvoice: JobParameters {
///     static let kind = "send-invoice"
///     var invoice: Int
/// }
/// ```
///
/// The code is registered with the worker (``JobRegistry``), where it captures what it needs, so that a process that only
/// enqueues jobs links none of it.
///
/// A job runs at least once. It runs again after its process died or lost its lease, so its effects must tolerate
/// repetition; ``JobContext/fencingToken`` distinguishes one run from another.
public protocol JobParameters: Codable, Sendable {
    /// The type of the result: `Void`, or an `Encodable` type whose value is stored with the job.
    associatedtype Output: Sendable = Void

    /// The name that jobs of this kind are stored under. It outlives the Swift type's name; never reuse it.
    static var kind: String { get }

    /// How jobs of this kind are queued, retried and limited unless the enqueuing call says otherwise.
    static var options: JobOptions { get }
}

extension JobParameters {
    /// The defaults of ``JobOptions``.
    public static var options: JobOptions { JobOptions() }
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
