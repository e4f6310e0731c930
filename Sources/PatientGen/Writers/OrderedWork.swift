/// Results of work on the slices of a range, in their order, of which a few are made at a time and ahead.
///
/// With a width of 1 the work is done when the next result is asked for, and nothing is made ahead.
public struct OrderedWork<Result: Sendable>: AsyncSequence, Sendable {
    /// What it gives.
    public typealias Element = Result

    private let slices: RangeSlices
    private let width: Int
    private let work: @Sendable (Range<UInt64>) throws -> Result

    init(slices: RangeSlices, width: Int, work: @escaping @Sendable (Range<UInt64>) throws -> Result) {
        self.slices = slices
        self.width = Swift.max(1, width)
        self.work = work
    }

    /// Begins from the start.
    public func makeAsyncIterator() -> Iterator {
        Iterator(slices: slices, width: width, work: work)
    }

    /// One reader. Dropping it cancels what is being made.
    public struct Iterator: AsyncIteratorProtocol {
        private var slices: RangeSlices
        private let width: Int
        private let work: @Sendable (Range<UInt64>) throws -> Result
        private let flight = Flight()

        fileprivate init(
            slices: RangeSlices, width: Int, work: @escaping @Sendable (Range<UInt64>) throws -> Result
        ) {
            self.slices = slices
            self.width = width
            self.work = work
        }

        /// The next result; `nil` at the end.
        /// - Throws: `CancellationError` when the reader was cancelled, and what the work throws.
        public mutating func next() async throws -> Result? {
            try Task.checkCancellation()
            if width == 1 { return try slices.next().map(work) }
            while flight.tasks.count < width, let slice = slices.next() {
                let work = work
                flight.tasks.append(
                    Task {
                        try Task.checkCancellation()
                        return try work(slice)
                    })
            }
            guard !flight.tasks.isEmpty else { return nil }
            let first = flight.tasks.removeFirst()
            // The next begins before this one is waited for, so that there are always as many at work.
            if let slice = slices.next() {
                let work = work
                flight.tasks.append(
                    Task {
                        try Task.checkCancellation()
                        return try work(slice)
                    })
            }
            return try await withTaskCancellationHandler {
                try await first.value
            } onCancel: {
                first.cancel()
            }
        }
    }

    private final class Flight {
        var tasks: [Task<Result, any Error>] = []
        deinit { for task in tasks { task.cancel() } }
    }
}
