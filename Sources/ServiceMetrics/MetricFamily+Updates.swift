/// Updates straight through a family: as `with(…)` and the update, but the series is not retained in between, which threads
/// that meet at one would feel.
extension MetricFamily where Child == Counter {
    /// Adds to the counter of this label's value.
    public func increment(_ first: String, by amount: Int = 1) {
        guard let found = core.find(first) else { return with(first).increment(by: amount) }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Counter.self).increment(by: amount) }
    }

    /// Adds to the counter of these labels' values.
    public func increment(_ first: String, _ second: String, by amount: Int = 1) {
        guard let found = core.find(first, second) else { return with(first, second).increment(by: amount) }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Counter.self).increment(by: amount) }
    }

    /// Adds to the counter of these labels' values.
    public func increment(_ first: String, _ second: String, _ third: String, by amount: Int = 1) {
        guard let found = core.find(first, second, third) else {
            return with(first, second, third).increment(by: amount)
        }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Counter.self).increment(by: amount) }
    }

    /// Adds to the counter of these labels' values.
    public func increment(_ first: String, _ second: String, _ third: String, _ fourth: String, by amount: Int = 1) {
        guard let found = core.find(first, second, third, fourth) else {
            return with(first, second, third, fourth).increment(by: amount)
        }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Counter.self).increment(by: amount) }
    }
}

extension MetricFamily where Child == Histogram {
    /// Observes a value at the histogram of this label's value.
    public func observe(_ first: String, value: Double) {
        guard let found = core.find(first) else { return with(first).observe(value) }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Histogram.self).observe(value) }
    }

    /// Observes a value at the histogram of these labels' values.
    public func observe(_ first: String, _ second: String, value: Double) {
        guard let found = core.find(first, second) else { return with(first, second).observe(value) }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Histogram.self).observe(value) }
    }

    /// Observes a value at the histogram of these labels' values.
    public func observe(_ first: String, _ second: String, _ third: String, value: Double) {
        guard let found = core.find(first, second, third) else { return with(first, second, third).observe(value) }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Histogram.self).observe(value) }
    }

    /// Observes a value at the histogram of these labels' values.
    public func observe(_ first: String, _ second: String, _ third: String, _ fourth: String, value: Double) {
        guard let found = core.find(first, second, third, fourth) else {
            return with(first, second, third, fourth).observe(value)
        }
        found._withUnsafeGuaranteedRef { unsafeDowncast($0, to: Histogram.self).observe(value) }
    }
}
