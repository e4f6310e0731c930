public import ServiceMetrics
public import Tracing

extension Exemplar {
    /// The trace a task is in, as an exemplar; `nil` where there is none.
    ///
    /// ```swift
    /// if let exemplar = Exemplar(trace: .current) { histogram.observe(seconds, exemplar: exemplar) }
    /// ```
    /// The instrument is asked for a W3C `traceparent`, which tracers of any make write; only sampled traces count, as
    /// no other can be looked up.
    /// - Parameters:
    ///   - context: `ServiceContext.current` for the task's own.
    ///   - instrument: The one the process was bootstrapped with, by default.
    ///   - timestamp: Seconds since 1970, where it is to be shown.
    public init?(
        trace context: ServiceContext?, instrument: any Instrument = InstrumentationSystem.instrument,
        timestamp: Double? = nil
    ) {
        guard let context else { return nil }
        var headers: [String: String] = [:]
        instrument.inject(context, into: &headers, using: HeaderInjector())
        let parts = headers["traceparent"]?.split(separator: "-") ?? []
        guard parts.count >= 4, parts[1].utf8.count == 32, parts[2].utf8.count == 16,
            let flags = UInt8(parts[3], radix: 16), flags & 1 == 1
        else { return nil }
        self.init(["trace_id": String(parts[1]), "span_id": String(parts[2])], timestamp: timestamp)
    }
}

/// Writes what an instrument says into a dictionary.
private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
}
