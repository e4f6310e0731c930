/// Consecutive patients as bytes.
public final class EncodedChunk: Sendable {
    /// Which patients.
    public let patients: Range<UInt64>
    /// For each writer its place among the bytes.
    public let parts: [Range<Int>]
    /// What was generated, where it was asked for.
    public let statistics: PatientStatistics?
    private let sink: UTF8Sink

    init(
        _ generator: PatientGenerator, _ range: Range<UInt64>, writers: [any PatientWriter], capacity: Int,
        counting: Bool
    ) {
        var sink = UTF8Sink(capacity: capacity)
        var statistics = counting ? PatientStatistics(scenario: generator.scenario) : nil
        patients = range
        parts = generator.write(range, with: writers, into: &sink, statistics: &statistics)
        self.statistics = statistics
        self.sink = sink
    }

    /// How many bytes.
    public var count: Int { sink.count }

    /// The bytes, for as long as the closure runs.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try sink.withBytes(body)
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] { sink.bytes() }
}

extension PatientGenerator {
    /// Patients as chunks of bytes in order, whatever the number of tasks that make them: joined, they are the bytes
    /// that ``write(_:with:into:)-(_,_,UTF8Sink)`` gives.
    ///
    /// No more than `width` chunks are made ahead of the reader: who reads slowly makes the generator wait, and memory
    /// stays flat. Who stops reading ends it.
    /// ```swift
    /// for try await chunk in generator.chunks(format: .ndjson, width: 2) { send(chunk.bytes) }
    /// ```
    /// - Parameters:
    ///   - range: all patients by default.
    ///   - width: how many tasks work at a time, from 1.
    ///   - statistics: whether each chunk counts its patients.
    public func chunks(
        of range: Range<UInt64>? = nil, format: PatientFormat, width: Int = 1, statistics: Bool = false
    ) -> OrderedWork<EncodedChunk> {
        chunks(
            of: range, writers: [format.writer(for: self)], patientsPerChunk: format.patientsPerChunk, width: width,
            statistics: statistics
        ) { $0 }
    }

    /// The same for several writers, which share the work of generating, and with a step that is taken in the tasks.
    /// - Parameter transform: what becomes of a chunk; compression, for one.
    public func chunks<Result: Sendable>(
        of range: Range<UInt64>? = nil, writers: [any PatientWriter], patientsPerChunk: Int, width: Int = 1,
        statistics: Bool = false, transform: @escaping @Sendable (EncodedChunk) throws -> Result
    ) -> OrderedWork<Result> {
        OrderedWork(slices: RangeSlices(range ?? 0..<count, size: UInt64(max(1, patientsPerChunk))), width: width) {
            try transform(
                EncodedChunk(self, $0, writers: writers, capacity: 1 << 18, counting: statistics))
        }
    }
}

/// A range in slices that end at 4, 16, 64 and so on, then at multiples of the size: so the first bytes are there soon.
/// Where they end depends on no range, so that a file that was left at such a place goes on with the same slices.
struct RangeSlices: Sequence, IteratorProtocol, Sendable {
    private var rest: Range<UInt64>
    private let size: UInt64

    init(_ range: Range<UInt64>, size: UInt64) {
        rest = range
        self.size = size
    }

    mutating func next() -> Range<UInt64>? {
        guard !rest.isEmpty else { return nil }
        let first = rest.lowerBound
        var end: UInt64 = 4
        while end <= first, end < size { end *= 4 }
        if end >= size { end = first - first % size + Swift.min(size, .max - (first - first % size)) }
        end = Swift.min(end, rest.upperBound)
        rest = end..<rest.upperBound
        return first..<end
    }
}
