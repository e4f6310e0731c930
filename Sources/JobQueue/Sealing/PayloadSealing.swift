/// Encrypts the data of jobs on its way into the store and decrypts it on its way out: payloads, results and checkpoints.
///
/// Clients, workers and the processes of a pool need the same sealing. `JobSealing` has one with AES-256-GCM.
///
/// Everything else is stored in the clear, because stores and operators read it: kinds, queues, keys, metadata, progress messages,
/// and the texts of errors and reasons. Keep secrets out of the errors that jobs throw.
///
/// In front of what ``seal(_:for:)`` returns the queue stores a marker, the bytes `00 73 65 61 6C`. The JSON of unsealed data cannot
/// begin with them, so a reader can distinguish both: sealed data without a sealing is an error, and
/// ``acceptsUnsealed(_:)`` decides on unsealed data where there is a sealing.
public protocol PayloadSealing: Sendable {
    /// Returns what is stored for these bytes.
    /// - Parameters:
    ///   - bytes: The data, JSON for one.
    ///   - content: What they are. A sealing that authenticates it prevents that the data of one kind of job passes for another's.
    func seal(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8]

    /// Returns the bytes that were sealed.
    /// - Throws: An error where `bytes` are not what ``seal(_:for:)`` returned for the same content. It is stored with the job as
    ///   text, so it must not contain the bytes.
    func open(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8]

    /// Whether data without the marker is read as it is, as data that was stored before there was a sealing. Otherwise it is passed
    /// to ``open(_:for:)``, which refuses it, or reads a form of its own that was stored by a version without the marker.
    ///
    /// By default results and checkpoints are read, and payloads passed to `open`. Whoever can write to the store can put data where
    /// unsealed data is accepted.
    func acceptsUnsealed(_ content: SealedContent) -> Bool
}

extension PayloadSealing {
    /// `true` for results and checkpoints.
    public func acceptsUnsealed(_ content: SealedContent) -> Bool { content.part != .payload }
}

/// What sealed bytes are: a part of a job's data, and the kind of the job.
public struct SealedContent: Sendable, Hashable, CustomStringConvertible {
    /// The parts of a job's data that are sealed. Their raw values are stable: sealings authenticate them.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// The encoded ``JobParameters``.
        case payload
        /// The encoded result.
        case result
        /// What a run saved for the next one.
        case checkpoint
    }

    /// The part of the data.
    public var part: Part
    /// The kind of the job; see ``JobParameters/kind``.
    public var kind: String

    /// Creates a description of a part of the data of a kind.
    public init(_ part: Part, of kind: String) {
        self.part = part
        self.kind = kind
    }

    /// The part and the kind, as in "the result of a job send-invoice".
    public var description: String { "the \(part.rawValue) of a job \(kind)" }
}
