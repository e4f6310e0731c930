/// Steps of one counter, gathered where only one thread counts and added together at the end.
///
/// ```swift
/// var read = bytesRead.batch()
/// for block in blocks { read.increment(by: block.count) }
/// read.flush()                       // or when it goes out of scope
/// ```
public struct CounterBatch: ~Copyable, Sendable {
    private let counter: Counter
    /// What is not added yet.
    public private(set) var pending = 0

    init(_ counter: Counter) { self.counter = counter }

    deinit { if pending > 0 { counter.increment(by: pending) } }

    /// Counts a step, or several; a negative number is passed on to the counter, which does not take it.
    @inline(__always)
    public mutating func increment(by amount: Int = 1) {
        let (sum, overflow) = pending.addingReportingOverflow(amount)
        if amount < 0 || overflow { return counter.increment(by: amount) }
        pending = sum
    }

    /// Adds what was gathered so far.
    public mutating func flush() {
        counter.increment(by: pending)
        pending = 0
    }
}

extension Counter {
    /// Begins a batch of steps.
    public func batch() -> CounterBatch { CounterBatch(self) }
}
