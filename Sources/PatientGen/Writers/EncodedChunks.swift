import Synchronization

/// Consecutive patients as bytes.
public final class EncodedChunk: Sendable {
    /// Which patients.
    public let patients: Range<UInt64>
    /// For each writer its place among the bytes.
    public let parts: [Range<Int>]
    /// What was generated, where it was asked for.
    public let statistics: PatientStatistics?
    private let bench: Workbench
    private let benches: Workbenches

    init(
        _ generator: PatientGenerator, _ range: Range<UInt64>, writers: [any PatientWriter], benches: Workbenches,
        counting: Bool
    ) {
        let bench = benches.take()
        var statistics = counting ? PatientStatistics(scenario: generator.scenario) : nil
        patients = range
        parts = bench.write(range, of: generator, with: writers, statistics: &statistics)
        self.statistics = statistics
        self.bench = bench
        self.benches = benches
    }

    /// What was used goes back: memory that is new for each chunk costs more than what is written into it.
    deinit { benches.give(bench) }

    /// How many bytes.
    public var count: Int { bench.count }

    /// The bytes, for as long as the closure runs.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bench.withBytes(body)
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] { withBytes { Array($0) } }
}

/// What one chunk is made with: a buffer and records, used again and again, by one task at a time.
final class Workbench: @unchecked Sendable {  // whoever took it from the pool is alone with it; later it is only read
    private var sink = UTF8Sink(capacity: 1 << 18)
    private var patients: [Patient] = []

    var count: Int { sink.count }

    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try sink.withBytes(body)
    }

    func write(
        _ range: Range<UInt64>, of generator: PatientGenerator, with writers: [any PatientWriter],
        statistics: inout PatientStatistics?
    ) -> [Range<Int>] {
        sink.removeAll()
        return generator.write(range, with: writers, into: &sink, records: &patients, statistics: &statistics)
    }
}

/// The benches that wait for work.
final class Workbenches: Sendable {
    private let waiting = Mutex<[Workbench]>([])

    func take() -> Workbench { waiting.withLock { $0.popLast() } ?? Workbench() }

    func give(_ bench: Workbench) { waiting.withLock { $0.append(bench) } }
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
        let benches = Workbenches()
        return OrderedWork(
            slices: RangeSlices(range ?? 0..<count, size: UInt64(max(1, patientsPerChunk))), width: width
        ) {
            try transform(
                EncodedChunk(self, $0, writers: writers, benches: benches, counting: statistics))
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
